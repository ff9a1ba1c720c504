/** Asks for a proof again while it is not there yet: a host that restarts answers nobody for minutes. */
import { setTimeout as sleep } from 'node:timers/promises';
import { VigiaError } from '../../core/errors.ts';
import type { Proof } from '../action.ts';
import type { Engine } from './engine.ts';

export const PAUSE_MS = 5_000;

/** At least once; what the last question gave is the answer, also when it is that nobody answers. */
export async function patiently(
  { monotonic, wait = pause }: Pick<Engine, 'monotonic' | 'wait'>,
  patienceMs: number,
  ask: () => Promise<Proof>,
): Promise<Proof> {
  const until = monotonic() + patienceMs;
  const { signal } = new AbortController();
  for (;;) {
    const isLast = monotonic() >= until;
    try {
      const proof = await ask();
      if (isLast || proof.outcome === 'proven') return proof;
    } catch (cause) {
      if (isLast || !(cause instanceof VigiaError)) throw cause;
    }
    await wait(PAUSE_MS, signal);
  }
}

const pause = (ms: number, signal: AbortSignal): Promise<void> => sleep(ms, undefined, { signal });
