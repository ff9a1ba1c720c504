/**
 * Which correlation groups are this process's work: groups are spread over partitions by their hash, and each partition is
 * held under a lease. Processes see each other's beats and share the partitions evenly; the leases decide when they disagree.
 */
import { randomUUID } from 'node:crypto';
import type { Progress } from '../../core/documents.ts';
import { errors, VigiaError } from '../../core/errors.ts';
import { findAll } from '../../core/find-all.ts';
import type { Lease, Stored } from '../../core/store.ts';
import type { Parts } from '../parts.ts';

export const PARTITIONS = 8;
/** Another process takes over what a dead one held after this time. */
const LEASE_MS = 15_000;
const BEAT_MS = 3_000;
const FORGET_MS = 20 * LEASE_MS;
const MEMBER = 'detect-member:';

/** The hash that ends the key of a group spreads groups evenly. */
export const partitionOf = (group: string): number => Number.parseInt(group.slice(-6), 16) % PARTITIONS;

export interface Shares {
  /** Beats, looks for others, and takes or gives partitions; call it between rounds of work. */
  tend(): Promise<void>;
  /** Partitions, each with the fence of its lease: another fence means that somebody else may have worked on it meanwhile. */
  held(): ReadonlyMap<number, number>;
  /** Throws when this process may have lost one of its partitions. */
  check(): void;
  close(): Promise<void>;
}

/** Only one process has an embedded store open. */
const everything: Shares = {
  tend: async () => undefined,
  held: () => new Map(Array.from({ length: PARTITIONS }, (_, partition) => [partition, 0])),
  check: () => undefined,
  close: async () => undefined,
};

export function openShares({ store, log }: Parts): Shares {
  if (!store.capabilities.shared) return everything;
  const { documents, leases } = store;
  const owner = randomUUID();
  const held = new Map<number, { lease: Lease; untilMs: number }>();
  const members = new Map<string, { at: string; sinceMs: number }>();
  let own: Stored<Progress> | undefined;
  let beat = 0;
  let nextMs = 0;
  const nowMs = () => performance.now();

  async function beatOwn(): Promise<void> {
    const body: Progress = { positions: { beat: ++beat }, at: String(beat) };
    const id = `${MEMBER}${owner}`;
    if (own) {
      const { version } = own;
      own = undefined;
      own = { id, body, version: await documents.update('progress', id, body, version) };
      return;
    }
    await documents.create('progress', id, body);
    own = await documents.get('progress', id);
  }

  /** Ids of living members; clocks are not compared, only whether a beat changes. */
  async function living(): Promise<string[]> {
    const found = (await findAll(documents, 'progress')).filter(({ id }) => id.startsWith(MEMBER));
    for (const { id, body, version } of found) {
      const known = members.get(id);
      if (known?.at !== body.at) members.set(id, { at: body.at, sinceMs: nowMs() });
      else if (nowMs() - known.sinceMs > FORGET_MS)
        await documents.delete('progress', id, version).catch(() => undefined);
    }
    const alive = found.map(({ id }) => id).filter((id) => nowMs() - members.get(id)!.sinceMs < LEASE_MS);
    return [...new Set([...alive, `${MEMBER}${owner}`])].sort();
  }

  async function renew(partition: number): Promise<void> {
    const one = held.get(partition);
    const startMs = nowMs();
    if (!one) return;
    if (await leases.renew(one.lease)) one.untilMs = startMs + LEASE_MS;
    else if (held.get(partition) === one) held.delete(partition);
  }

  // In the background, because a round of work may take longer than a lease lasts.
  const renewing = setInterval(() => {
    for (const partition of held.keys()) void renew(partition).catch(() => undefined);
  }, BEAT_MS);
  renewing.unref();

  async function take(partition: number): Promise<void> {
    const startMs = nowMs();
    const lease = await leases.acquire(`detect-${partition}`, owner, LEASE_MS);
    if (lease) held.set(partition, { lease, untilMs: startMs + LEASE_MS });
  }

  async function give(partition: number): Promise<void> {
    const one = held.get(partition);
    held.delete(partition);
    if (one) await leases.release(one.lease);
  }

  return {
    async tend() {
      for (const [partition, { untilMs }] of held) if (untilMs < nowMs()) held.delete(partition);
      if (nowMs() < nextMs) return;
      await beatOwn();
      const alive = await living();
      const isMine = (partition: number) => alive[partition % alive.length] === `${MEMBER}${owner}`;
      const before = held.size;
      const all = Array.from({ length: PARTITIONS }, (_, partition) => partition);
      await Promise.all(
        all.map((partition) => {
          if (held.has(partition)) return isMine(partition) ? undefined : give(partition);
          return isMine(partition) ? take(partition) : undefined;
        }),
      );
      if (held.size !== before)
        log.info(`detect: works on ${held.size} of ${PARTITIONS} partitions, ${alive.length} processes`);
      nextMs = nowMs() + BEAT_MS;
    },
    held: () => new Map([...held].map(([partition, { lease }]) => [partition, lease.fence])),
    check() {
      for (const { untilMs } of held.values())
        if (untilMs < nowMs()) throw errors.conflict('the lease of a partition of correlation groups');
    },
    async close() {
      clearInterval(renewing);
      const releasing = [...held.keys()].map(give);
      if (own) releasing.push(documents.delete('progress', own.id, own.version));
      await Promise.all(releasing).catch((cause) => {
        if (!(cause instanceof VigiaError)) throw cause;
      });
    },
  };
}
