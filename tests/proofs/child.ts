/** The process that proofs kill: the service's collect and detect roles, stopping where its parent asks for a cut. */
import type { WriteStage } from '../../collectors/run.ts';
import { serve } from '../../server/serve.ts';
import { readSettings } from '../../server/settings.ts';

/** `{stage, after}`: stop for ever after the `after`-th write of that stage, and tell the parent. */
interface Cut {
  stage: WriteStage;
  after: number;
}

process.env['VIGIA_LOG'] ??= 'error';
const [settingsFile, cutText] = process.argv.slice(2);
const cut = cutText ? (JSON.parse(cutText) as Cut) : undefined;
const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());
// A proof that was ended itself leaves nobody behind; listening for it must not keep the process.
process.once('disconnect', () => process.exit(1));
process.channel?.unref();
let seen = 0;

await serve(readSettings(settingsFile), {
  roles: ['collect', 'detect'],
  signal: stop.signal,
  ready: () => process.send?.({ ready: true }),
  delivery: {
    batchBytes: 64 * 1_024,
    observe: ({ newestMs, read, source }) => void process.send?.({ newestMs, read, source }),
    async onWrite(stage, _source, number) {
      if (stage === 'checkpoint') process.send?.({ checkpoint: number, rss: process.memoryUsage().rss });
      if (cut === undefined || stage !== cut.stage || ++seen < cut.after) return;
      process.send?.({ cut: stage });
      await new Promise(() => setInterval(() => undefined, 60_000));
    },
  },
});
