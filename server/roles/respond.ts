/** Wakes incidents, executes approved runs, and goes on with those that another process left half-way; started steps are verified, never repeated. */
import type { Parts } from '../parts.ts';
import { steadily } from './steadily.ts';
import { wakeDue } from './wake.ts';

const POLL_MS = 2_000;

export async function respond(parts: Parts, { signal }: { signal: AbortSignal }): Promise<void> {
  return steadily(parts, {
    name: 'respond',
    signal,
    pauseMs: POLL_MS,
    async work() {
      await wakeDue(parts);
      for (const { id } of await parts.playbooks.unfinished()) parts.execute(id);
      return false;
    },
  });
}
