/** Waiting between attempts: exponential with full jitter, so that many writers do not come back at the same moment. */
import { setTimeout as sleep } from 'node:timers/promises';

export interface Backoff {
  firstMs: number;
  mostMs: number;
  /** After this long the caller gives up. */
  giveUpMs: number;
}

export const patient: Backoff = { firstMs: 100, mostMs: 10_000, giveUpMs: 60_000 };

/** `wait()` answers false when there is no time left. */
export function attempts(backoff: Backoff, signal?: AbortSignal): { wait(): Promise<boolean> } {
  const startMs = performance.now();
  let ceilingMs = backoff.firstMs;
  return {
    async wait() {
      const waitMs = Math.random() * ceilingMs;
      if (performance.now() + waitMs - startMs > backoff.giveUpMs) return false;
      ceilingMs = Math.min(ceilingMs * 2, backoff.mostMs);
      await sleep(waitMs, undefined, signal ? { signal } : {});
      return true;
    },
  };
}
