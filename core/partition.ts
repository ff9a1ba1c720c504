/** Chooses the partition of an event from its own time, so that a resend meets the same one (design section 5, Indices). */
import type { Event } from './event.ts';

/** Elasticsearch index names and SQLite partitions: lower case, only letters, digits, `_`, `.`, `-`. */
const plain = (dataset: string) =>
  dataset
    .toLowerCase()
    .replace(/[^a-z0-9_.]/g, '_')
    .slice(0, 100);

export interface PartitionContext {
  /** When the record was read, epoch milliseconds. */
  readMs: number;
  /** Start of retention, epoch milliseconds; older events are dead-lettered by the caller. */
  retentionStartMs: number;
}

const DAY_MS = 86_400_000;

/** `vigia-events-<dataset>-<yyyy.mm>`; `…-undated` for times outside [retention start, read time + 1 day]. */
export function partitionOf(event: Event, context: PartitionContext): string {
  const timeMs = Date.parse(event['@timestamp']);
  const prefix = `vigia-events-${plain(event.event.dataset)}`;
  const dated =
    timeMs >= context.retentionStartMs &&
    timeMs <= context.readMs + DAY_MS &&
    !event.vigia?.clock?.includes('missing');
  return dated
    ? `${prefix}-${event['@timestamp'].slice(0, 4)}.${event['@timestamp'].slice(5, 7)}`
    : `${prefix}-undated`;
}
