/** Does a piece of work again and again, through outages of the store and conflicts with other processes, until the signal. */
import { setTimeout as sleep } from 'node:timers/promises';
import { VigiaError } from '../../core/errors.ts';
import type { Parts } from '../parts.ts';

const LONGEST_PAUSE_MS = 5_000;

export interface Steady {
  name: string;
  signal: AbortSignal;
  /** Pause when there was nothing to do. */
  pauseMs: number;
  /** Leaves the start of the process to what cannot wait. */
  firstMs?: number;
  /** True when there may be more to do at once. */
  work: () => Promise<boolean>;
}

/** The next try may go well: the store was away, or another process came first. */
export const isPassing = (cause: unknown): cause is VigiaError =>
  cause instanceof VigiaError && ['remote', 'conflict'].includes(cause.code);

/** Everything that `work` does can be repeated; an error that is a bug of ours still ends the process. */
export async function steadily(
  { log, metrics }: Parts,
  { name, signal, pauseMs, firstMs = 0, work }: Steady,
): Promise<void> {
  let failures = 0;
  if (firstMs > 0) await sleep(firstMs, undefined, { signal }).catch(() => undefined);
  while (!signal.aborted) {
    try {
      const more = await work();
      if (failures > 0) log.info(`${name}: goes on after ${failures} failures`);
      failures = 0;
      if (more) continue;
    } catch (cause) {
      if (!isPassing(cause)) throw cause;
      failures += 1;
      metrics.count('vigia_store_errors_total', { stage: name });
      if (failures === 1) log.warn(`${name}: ${cause.message}; trying again`);
    }
    const pause =
      failures === 0 ? pauseMs : Math.random() * Math.min(LONGEST_PAUSE_MS, pauseMs * 2 ** failures);
    await sleep(pause, undefined, { signal }).catch(() => undefined);
  }
}
