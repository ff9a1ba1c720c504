/**
 * Chooses the number of shards by volume: an index gets it when it is made and keeps it, so the coming ones are made ahead, as
 * large as the last ones say. What is not made ahead (a small dataset, an old month) is made by its first event, with one shard.
 */
import type { Client } from '@elastic/elasticsearch';
import { type DailyFrom, periodOf } from '../../core/partition.ts';
import type { LaidOut } from '../../core/store.ts';
import { partitionPeriod, partitionStart } from '../partition-end.ts';
import { remotely } from './connection.ts';
import { createIndex } from './create-index.ts';
import type { Names } from './names.ts';

/** The middle of what Elastic's page "Size your shards" advises, 10 to 50 GB. */
export const SHARD_BYTES = 30e9;
/** Elasticsearch makes no index of more. */
const MOST_SHARDS = 1_024;
const HOUR_MS = 3_600_000;
/** Events up to a day ahead of the clock are taken, and whoever does this may be away for some hours. */
const AHEAD_MS = 48 * HOUR_MS;
/** A period that has only just begun says little about its end. */
const TELLING = 0.1;

export interface LayOutOptions {
  dataset: string;
  /** ISO time. */
  now: string;
  daily: DailyFrom | undefined;
  shardBytes: number;
}

export async function layOut(
  client: Client,
  names: Names,
  { dataset, now, daily, shardBytes }: LayOutOptions,
): Promise<LaidOut[]> {
  const nowMs = Date.parse(now);
  const start = partitionStart(dataset);
  const { indices = {} } = await remotely('read index sizes', () =>
    client.indices.stats({
      index: `${names.partition(start)}*`,
      metric: 'store',
      filter_path: 'indices.*.primaries.store.size_in_bytes',
    }),
  );
  const sizes = Object.entries(indices).map(([index, { primaries }]) => ({
    partition: names.partitionOf(index),
    bytes: primaries?.store?.size_in_bytes ?? 0,
  }));
  const bytesPerMs = rateOf(sizes, start, nowMs);
  const made: LaidOut[] = [];
  for (const partition of comingPartitions(dataset, start, nowMs, daily)) {
    if (sizes.some((one) => one.partition === partition)) continue;
    const { fromMs, endMs } = partitionPeriod(partition, start)!;
    const bytes = Math.round(bytesPerMs * (endMs - fromMs));
    const shards = Math.min(MOST_SHARDS, Math.ceil(bytes / shardBytes));
    if (shards > 1 && (await createIndex(client, names.partition(partition), { number_of_shards: shards })))
      made.push({ partition, shards, bytes });
  }
  return made;
}

/** The most that any of the last periods took: the month or day that runs, as far as it tells, and the ones before it. */
function rateOf(
  sizes: readonly { partition: string; bytes: number }[],
  start: string,
  nowMs: number,
): number {
  const rates = sizes.flatMap(({ partition, bytes }) => {
    const period = partitionPeriod(partition, start);
    if (!period) return [];
    const { fromMs, endMs } = period;
    const elapsedMs = Math.min(endMs, nowMs) - fromMs;
    const isRecent = endMs > nowMs - 2 * (endMs - fromMs);
    return isRecent && elapsedMs >= TELLING * (endMs - fromMs) ? [bytes / elapsedMs] : [];
  });
  return Math.max(0, ...rates);
}

/** Those that begin soon. */
function comingPartitions(
  dataset: string,
  start: string,
  nowMs: number,
  daily: DailyFrom | undefined,
): string[] {
  const partitions = new Set<string>();
  for (let at = nowMs; at <= nowMs + AHEAD_MS; at += HOUR_MS) {
    const partition = start + periodOf(new Date(at).toISOString(), dataset, daily);
    if (partitionPeriod(partition, start)!.fromMs > nowMs) partitions.add(partition);
  }
  return [...partitions];
}
