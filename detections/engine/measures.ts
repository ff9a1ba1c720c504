/** What each type of correlation measures in a window, kept up to date while points enter and leave it. */
import type { CorrelationRule } from './rule.ts';
import type { Point } from './windows.ts';

export interface Measure {
  /** Points enter in time order. */
  enter(point: Point): void;
  /** Points leave in the order in which they entered. */
  leave(point: Point): void;
  /** Undefined when nothing in the window can be measured. */
  value(): number | undefined;
}

export const measures: Record<CorrelationRule['type'], (rule: CorrelationRule) => Measure> = {
  event_count: () => distinct((point) => point.events.map(({ id }) => id)),
  value_count: () =>
    distinct(({ values }) =>
      values.every((value) => value === null) ? [] : [JSON.stringify(values).toLowerCase()],
    ),
  temporal: () => distinct((point) => [point.rule]),
  temporal_ordered: (rule) => longestChain(rule.rules),
  value_sum: () => {
    const { enter, leave, total, count } = numbers();
    return { enter, leave, value: () => (count() === 0 ? undefined : total()) };
  },
  value_avg: () => {
    const { enter, leave, total, count } = numbers();
    return { enter, leave, value: () => (count() === 0 ? undefined : total() / count()) };
  },
  value_median: () => percentileOf(50),
  value_percentile: (rule) => percentileOf(rule.percentile),
};

/** How many different keys the points of the window have. */
function distinct(keysOf: (point: Point) => readonly string[]): Measure {
  const counts = new Map<string, number>();
  return {
    enter(point) {
      for (const key of keysOf(point)) counts.set(key, (counts.get(key) ?? 0) + 1);
    },
    leave(point) {
      for (const key of keysOf(point)) {
        const left = counts.get(key)! - 1;
        if (left === 0) counts.delete(key);
        else counts.set(key, left);
      }
    },
    value: () => counts.size,
  };
}

/** Sum and number of the numeric values. */
function numbers() {
  const sum = exactSum();
  let count = 0;
  const move = (point: Point, sign: 1 | -1) => {
    const number = numberOf(point);
    if (number === undefined) return;
    count += sign;
    sum.add(sign * number);
  };
  return {
    enter: (point: Point) => move(point, 1),
    leave: (point: Point) => move(point, -1),
    total: sum.total,
    count: () => count,
  };
}

/** Adds up without rounding (Shewchuk's partial sums), so that a number that leaves takes away exactly what it brought. */
function exactSum() {
  const partials: number[] = [];
  return {
    add(number: number) {
      let rest = number;
      let kept = 0;
      for (const partial of partials) {
        const [large, small] = Math.abs(rest) >= Math.abs(partial) ? [rest, partial] : [partial, rest];
        const high = large + small;
        const low = small - (high - large);
        if (low !== 0) partials[kept++] = low;
        rest = high;
      }
      partials.length = kept;
      partials.push(rest);
    },
    total: () => partials.reduce((sum, partial) => sum + partial, 0),
  };
}

/** Linear interpolation between the closest ranks; 50 is the median. Undefined when no point has a number. */
function percentileOf(rank: number): Measure {
  const sorted: number[] = [];
  return {
    enter(point) {
      const number = numberOf(point);
      if (number !== undefined) sorted.splice(placeOf(sorted, number), 0, number);
    },
    leave(point) {
      const number = numberOf(point);
      if (number !== undefined) sorted.splice(placeOf(sorted, number), 1);
    },
    value() {
      if (sorted.length === 0) return undefined;
      const position = (rank / 100) * (sorted.length - 1);
      const below = sorted[Math.floor(position)]!;
      return below + (sorted[Math.ceil(position)]! - below) * (position % 1);
    },
  };
}

/** Sums of so large numbers would no longer be numbers; logs are hostile. */
const LARGEST = 1e300;

function numberOf(point: Point): number | undefined {
  const value = point.values[0];
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number)
    ? Math.min(Math.max(number, -LARGEST), LARGEST)
    : undefined;
}

/** Index of the first element from `low` on that is not less. */
function placeOf(sorted: readonly number[], wanted: number, low = 0): number {
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Most of the rules, in the order listed, whose points follow one another in time (equal times count as following). */
function longestChain(rules: readonly string[]): Measure {
  /** Times of each rule's points in the window, ascending; those before `head` have left. */
  const queues = new Map(rules.map((rule) => [rule, { times: [] as number[], head: 0 }]));
  return {
    enter: ({ rule, timeMs }) => void queues.get(rule)?.times.push(timeMs),
    leave({ rule }) {
      const queue = queues.get(rule);
      if (!queue) return;
      queue.head += 1;
      if (queue.head < 1_000 || queue.head * 2 < queue.times.length) return;
      queue.times.splice(0, queue.head);
      queue.head = 0;
    },
    value() {
      /** By length: the earliest time at which a chain of that length can end. */
      const ends: number[] = [-Infinity];
      for (const rule of rules) {
        const { times, head } = queues.get(rule)!;
        for (let length = ends.length - 1; length >= 0; length--) {
          const time = times[placeOf(times, ends[length]!, head)];
          if (time !== undefined && time < (ends[length + 1] ?? Infinity)) ends[length + 1] = time;
        }
      }
      return ends.length - 1;
    },
  };
}
