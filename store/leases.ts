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

interface Renewal {
  underWay: Promise<boolean>;
  next?: Promise<boolean>;
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

  async function renewed(lease: Lease): Promise<boolean> {
    // A lost answer to an earlier renewal shows as a conflict with ourselves: look again before giving up.
    for (let attempt = 0; attempt < 3; attempt++) {
      const held = await slots.get(lease.name);
      if (!held || !isHeldBy(lease, held.record)) return false;
      if (await slots.put(lease.name, { ...held.record, beat: held.record.beat + 1 }, held.version))
        return true;
    }
    return false;
  }

  /**
   * By lease the renewal under way, and the one behind it. Branches of one run ask at once: each for itself they would meet as
   * conflicts, and one of them would take the lease for lost. Whoever asks meanwhile shares the next one, which begins after the question.
   */
  const renewals = new Map<string, Renewal>();

  function begin(key: string, lease: Lease): Promise<boolean> {
    const own: Renewal = {
      underWay: renewed(lease).finally(() => {
        if (own.next === undefined) renewals.delete(key);
      }),
    };
    renewals.set(key, own);
    return own.underWay;
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
    renew(lease) {
      const key = `${lease.fence}/${lease.name}`;
      const before = renewals.get(key);
      if (before === undefined) return begin(key, lease);
      const then = () => begin(key, lease);
      before.next ??= before.underWay.then(then, then);
      return before.next;
    },
    async release(lease) {
      // A renewal of our own may come between; when somebody else does, the lease is theirs and released just as well.
      for (let attempt = 0; attempt < 3; attempt++) {
        const held = await slots.get(lease.name);
        if (!held || !isHeldBy(lease, held.record)) return;
        if (await slots.put(lease.name, { ...held.record, owner: '' }, held.version)) return;
      }
    },
  };
}

const isHeldBy = (lease: Lease, record: LeaseRecord): boolean =>
  record.owner === lease.owner && record.fence === lease.fence;
