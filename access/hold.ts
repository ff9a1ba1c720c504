/** One process works on an access at a time. The deadline is checked on a monotonic clock right before each change of a target. */
import { VigiaError } from '../core/errors.ts';
import type { ChangeCalls } from '../targets/calls.ts';
import { keepingDeeds } from '../targets/deeds.ts';
import type { Engine } from './engine.ts';

/**
 * Longer than any one call on a target may take (their time limits are in the settings). What remains: a call that was
 * sent in time and arrives after the lease ended. Targets know no fencing number, so this window cannot be closed.
 */
export const LEASE_MS = 60_000;

export interface Held {
  /** Throws when the lease is over, otherwise renews it: what follows has the whole time again. */
  check(): Promise<void>;
  readonly calls: ChangeCalls;
}

/** Undefined when somebody else works on it. */
export async function holding<T>(
  engine: Engine,
  id: string,
  use: (held: Held) => Promise<T>,
): Promise<T | undefined> {
  const { leases } = engine.store;
  // Counted from before the request, so that we never believe to hold it longer than the store does.
  let deadline = engine.monotonic() + LEASE_MS;
  const lease = await leases.acquire(`access/${id}`, engine.owner, LEASE_MS);
  if (lease === undefined) return undefined;
  const check = async (): Promise<void> => {
    const now = engine.monotonic();
    if (now >= deadline || !(await leases.renew(lease))) throw lost(id);
    deadline = now + LEASE_MS;
    if (engine.monotonic() >= deadline) throw lost(id);
  };
  const calls = keepingDeeds(engine, id, {
    async before(call) {
      await engine.cut(`before ${call}`);
      await check();
    },
    after: (call) => engine.cut(`after ${call}`),
  });
  try {
    return await use({ check, calls });
  } finally {
    await leases.release(lease);
  }
}

const LOST = 'lease-lost';
export const lost = (id: string) =>
  new VigiaError(`this process no longer holds ${id}; nothing more was sent to the target`, {
    code: LOST,
    exitCode: 1,
    status: 409,
    hint: 'whoever goes on asks the target first',
  });
export const isLost = (error: unknown): boolean => error instanceof VigiaError && error.code === LOST;
