/** Slides a window over the matches of one group and says where a correlation's condition holds (section 10 of the language). */
import { isWithin } from './correlation.ts';
import type { Bounds, CorrelationRule, RuleExpression } from './rule.ts';

/** A match, or the result of a correlation below, on the time line of one group. */
export interface Point {
  timeMs: number;
  /** The rule that matched. */
  rule: string;
  /** Ids of the events behind it. */
  events: readonly string[];
  values: readonly (string | number | null)[];
}

/** A window that satisfies the condition: points `first` to `last`, and what was measured in it. */
export interface Satisfied {
  first: number;
  last: number;
  value: number;
}

/**
 * `points` are in time order, without gaps longer than the timespan. Windows are inclusive at both ends and end at a
 * point. Conditions with an upper bound or a negation say something about a whole window, which is known only when
 * it is over: for them windows start at a point and follow one another.
 */
export function satisfiedWindows(rule: CorrelationRule, points: readonly Point[]): Satisfied[] {
  const measure = measures[rule.type](rule);
  const isWholeWindow =
    hasUpperBound(boundsOf(rule)) || (rule.expression !== undefined && hasNot(rule.expression));
  const windows = isWholeWindow ? consecutive(points, rule.timespanMs) : sliding(points, rule.timespanMs);
  const satisfied: Satisfied[] = [];
  for (const [first, last] of windows) {
    const value = measure(points, first, last);
    if (value !== undefined && holds(rule, value, points, first, last))
      satisfied.push({ first, last, value });
  }
  return satisfied;
}

/** Temporal correlations without a condition need every rule. */
function boundsOf(rule: CorrelationRule): Bounds {
  const isTemporal = rule.type === 'temporal' || rule.type === 'temporal_ordered';
  if (!isTemporal || Object.keys(rule.bounds).length > 0) return rule.bounds;
  return { gte: rule.rules.length };
}

const hasUpperBound = (bounds: Bounds): boolean =>
  bounds.lt !== undefined || bounds.lte !== undefined || bounds.eq !== undefined || bounds.neq !== undefined;

const hasNot = (expression: RuleExpression): boolean =>
  expression.op === 'not' || (expression.op !== 'rule' && expression.of.some(hasNot));

function holds(
  rule: CorrelationRule,
  value: number,
  points: readonly Point[],
  first: number,
  last: number,
): boolean {
  if (rule.expression === undefined) return isWithin(value, boundsOf(rule));
  const present = new Set<string>();
  for (let at = first; at <= last; at++) present.add(points[at]!.rule);
  return satisfies(rule.expression, present);
}

function satisfies(expression: RuleExpression, present: ReadonlySet<string>): boolean {
  if (expression.op === 'rule') return present.has(expression.id);
  if (expression.op === 'not') return !satisfies(expression.of, present);
  const isHolding = (inner: RuleExpression) => satisfies(inner, present);
  return expression.op === 'and' ? expression.of.every(isHolding) : expression.of.some(isHolding);
}

function* sliding(points: readonly Point[], timespanMs: number): Generator<[number, number]> {
  let first = 0;
  for (let last = 0; last < points.length; last++) {
    while (points[last]!.timeMs - points[first]!.timeMs > timespanMs) first++;
    yield [first, last];
  }
}

function* consecutive(points: readonly Point[], timespanMs: number): Generator<[number, number]> {
  for (let first = 0; first < points.length; ) {
    let last = first;
    while (last + 1 < points.length && points[last + 1]!.timeMs - points[first]!.timeMs <= timespanMs) last++;
    yield [first, last];
    first = last + 1;
  }
}

/** Measures the window from `first` to `last`; windows come in order, both ends only move forward. */
type Measure = (points: readonly Point[], first: number, last: number) => number | undefined;

const measures: Record<CorrelationRule['type'], (rule: CorrelationRule) => Measure> = {
  event_count: () => {
    const counts = running<string>((point) => point.events);
    return (points, first, last) => counts(points, first, last).size;
  },
  value_count: () => {
    const counts = running<string>((point) =>
      point.values.every((value) => value === null) ? [] : [JSON.stringify(point.values).toLowerCase()],
    );
    return (points, first, last) => counts(points, first, last).size;
  },
  temporal: () => {
    const counts = running<string>((point) => [point.rule]);
    return (points, first, last) => counts(points, first, last).size;
  },
  temporal_ordered: (rule) => (points, first, last) => longestChain(rule.rules, points, first, last),
  value_sum: () => (points, first, last) =>
    numbers(points, first, last)?.reduce((sum, value) => sum + value, 0),
  value_avg: () => (points, first, last) => {
    const found = numbers(points, first, last);
    return found && found.reduce((sum, value) => sum + value, 0) / found.length;
  },
  value_median: () => (points, first, last) => percentile(numbers(points, first, last), 50),
  value_percentile: (rule) => (points, first, last) =>
    percentile(numbers(points, first, last), rule.percentile),
};

/** Keeps how often each key occurs in the window while it moves: each point enters once and leaves once. */
function running<K>(
  keysOf: (point: Point) => readonly K[],
): (points: readonly Point[], first: number, last: number) => ReadonlyMap<K, number> {
  const counts = new Map<K, number>();
  let from = 0;
  let to = -1;
  return (points, first, last) => {
    while (to < last) for (const key of keysOf(points[++to]!)) counts.set(key, (counts.get(key) ?? 0) + 1);
    while (from < first) {
      for (const key of keysOf(points[from++]!)) {
        const left = counts.get(key)! - 1;
        if (left === 0) counts.delete(key);
        else counts.set(key, left);
      }
    }
    return counts;
  };
}

/** Undefined when no point of the window has a number. */
function numbers(points: readonly Point[], first: number, last: number): number[] | undefined {
  const found: number[] = [];
  for (let at = first; at <= last; at++) {
    const value = points[at]!.values[0];
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof number === 'number' && Number.isFinite(number)) found.push(number);
  }
  return found.length > 0 ? found : undefined;
}

/** Linear interpolation between the closest ranks; 50 is the median. */
function percentile(values: number[] | undefined, rank: number): number | undefined {
  if (!values) return undefined;
  values.sort((left, right) => left - right);
  const position = (rank / 100) * (values.length - 1);
  const below = values[Math.floor(position)]!;
  return below + (values[Math.ceil(position)]! - below) * (position % 1);
}

/** Most of the rules, in the order listed, whose matches follow one another in time (equal times count as following). */
function longestChain(
  rules: readonly string[],
  points: readonly Point[],
  first: number,
  last: number,
): number {
  /** By length: the earliest time at which a chain of that length can end. */
  const ends: number[] = [-Infinity];
  for (const rule of rules) {
    for (let length = ends.length - 1; length >= 0; length--) {
      const time = earliest(rule, ends[length]!, points, first, last);
      if (time !== undefined && time < (ends[length + 1] ?? Infinity)) ends[length + 1] = time;
    }
  }
  return ends.length - 1;
}

function earliest(
  rule: string,
  notBefore: number,
  points: readonly Point[],
  first: number,
  last: number,
): number | undefined {
  for (let at = first; at <= last; at++) {
    const point = points[at]!;
    if (point.rule === rule && point.timeMs >= notBefore) return point.timeMs;
  }
  return undefined;
}
