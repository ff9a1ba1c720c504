/** Wakes incidents, gives and ends privileged access, starts what may start by itself, executes approved runs, and goes on with those that another process left half-way; started steps are verified, never repeated. */
import { lookAtOnCall } from '../on-call.ts';
import type { Parts } from '../parts.ts';
import { attendToRuns, startAutomatic } from '../run-concerns.ts';
import { advanceDue } from './advance-access.ts';
import { retainOnce } from './retain.ts';
import { steadily } from './steadily.ts';
import { wakeDue } from './wake.ts';

const POLL_MS = 2_000;
const RETAIN_LOOK_MS = 60_000;
const ATTEND_MS = 15_000;
const SETTLE_MS = 60_000;
const REACH_MS = 3_600_000;

export async function respond(parts: Parts, { signal }: { signal: AbortSignal }): Promise<void> {
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const each = (name: string, pauseMs: number, work: () => Promise<unknown>, firstMs = 0) =>
    steadily(parts, {
      ...{ name, signal: either, pauseMs, firstMs },
      work: async () => {
        await work();
        return false;
      },
    });
  const all = [
    each('respond', POLL_MS, async () => {
      await wakeDue(parts);
      await startAutomatic(parts);
      for (const { id } of await parts.playbooks.unfinished()) parts.execute(id);
    }),
    // Beside it: one target that does not answer must not keep access on another from ending.
    each('access', POLL_MS, () => advanceDue(parts)),
    // Beside it: what stands still must be noticed also when starting something fails again and again.
    each('attend', ATTEND_MS, () => attendToRuns(parts)),
    // Beside it: dropping many events takes its time, and runs must not wait for it.
    each('retain', RETAIN_LOOK_MS, () => retainOnce(parts), RETAIN_LOOK_MS),
    // Incidents and advisories change how urgent a patch is, and the other way round.
    each('patch-tasks', SETTLE_MS, () => parts.patchTasks.settle()),
    // Before they are needed: a chain that reaches nobody is found while there is time to mend it.
    each('on-call', REACH_MS, () => lookAtOnCall(parts)),
  ];
  await Promise.all(all).finally(() => {
    failed.abort();
    return Promise.allSettled(all);
  });
}
