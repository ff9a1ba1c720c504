/** The time limit of one step: afterwards nothing more is sent, and what was sent is asked about. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChangeCalls } from '../../targets/calls.ts';

export interface TimeLimit {
  /** `calls`, but none goes out once the time is over. */
  readonly calls: ChangeCalls;
  /** The answer of `act`, or an error when the time is over first: the call itself may still arrive. */
  race<T>(act: Promise<T>): Promise<T>;
}

/** `wait` is the platform's timer, or the test's. */
export function timeLimit(
  limitMs: number | undefined,
  calls: ChangeCalls,
  wait: (ms: number, signal: AbortSignal) => Promise<void> = pause,
): TimeLimit {
  if (limitMs === undefined) return { calls, race: (act) => act };
  let isOver = false;
  const over = () => new Error(`no answer within the time limit of ${limitMs / 1_000} s`);
  return {
    calls: {
      async before(call, shown) {
        if (isOver) throw over();
        await calls.before(call, shown);
      },
      after: (call) => calls.after(call),
    },
    async race(act) {
      const answered = new AbortController();
      // Its failure after the time is over is nobody's any more: the target is asked instead.
      act.catch(() => undefined);
      const timer = wait(limitMs, answered.signal).then(() => {
        isOver = true;
        throw over();
      });
      timer.catch(() => undefined);
      try {
        return await Promise.race([act, timer]);
      } finally {
        answered.abort();
      }
    },
  };
}

const pause = (ms: number, signal: AbortSignal): Promise<void> => sleep(ms, undefined, { signal });
