/** Moves a window over the points of one group and says where a correlation's condition holds (section 10 of the language). */
import type { Entity, Match } from '../../core/documents.ts';
import { isWithin } from './correlation.ts';
import { type Measure, measures } from './measures.ts';
import type { Bounds, CorrelationRule, RuleExpression } from './rule.ts';

/** An event behind a point. */
export interface Sighting {
  id: string;
  at: string;
  timeMs: number;
  dataset: string;
  entities: readonly Entity[];
}

/** A match, or the result of a correlation below, on the time line of one group. */
export interface Point {
  timeMs: number;
  /** The rule that matched. */
  rule: string;
  events: readonly Sighting[];
  values: readonly (string | number | null)[];
  /** What the correlations below need to know of the match. */
  group?: Match['group'];
}

/** A window that satisfies the condition. */
export interface Satisfied {
  /** Its points, oldest first. */
  points(): Point[];
  last: Point;
  /** Nothing later than this belongs to the window. */
  untilMs: number;
  value: number;
}

export interface Scanner {
  /** Takes points in time order. */
  push(point: Point): Satisfied | undefined;
  /** Everything up to this time is there: judges the window that is still open, if it is over by then. */
  end(decidedToMs: number): Satisfied | undefined;
  /** The latest time, at most `beforeMs`, from which a new scanner would see the same windows. */
  restart(beforeMs: number): number;
}

/** The order of points that every run agrees on: time, then event, then rule. */
export const compare = (left: Point, right: Point): number =>
  left.timeMs - right.timeMs ||
  order(left.events[0]!.id, right.events[0]!.id) ||
  order(left.rule, right.rule);

export const order = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);

/**
 * Windows are inclusive at both ends and end at a point. Conditions with an upper bound or a negation say something about
 * a whole window, which is known only when it is over: for them windows start at a point and follow one another.
 */
export const isWholeWindow = (rule: CorrelationRule): boolean =>
  hasUpperBound(rule.bounds) || (rule.expression !== undefined && hasNot(rule.expression));

export const scanner = (rule: CorrelationRule): Scanner =>
  isWholeWindow(rule) ? consecutive(rule) : sliding(rule);

function sliding(rule: CorrelationRule): Scanner {
  const judge = judgeOf(rule);
  const window: Point[] = [];
  let head = 0;
  return {
    push(point) {
      window.push(point);
      judge.enter(point);
      while (point.timeMs - window[head]!.timeMs > rule.timespanMs) judge.leave(window[head++]!);
      if (head > 1_000 && head * 2 > window.length) {
        window.splice(0, head);
        head = 0;
      }
      const value = judge.verdict();
      if (value === undefined) return undefined;
      const points = () => fromFirstStep(rule, window.slice(head));
      return { points, last: point, untilMs: point.timeMs, value };
    },
    end: () => undefined,
    restart: (beforeMs) => beforeMs,
  };
}

function consecutive(rule: CorrelationRule): Scanner {
  let judge = judgeOf(rule);
  let window: Point[] = [];
  let isJudged = false;
  let starts: number[] = [];
  function verdict(): Satisfied | undefined {
    const value = judge.verdict();
    const points = window;
    isJudged = true;
    if (value === undefined) return undefined;
    return {
      points: () => fromFirstStep(rule, points),
      last: points.at(-1)!,
      untilMs: points[0]!.timeMs + rule.timespanMs,
      value,
    };
  }
  return {
    push(point) {
      const isOver = window.length > 0 && point.timeMs - window[0]!.timeMs > rule.timespanMs;
      const satisfied = isOver && !isJudged ? verdict() : undefined;
      if (isOver || window.length === 0) {
        judge = judgeOf(rule);
        window = [];
        starts.push(point.timeMs);
      }
      window.push(point);
      judge.enter(point);
      isJudged = false;
      return satisfied;
    },
    end(decidedToMs) {
      const isOpen = window.length > 0 && !isJudged && window[0]!.timeMs + rule.timespanMs <= decidedToMs;
      return isOpen ? verdict() : undefined;
    },
    restart(beforeMs) {
      const at = starts.findLastIndex((start) => start <= beforeMs);
      starts = starts.slice(Math.max(at, 0));
      return at === -1 ? -Infinity : starts[0]!;
    },
  };
}

/** Measures the window and judges the measured number or the expression. */
function judgeOf(
  rule: CorrelationRule,
): Pick<Measure, 'enter' | 'leave'> & { verdict(): number | undefined } {
  const { enter, leave, value } = measures[rule.type](rule);
  const bounds = boundsOf(rule);
  const { expression } = rule;
  if (expression === undefined) {
    return {
      enter,
      leave,
      verdict() {
        const measured = value();
        return measured !== undefined && isWithin(measured, bounds) ? measured : undefined;
      },
    };
  }
  const present = new Map<string, number>();
  return {
    enter(point) {
      enter(point);
      present.set(point.rule, (present.get(point.rule) ?? 0) + 1);
    },
    leave(point) {
      leave(point);
      present.set(point.rule, present.get(point.rule)! - 1);
    },
    verdict: () => (satisfies(expression, (id) => (present.get(id) ?? 0) > 0) ? value() : undefined),
  };
}

/** What came before the first step of an ordered correlation is not part of it. */
function fromFirstStep(rule: CorrelationRule, points: Point[]): Point[] {
  if (rule.type !== 'temporal_ordered' || rule.expression !== undefined) return points;
  return points.slice(
    Math.max(
      0,
      points.findIndex((point) => point.rule === rule.rules[0]),
    ),
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

function satisfies(expression: RuleExpression, isPresent: (rule: string) => boolean): boolean {
  if (expression.op === 'rule') return isPresent(expression.id);
  if (expression.op === 'not') return !satisfies(expression.of, isPresent);
  const isHolding = (inner: RuleExpression) => satisfies(inner, isPresent);
  return expression.op === 'and' ? expression.of.every(isHolding) : expression.of.some(isHolding);
}
