/** Leases over any place that can write a record only if it is unchanged: one algorithm for both stores. */
import type { Lease, LeaseStore } from '../core/store.ts';

/** What is stored under the name of a lease. It stays when the lease is released, so that the fence keeps growing. */
export interface LeaseRecord {
  /** Empty when released. */
  owner: string;
  fence: number;
  /** Grows with each renewal: who watches the record sees that the owner lives. */
  beat: number;
  ttlMs: number;
}

/** The place where lease records are kept. `put` answers false when the record is not at `version` any more (undefined = absent). */
export interface LeaseSlots {
  get(name: string): Promise<{ record: LeaseRecord; version: string } | undefined>;
  put(name: string, record: LeaseRecord, version: string | undefined): Promise<boolean>;
}

/**
 * A lease has expired when this process has seen the same fence and beat for the whole time to live, by its own monotonic
 * clock `now` (milliseconds). Clocks of different machines are never compared; a process that looks for the first time waits.
 */
export function leasesOver(slots: LeaseSlots, now: () => number): LeaseStore {
  const seen = new Map<string, { fence: number; beat: number; sinceMs: number }>();

  function hasExpired(name: string, record: LeaseRecord): boolean {
    const known = seen.get(name);
    if (known?.fence === record.fence && known.beat === record.beat)
      return now() - known.sinceMs >= record.ttlMs;
    seen.set(name, { fence: record.fence, beat: record.beat, sinceMs: now() });
    return false;
  }

  return {
    async acquire(name, owner, ttlMs) {
      const held = await slots.get(name);
      if (held && held.record.owner !== '' && !hasExpired(name, held.record)) return undefined;
      const fence = (held?.record.fence ?? 0) + 1;
      if (!(await slots.put(name, { owner, fence, beat: 0, ttlMs }, held?.version))) return undefined;
      seen.delete(name);
      return { name, owner, fence };
    },
    async renew(lease) {
      // A lost answer to an earlier renewal shows as a conflict with ourselves: look again before giving up.
      for (let attempt = 0; attempt < 3; attempt++) {
        const held = await slots.get(lease.name);
        if (!held || !isHeldBy(lease, held.record)) return false;
        if (await slots.put(lease.name, { ...held.record, beat: held.record.beat + 1 }, held.version))
          return true;
      }
      return false;
    },
    async release(lease) {
      const held = await slots.get(lease.name);
      if (!held || !isHeldBy(lease, held.record)) return;
      // Losing this race means that somebody took the lease over meanwhile, which releases it just as well.
      await slots.put(lease.name, { ...held.record, owner: '' }, held.version);
    },
  };
}

const isHeldBy = (lease: Lease, record: LeaseRecord): boolean =>
  record.owner === lease.owner && record.fence === lease.fence;
