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
  const responding = steadily(parts, {
    name: 'respond',
    signal: either,
    pauseMs: POLL_MS,
    async work() {
      await wakeDue(parts);
      await startAutomatic(parts);
      for (const { id } of await parts.playbooks.unfinished()) parts.execute(id);
      return false;
    },
  });
  // Beside it: one target that does not answer must not keep access on another from ending.
  const ending = steadily(parts, {
    name: 'access',
    signal: either,
    pauseMs: POLL_MS,
    async work() {
      await advanceDue(parts);
      return false;
    },
  });
  // Beside it: what stands still must be noticed also when starting something fails again and again.
  const attending = steadily(parts, {
    name: 'attend',
    signal: either,
    pauseMs: ATTEND_MS,
    async work() {
      await attendToRuns(parts);
      return false;
    },
  });
  // Beside it: dropping many events takes its time, and runs must not wait for it.
  const retaining = steadily(parts, {
    name: 'retain',
    signal: either,
    pauseMs: RETAIN_LOOK_MS,
    firstMs: RETAIN_LOOK_MS,
    async work() {
      await retainOnce(parts);
      return false;
    },
  });
  // Incidents and advisories change how urgent a patch is, and the other way round.
  const settling = steadily(parts, {
    name: 'patch-tasks',
    signal: either,
    pauseMs: SETTLE_MS,
    async work() {
      await parts.patchTasks.settle();
      return false;
    },
  });
  // Before they are needed: a chain that reaches nobody is found while there is time to mend it.
  const reaching = steadily(parts, {
    name: 'on-call',
    signal: either,
    pauseMs: REACH_MS,
    async work() {
      await lookAtOnCall(parts);
      return false;
    },
  });
  const all = [responding, ending, attending, retaining, settling, reaching];
  await Promise.all(all).finally(() => {
    failed.abort();
    return Promise.allSettled(all);
  });
}
