/** What each type of correlation measures in a window of points, kept up to date while the window moves on. */
import type { CorrelationRule } from './rule.ts';
import type { Point } from './windows.ts';

/** Measures the window from `first` to `last`; windows come in order, both ends only move forward. */
export type Measure = (points: readonly Point[], first: number, last: number) => number | undefined;

export const measures: Record<CorrelationRule['type'], (rule: CorrelationRule) => Measure> = {
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
  temporal_ordered: (rule) => {
    const timesOf = timesByRule();
    return (points, first, last) =>
      longestChain(rule.rules, timesOf(points), points[first]!.timeMs, points[last]!.timeMs);
  },
  value_sum: () => {
    const numbers = runningNumbers();
    return (points, first, last) => (numbers.move(points, first, last) === 0 ? undefined : numbers.sum());
  },
  value_avg: () => {
    const numbers = runningNumbers();
    return (points, first, last) => {
      const count = numbers.move(points, first, last);
      return count === 0 ? undefined : numbers.sum() / count;
    };
  },
  value_median: () => percentileOf(50),
  value_percentile: (rule) => percentileOf(rule.percentile),
};

/** Linear interpolation between the closest ranks; 50 is the median. Undefined when no point has a number. */
function percentileOf(rank: number): Measure {
  const numbers = runningNumbers();
  return (points, first, last) => {
    const count = numbers.move(points, first, last);
    if (count === 0) return undefined;
    const position = (rank / 100) * (count - 1);
    const below = numbers.sorted[Math.floor(position)]!;
    return below + (numbers.sorted[Math.ceil(position)]! - below) * (position % 1);
  };
}

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

/** The numbers of the window in ascending order, kept while it moves. */
function runningNumbers() {
  const sorted: number[] = [];
  let from = 0;
  let to = -1;
  return {
    sorted,
    move(points: readonly Point[], first: number, last: number): number {
      while (to < last) {
        const number = numberOf(points[++to]!);
        if (number !== undefined) sorted.splice(placeOf(sorted, number), 0, number);
      }
      while (from < first) {
        const number = numberOf(points[from++]!);
        if (number !== undefined) sorted.splice(placeOf(sorted, number), 1);
      }
      return sorted.length;
    },
    /** Added up anew each time: taking numbers away again would gather errors. */
    sum: () => sorted.reduce((sum, number) => sum + number, 0),
  };
}

function numberOf(point: Point): number | undefined {
  const value = point.values[0];
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

/** Index of the first element that is not less. */
function placeOf(sorted: readonly number[], wanted: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Times of each rule's points, ascending; made once for each list of points. */
function timesByRule(): (points: readonly Point[]) => ReadonlyMap<string, readonly number[]> {
  let known: readonly Point[] | undefined;
  let times = new Map<string, number[]>();
  return (points) => {
    if (points === known) return times;
    known = points;
    times = new Map();
    for (const { rule, timeMs } of points) {
      if (times.get(rule)?.push(timeMs) === undefined) times.set(rule, [timeMs]);
    }
    return times;
  };
}

/** Most of the rules, in the order listed, whose matches follow one another in time (equal times count as following). */
function longestChain(
  rules: readonly string[],
  times: ReadonlyMap<string, readonly number[]>,
  fromMs: number,
  toMs: number,
): number {
  /** By length: the earliest time at which a chain of that length can end. */
  const ends: number[] = [fromMs];
  for (const rule of rules) {
    const own = times.get(rule) ?? [];
    for (let length = ends.length - 1; length >= 0; length--) {
      const time = own[placeOf(own, ends[length]!)];
      if (time !== undefined && time <= toMs && time < (ends[length + 1] ?? Infinity))
        ends[length + 1] = time;
    }
  }
  return ends.length - 1;
}
