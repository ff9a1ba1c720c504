/** One process works on a run at a time. The deadline is checked on a monotonic clock right before each change of a target. */
import { errors, VigiaError } from '../../core/errors.ts';
import type { Engine } from './engine.ts';

/**
 * Longer than any one call on a target may take (their time limits are in the settings). What remains: a call that was
 * sent in time and arrives after the lease ended. Targets know no fencing number, so this window cannot be closed.
 */
export const LEASE_MS = 60_000;

/** Two may be missed before the lease is over. */
const HEARTBEAT_MS = LEASE_MS / 3;

export interface Held {
  /** Throws when the lease is over, otherwise renews it: what follows has the whole time again. */
  check(): Promise<void>;
  /** Renews it again and again while `work` goes on, which may take longer than a lease lasts. */
  during<T>(work: () => Promise<T>): Promise<T>;
  release(): Promise<void>;
}

/** Refused when somebody else works on the run. */
export async function holdRun(engine: Engine, run: string): Promise<Held> {
  // Counted from before the request, so that we never believe to hold it longer than the store does.
  let deadline = engine.monotonic() + LEASE_MS;
  const lease = await engine.store.leases.acquire(`run/${run}`, engine.owner, LEASE_MS);
  if (lease === undefined)
    throw errors.conflict(`run ${run}`, 'another process works on it; look again in a minute');
  const check = async (): Promise<void> => {
    const now = engine.monotonic();
    if (now >= deadline) throw leaseLost(run);
    if (!(await engine.store.leases.renew(lease))) throw leaseLost(run);
    deadline = now + LEASE_MS;
    if (engine.monotonic() >= deadline) throw leaseLost(run);
  };
  return {
    check,
    async during(work) {
      // A heartbeat that fails is met by the check before the next call, which says so.
      const heart = setInterval(() => void check().catch(() => undefined), HEARTBEAT_MS);
      try {
        return await work();
      } finally {
        clearInterval(heart);
      }
    },
    release: () => engine.store.leases.release(lease),
  };
}

const LOST = 'lease-lost';
const leaseLost = (run: string) =>
  new VigiaError(`this process no longer holds run ${run}; nothing more was sent to the target`, {
    code: LOST,
    exitCode: 1,
    status: 409,
    hint: 'whoever resumes the run verifies what was started',
  });

export const isLeaseLost = (error: unknown): boolean => error instanceof VigiaError && error.code === LOST;
