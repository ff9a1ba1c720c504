/** Slides a window over the matches of one group and says where a correlation's condition holds (section 10 of the language). */
import { isWithin } from './correlation.ts';
import { measures } from './measures.ts';
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
      satisfied.push({ first: firstOfOrder(rule, points, first), last, value });
  }
  return satisfied;
}

/** What came before the first step of an ordered correlation is not part of it. */
function firstOfOrder(rule: CorrelationRule, points: readonly Point[], first: number): number {
  if (rule.type !== 'temporal_ordered' || rule.expression !== undefined) return first;
  return Math.max(
    first,
    points.findIndex((point, at) => at >= first && point.rule === rule.rules[0]),
  );
}

/** Temporal correlations without a condition need every rule. */
function boundsOf(rule: CorrelationRule): Bounds {
  const isTemporal = rule.type === 'temporal' || rule.type === 'temporal_ordered';
  if (!isTemporal || Object.keys(rule.bounds).length > 0) return rule.bounds;
  return { gte: rule.type === 'temporal' ? new Set(rule.rules).size : rule.rules.length };
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
