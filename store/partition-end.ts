/** When a partition ends, read from its name (`core/partition.ts` makes the names). */
import type { Event } from '../core/event.ts';
import { type PartitionContext, partitionOf } from '../core/partition.ts';

const ALWAYS: PartitionContext = { readMs: 0, retentionStartMs: Number.POSITIVE_INFINITY };

/** `vigia-events-<dataset>-`: what the names of all partitions of a dataset begin with. */
export function partitionStart(dataset: string): string {
  // Only the dataset matters: a time before the start of retention has no month in its name.
  const event = { '@timestamp': '2000-01-01T00:00:00.000Z', event: { dataset } } as Event;
  return partitionOf(event, ALWAYS).slice(0, -'undated'.length);
}

/** First moment after a partition of months or days; undefined for `undated`, which never ends. */
export const partitionEndMs = (partition: string, start: string): number | undefined =>
  partitionPeriod(partition, start)?.endMs;

/** From the first moment of a partition to the first one after it; undefined for `undated`. */
export function partitionPeriod(
  partition: string,
  start: string,
): { fromMs: number; endMs: number } | undefined {
  const found = partition.startsWith(start)
    ? /^(\d{4})\.(\d{2})(?:\.(\d{2}))?$/.exec(partition.slice(start.length))
    : null;
  if (!found) return undefined;
  const [year, month, day] = [Number(found[1]), Number(found[2]), found[3]];
  return day === undefined
    ? { fromMs: Date.UTC(year, month - 1, 1), endMs: Date.UTC(year, month, 1) }
    : { fromMs: Date.UTC(year, month - 1, Number(day)), endMs: Date.UTC(year, month - 1, Number(day) + 1) };
}
