/**
 * Numeric baseline of one entity: a bucket of time against the earlier ones, by median and median absolute deviation, which a few
 * wild buckets do not move. Pure.
 *
 * Modified z-score after Iglewicz and Hoaglin, "How to Detect and Handle Outliers" (1993): with x̃ the median and MAD the median
 * of |x − x̃|, M = 0.6745 (x − x̃) / MAD; they call 3.5 an outlier. `deviation` is compared with M, so the limit is
 * x̃ + deviation × 1.4826 × MAD. Where more than half of the buckets are equal, MAD is 0; then the mean absolute deviation
 * stands in, with its factor √(π/2) = 1.2533, which makes both the standard deviation of a normal distribution.
 */
import { type Alert, EVIDENCE_LIMIT, type Match } from '../../core/documents.ts';
import { hashId } from '../../core/ids.ts';
import type { Baseline } from '../engine/extensions/index.ts';
import type { DetectionRule } from '../engine/rule.ts';
import { mergeEntities } from '../entities.ts';
import { ruleRef } from '../evaluate.ts';

const OF_MEDIAN = 1.4826;
const OF_MEAN = 1.2533;
const HOUR_MS = 3_600_000;

/** The beginning of the bucket in which a moment lies. */
export const bucketOf = ({ bucketMs }: Baseline, atMs: number): number =>
  Math.floor(atMs / bucketMs) * bucketMs;

/** What one match adds. */
export function amountOf({ sum }: Baseline, match: Match): number {
  if (sum === undefined) return 1;
  const amount = Number(match.group[match.rule.id]?.values[0] ?? 0);
  return Number.isFinite(amount) && amount > 0 ? amount : 0;
}

/** Each event counts once, also when an edited rule matched it again. */
export function countBuckets(baseline: Baseline, matches: Iterable<Match>): Map<number, number> {
  const values = new Map<number, number>();
  const seen = new Set<string>();
  for (const match of matches) {
    if (seen.has(match.event.id)) continue;
    seen.add(match.event.id);
    const bucket = bucketOf(baseline, Date.parse(match.event.at));
    values.set(bucket, (values.get(bucket) ?? 0) + amountOf(baseline, match));
  }
  return values;
}

/** The earlier buckets that one is compared with; those without matches are 0. */
export function historyOf(
  baseline: Baseline,
  amountIn: (bucket: number) => number,
  bucket: number,
): number[] {
  const { bucketMs, overMs, same } = baseline;
  const stepMs = { any: bucketMs, hour: 24 * HOUR_MS, 'weekday-hour': 7 * 24 * HOUR_MS }[same];
  const history: number[] = [];
  for (let at = bucket - stepMs; at >= bucket - overMs; at -= stepMs) history.push(amountIn(at));
  return history;
}

export interface Usual {
  median: number;
  /** More than this is unusual. */
  limit: number;
}

export function usualOf(history: readonly number[], deviation: number): Usual {
  const median = medianOf(history);
  const apart = history.map((value) => Math.abs(value - median));
  const spread =
    OF_MEDIAN * medianOf(apart) || (OF_MEAN * apart.reduce((sum, one) => sum + one, 0)) / apart.length;
  return { median, limit: median + deviation * spread };
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Undefined when the bucket is usual. */
export function unusual(
  baseline: Baseline,
  amountIn: (bucket: number) => number,
  bucket: number,
): (Usual & { value: number; compared: number }) | undefined {
  const value = amountIn(bucket);
  if (value < baseline.atLeast) return undefined;
  const history = historyOf(baseline, amountIn, bucket);
  const usual = usualOf(history, baseline.deviation);
  return value > usual.limit ? { ...usual, value, compared: history.length } : undefined;
}

export const bucketAlertId = (rule: string, key: string, bucket: number): string =>
  hashId('alert', rule, key, 'bucket', String(bucket));

/** `matches` are those of the bucket. */
export function bucketAlert(
  rule: DetectionRule,
  matches: readonly Match[],
  found: NonNullable<ReturnType<typeof unusual>> & { key: string; bucket: number },
  created: string,
): Alert {
  const baseline = rule.extensions!.baseline!;
  const byEvent = new Map(matches.map((match) => [match.event.id, match]));
  const behind = [...byEvent.values()].sort(
    (a, b) => a.event.at.localeCompare(b.event.at) || a.event.id.localeCompare(b.event.id),
  );
  const values = behind[0]?.group[rule.id]?.by ?? [];
  const by = Object.fromEntries(baseline.per.map((field, index) => [field, values[index] ?? null]));
  const about = baseline.per.map((field) => `${field} ${by[field] ?? 'missing'}`).join(', ');
  const { value, median, limit, compared, key, bucket } = found;
  return {
    id: bucketAlertId(rule.id, key, bucket),
    kind: 'correlation',
    rule: ruleRef(rule),
    from: behind[0]!.event.at,
    to: behind.at(-1)!.event.at,
    created,
    events: behind.slice(0, EVIDENCE_LIMIT).map(({ event }) => event.id),
    eventCount: behind.length,
    datasets: [...new Set(behind.map(({ event }) => event.dataset))].sort(),
    entities: mergeEntities(behind.flatMap(({ entities }) => entities)).slice(0, EVIDENCE_LIMIT),
    group: { key, by, value },
    detail:
      `${about}: ${rounded(value)}${baseline.sum ? ` of ${baseline.sum}` : ''} from ${new Date(bucket).toISOString()} ` +
      `in ${baseline.bucketMs / 60_000} minutes; the median of ${compared} before is ${rounded(median)}, more than ${rounded(limit)} is unusual`,
    state: 'open',
    history: [],
  };
}

const rounded = (value: number): string => String(Math.round(value * 100) / 100);
