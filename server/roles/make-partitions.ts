/** Makes the partitions that events read now go to: the first event of a source does not wait until the store has made its own. */
import { partitionAt } from '../../core/partition.ts';
import type { Parts } from '../parts.ts';
import { originOf } from '../sources.ts';

export async function makePartitions(parts: Parts): Promise<void> {
  const { store, settings, now } = parts;
  const today = new Date(now()).toISOString();
  const datasets = settings.sources.flatMap((source) => originOf(source, parts).collector.datasets);
  await store.makePartitions(
    [...new Set(datasets)].map((dataset) => partitionAt(today, dataset, settings.dailyPartitions)),
  );
}
