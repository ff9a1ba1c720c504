/** Chooses the partition of an event from its own time, so that a resend meets the same one (design section 5, Indices). */
import type { Event } from './event.ts';

/** Elasticsearch index names and SQLite partitions: lower case, only letters, digits, `_`, `.`, `-`. */
function plain(dataset: string): string {
  const known = plainNames.get(dataset);
  if (known !== undefined) return known;
  const name = dataset
    .toLowerCase()
    .replace(/[^a-z0-9_.]/g, '_')
    .slice(0, 100);
  // Senders may write what they like into it.
  if (plainNames.size >= MOST_NAMES) plainNames.clear();
  plainNames.set(dataset, name);
  return name;
}
const plainNames = new Map<string, string>();
const MOST_NAMES = 1_000;

export interface PartitionContext {
  /** When the record was read, epoch milliseconds. */
  readMs: number;
  /** Start of retention, epoch milliseconds; older events are dead-lettered by the caller. */
  retentionStartMs: number;
  /** The same of datasets that are kept shorter or longer. */
  retentionStartsMs?: Readonly<Record<string, number>>;
  /** Datasets too large for a month in one partition. */
  daily?: DailyFrom | undefined;
}

/**
 * By dataset the day (`2026-12-01`) from which on its partitions are days; months before. By event time, so that the partition of
 * an event never changes, whenever it is read: the day must lie ahead when it is written down, and stay.
 */
export type DailyFrom = Readonly<Record<string, string>>;

const DAY_MS = 86_400_000;

export const retentionStartOf = (
  dataset: string,
  { retentionStartMs, retentionStartsMs }: PartitionContext,
): number =>
  retentionStartsMs && Object.hasOwn(retentionStartsMs, dataset)
    ? retentionStartsMs[dataset]!
    : retentionStartMs;

/**
 * `vigia-events-<dataset>-<yyyy.mm>`, or `<yyyy.mm.dd>` where partitions are days; `…-undated` for times outside
 * [retention start, read time + 1 day]. `timeMs`: the event's time, for who knows it as a number.
 */
export function partitionOf(
  event: Event,
  context: PartitionContext,
  timeMs: number = Date.parse(event['@timestamp']),
): string {
  const { dataset } = event.event;
  const dated =
    timeMs >= retentionStartOf(dataset, context) &&
    timeMs <= context.readMs + DAY_MS &&
    !event.vigia?.clock?.includes('missing');
  return dated
    ? partitionAt(event['@timestamp'], dataset, context.daily)
    : `vigia-events-${plain(dataset)}-undated`;
}

/** The partition of an ISO time within retention. */
export const partitionAt = (at: string, dataset: string, daily?: DailyFrom): string =>
  `vigia-events-${plain(dataset)}-${periodOf(at, dataset, daily)}`;

/** The month or day of an ISO time, as the names of partitions end. */
export function periodOf(at: string, dataset: string, daily: DailyFrom = {}): string {
  const from = Object.hasOwn(daily, dataset) ? daily[dataset] : undefined;
  const month = `${at.slice(0, 4)}.${at.slice(5, 7)}`;
  return from !== undefined && at.slice(0, 10) >= from ? `${month}.${at.slice(8, 10)}` : month;
}
