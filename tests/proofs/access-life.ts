/** One life of the part that gives and ends access, which the crash proof of access ends: asks, approves, gives and ends, or goes on where another one died. */
import { appendFileSync } from 'node:fs';
import { access } from '../../access/index.ts';
import { openEmbedded } from '../../store/embedded/open.ts';
import type { TargetsSettings } from '../../targets/settings.ts';
import { type StoryAsk, tellStory } from './access-story.ts';

export interface AccessLifeOptions {
  readonly file: string;
  readonly targets: TargetsSettings;
  readonly policyFile: string;
  readonly ask: StoryAsk;
  /** Dies at this point, counting from 1; 0 never. */
  readonly cutAt: number;
  /** Receives one line for each point, so that the parent knows where it died. */
  readonly points: string;
}

export async function liveAccess(options: AccessLifeOptions): Promise<void> {
  let count = 0;
  let skipped = 0;
  const monotonic = () => performance.now() + skipped;
  const store = await openEmbedded({ file: options.file, now: monotonic });
  const desk = access({
    store,
    targets: options.targets,
    policyFile: options.policyFile,
    now: () => Date.now() + skipped,
    monotonic,
    onCut: async (point) => {
      count += 1;
      appendFileSync(options.points, `${point}\n`);
      if (count !== options.cutAt) return;
      process.kill(process.pid, 'SIGKILL');
      // Nothing may run between the request for the signal and its arrival.
      await new Promise(() => undefined);
    },
  });
  await tellStory(desk, store.documents, options.ask, (ms) => {
    skipped += ms;
  });
  await store.close();
}
