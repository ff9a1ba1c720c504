/** The process that the crash proof kills: asks for a run, approves and executes it, or goes on where another one died. */
import { appendFileSync } from 'node:fs';
import { equals } from '../../core/conditions/tree.ts';
import type { Run } from '../../core/documents.ts';
import { VigiaError } from '../../core/errors.ts';
import { LEASE_MS } from '../../playbooks/engine/lease.ts';
import { isApproved, type Playbooks, playbooks } from '../../playbooks/index.ts';
import { openEmbedded } from '../../store/embedded/open.ts';
import type { TargetsSettings } from '../../targets/settings.ts';

export interface ChildOptions {
  readonly file: string;
  readonly targets: TargetsSettings;
  readonly flowsFolder: string;
  readonly policiesFolder: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** Dies at this point, counting from 1; 0 never. */
  readonly cutAt: number;
  /** Receives one line for each point, so that the parent knows where it died. */
  readonly points: string;
}

// A person may leave a run with a step that was started and never sent; then a new run with a new approval is made.
const RUNS = 2;

async function main(options: ChildOptions): Promise<void> {
  let count = 0;
  let skipped = 0;
  const now = () => performance.now() + skipped;
  const store = await openEmbedded({ file: options.file, now });
  const vigia = playbooks({
    store,
    targets: options.targets,
    flowsFolder: options.flowsFolder,
    policiesFolder: options.policiesFolder,
    monotonic: now,
    onCut: async (point) => {
      count += 1;
      appendFileSync(options.points, `${point}\n`);
      if (count !== options.cutAt) return;
      process.kill(process.pid, 'SIGKILL');
      // Nothing may run between the request for the signal and its arrival.
      await new Promise(() => undefined);
    },
  });
  for (let round = 0; round < RUNS; round += 1) {
    const { found } = await store.documents.find('run', {
      where: equals('input.account', String(options.input['account'])),
      sort: ['-number'],
    });
    const last = found[0]?.body;
    if (last !== undefined && isEnded(last) && (isContained(last) || found.length >= RUNS)) break;
    const run =
      last === undefined || isEnded(last)
        ? await vigia.start('contain-account', options.input, 'rita')
        : last;
    if (!isApproved(run))
      await vigia.approve(run.id, { by: 'olga', roles: ['approver'], planHash: run.planHash });
    await executeWhenFree(vigia, run.id, () => {
      skipped += LEASE_MS;
    });
  }
  await store.close();
}

const isEnded = ({ state }: Run): boolean => state !== 'waiting' && state !== 'running';
/** Ending sessions can never be proven: there a person reads whether the directory did its part. */
const isContained = ({ steps }: Run): boolean =>
  steps.every(
    ({ action, outcome, detail = '' }) =>
      outcome === 'proven' || (action === 'directory.end-sessions' && /hour is forbidden/.test(detail)),
  );

/** The dead process still holds the lease: instead of sleeping, the clock of this one is moved. */
async function executeWhenFree(vigia: Playbooks, id: string, waitForLease: () => void): Promise<void> {
  try {
    await vigia.execute(id);
  } catch (cause) {
    if (!(cause instanceof VigiaError) || cause.code !== 'conflict') throw cause;
    waitForLease();
    await vigia.execute(id);
  }
}

// The parent hands over one JSON argument; its shape is the type above.
await main(JSON.parse(process.argv[2] ?? '') as ChildOptions);
