/** One process works on a run at a time. The deadline is checked on a monotonic clock right before each change of a target. */
import { errors, VigiaError } from '../../core/errors.ts';
import type { Engine } from './engine.ts';

/**
 * Longer than any one call on a target may take (their time limits are in the settings). What remains: a call that was
 * sent in time and arrives after the lease ended. Targets know no fencing number, so this window cannot be closed.
 */
export const LEASE_MS = 60_000;

/** Two may be missed before the lease is over. */
export const heartbeatMs = (leaseMs: number): number => leaseMs / 3;

export interface Held {
  /** Throws when the lease is over, otherwise renews it: what follows has the whole time again. */
  check(): Promise<void>;
  /** The same, but renews only what is half over: cheap enough for every write. */
  fence(): Promise<void>;
  /** Renews it again and again while `work` goes on, which may take longer than a lease lasts. */
  during<T>(work: () => Promise<T>): Promise<T>;
  release(): Promise<void>;
}

/** Works on a run that nobody else works on; what `use` writes with its own engine is refused once the lease is over. */
export async function holding<T>(
  engine: Engine,
  run: string,
  use: (engine: Engine, lease: Held) => Promise<T>,
): Promise<T> {
  const lease = await holdRun(engine, run);
  try {
    return await use({ ...engine, fence: lease.fence }, lease);
  } finally {
    await lease.release();
  }
}

/** Refused when somebody else works on the run. */
async function holdRun(engine: Engine, run: string): Promise<Held> {
  // Counted from before the request, so that we never believe to hold it longer than the store does.
  const { leaseMs } = engine;
  let deadline = engine.monotonic() + leaseMs;
  const lease = await engine.store.leases.acquire(`run/${run}`, engine.owner, leaseMs);
  if (lease === undefined)
    throw errors.conflict(`run ${run}`, 'another process works on it; look again in a minute');
  const expect = (): void => {
    if (engine.monotonic() >= deadline) throw leaseLost(run);
  };
  const check = async (): Promise<void> => {
    expect();
    const now = engine.monotonic();
    if (!(await engine.store.leases.renew(lease))) throw leaseLost(run);
    deadline = now + leaseMs;
    expect();
  };
  return {
    check,
    async fence() {
      if (engine.monotonic() >= deadline - leaseMs / 2) await check();
    },
    async during(work) {
      // A heartbeat that fails is met by the check before the next call, which says so.
      const heart = setInterval(() => void check().catch(() => undefined), heartbeatMs(leaseMs));
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
