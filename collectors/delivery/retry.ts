/** Waits out a store that does not answer: full jitter, doubling to 5 s, without end, until the signal. */
import { setTimeout as sleep } from 'node:timers/promises';
import { VigiaError } from '../../core/errors.ts';

const FIRST_MS = 100;
const LAST_MS = 5_000;

/** Repeats work that fails because a remote is unavailable; anything else is thrown at once. Warns once per outage. */
export async function retrying<T>(
  work: () => Promise<T>,
  { signal, warn, failed }: { signal: AbortSignal; warn: (message: string) => void; failed?: () => void },
): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (cause) {
      if (!(cause instanceof VigiaError) || cause.code !== 'remote' || signal.aborted) throw cause;
      failed?.();
      if (attempt === 0) warn(`${cause.message}; waiting for it, nothing is lost`);
      await sleep(Math.random() * Math.min(LAST_MS, FIRST_MS * 2 ** attempt), undefined, { signal }).catch(
        () => undefined,
      );
    }
  }
}
