/**
 * Drops whole partitions of events that are older than `retentionDays` (or the `retention` of their dataset), and makes the coming
 * ones of large datasets ahead, once an hour by whichever process comes first.
 */
import { randomUUID } from 'node:crypto';
import { collectors } from '../../collectors/index.ts';
import type { Parts } from '../parts.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const LEASE = 'retain';
const OWNER = randomUUID();

/**
 * Returns the names of what was dropped; nothing when somebody did it within the hour: the lease is left to expire by
 * itself. Events without a usable time (`…-undated`) stay, and so do incidents, alerts, dead letters and the audit trail.
 */
export async function retainOnce({ store, settings, audit, log, now }: Parts): Promise<string[]> {
  const lease = await store.leases.acquire(LEASE, OWNER, HOUR_MS);
  if (!lease) return [];
  const today = new Date(now()).toISOString();
  const dropped: string[] = [];
  try {
    for (const dataset of new Set(collectors.flatMap((one) => one.datasets))) {
      const days = Object.hasOwn(settings.retention, dataset)
        ? settings.retention[dataset]!
        : settings.retentionDays;
      const before = new Date(now() - days * DAY_MS).toISOString();
      for (const { partition, shards, bytes } of await store.layOut(dataset, today, settings.dailyPartitions))
        log.info(`made ${partition} ahead with ${shards} shards, for about ${Math.round(bytes / 1e9)} GB`);
      const partitions = await store.retain(dataset, before);
      if (partitions.length === 0) continue;
      dropped.push(...partitions);
      log.info(`retention: dropped ${partitions.join(', ')} (events before ${before})`);
      await audit.record({
        who: 'vigia',
        action: 'events.retain',
        target: dataset,
        details: { before, retentionDays: days, partitions },
      });
    }
    return dropped;
  } catch (cause) {
    // So that the next try need not wait for the hour. A store that is away cannot take it back either: then it waits.
    await store.leases.release(lease).catch(() => log.warn('retention: goes on in an hour'));
    throw cause;
  }
}
