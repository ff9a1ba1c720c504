/** The points of one group between two gaps longer than the timespan, and the episode among them, kept up to date point by point. */
import { type Evidence, evidence, type TimeSpan } from './evidence.ts';
import type { CorrelationRule } from './rule.ts';
import { compare, isWholeWindow, type Point, type Satisfied, type Scanner, scanner } from './windows.ts';

export interface Episode {
  evidence: Evidence;
  /** What was measured in the first window that satisfied the condition. */
  value: number;
}

/**
 * `again`: what is in memory does not say what the point changes, so the group must be loaded again. A span: which of its
 * events are counted is forgotten, so all of them are wanted.
 */
export type Inserted = 'new' | 'known' | 'again' | TimeSpan;

export interface Burst {
  fromMs: number;
  toMs: number;
  insert(point: Point): Inserted;
  /** Takes all points of a span that `insert` asked for. */
  refill(span: TimeSpan, points: readonly Point[]): void;
  /** Everything up to `decidedToMs` is there. */
  episodes(decidedToMs: number): Episode[];
  /** All points, when they are still in memory. */
  points(): readonly Point[] | undefined;
  /** Points and event ids in memory. */
  size(): number;
}

export interface BurstLimits {
  /** How far behind the newest event others are expected without loading the group again. */
  latenessMs: number;
  /** Most points of a group that wait for a window to be satisfied. */
  points: number;
  /** Hears how many points were left out of a window that is larger than that. */
  leftOut(count: number): void;
}

/** An episode with more points than this keeps only what it counts; smaller ones can be judged anew from memory. */
const KEPT = 500;
/** An id takes about a quarter of the memory of a point. */
const IDS_PER_POINT = 4;

/** `judgedFromMs`: windows that end before it are not judged, because their points are not all here. */
export function burst(rule: CorrelationRule, limits: BurstLimits, judgedFromMs: number): Burst {
  const isWhole = isWholeWindow(rule);
  let points: Point[] | undefined = [];
  /** Points before this were taken out of memory. */
  let keptFromMs = -Infinity;
  let isCut = false;
  let judgeFromMs = judgedFromMs;
  let scan: Scanner = scanner(rule);
  let scanned = 0;
  let satisfied: { untilMs: number; value: number; evidence: Evidence } | undefined;

  const again = () => {
    scan = scanner(rule);
    scanned = 0;
    satisfied = undefined;
  };

  const self: Burst = {
    fromMs: Infinity,
    toMs: -Infinity,
    insert(point) {
      if (satisfied && point.timeMs > satisfied.untilMs) {
        const sealed = points ? undefined : satisfied.evidence.sealedAround(point.timeMs);
        if (sealed) return sealed;
        if (points && place(points, point) === undefined) return 'known';
        if (!satisfied.evidence.add(point.events[0]!)) return 'known';
        if (points && points.length > KEPT) points = undefined;
      } else {
        if (!points) return 'again';
        if (isCut && point.timeMs < keptFromMs) return leftOut(1);
        if (!isCut && point.timeMs - (isWhole ? 0 : rule.timespanMs) < keptFromMs) return 'again';
        const at = place(points, point);
        if (at === undefined) return 'known';
        if (at < scanned || satisfied) again();
      }
      self.fromMs = Math.min(self.fromMs, point.timeMs);
      self.toMs = Math.max(self.toMs, point.timeMs);
      return 'new';
    },
    refill(span, all) {
      satisfied?.evidence.refill(
        span,
        all.map(({ events }) => events[0]!),
      );
    },
    episodes(decidedToMs) {
      while (!satisfied && scanned < points!.length) {
        const point = points![scanned++]!;
        found(scan.push(point), point.timeMs);
      }
      if (!satisfied) found(scan.end(decidedToMs), Infinity);
      if (!satisfied) trim();
      else if (!points) seal(satisfied.evidence);
      return satisfied ? [satisfied] : [];
    },
    points: () => (keptFromMs === -Infinity ? points : undefined),
    size: () => (points?.length ?? 0) + (satisfied?.evidence.size() ?? 0),
  };
  return self;

  function found(window: Satisfied | undefined, atMs: number): void {
    if (!window || atMs < judgeFromMs) return;
    const proof = evidence(limits.latenessMs);
    const first = window.points()[0]!;
    for (let at = lowest(points!, first); at < points!.length; at++) proof.add(points![at]!.events[0]!);
    satisfied = { untilMs: window.untilMs, value: window.value, evidence: proof };
    if (points!.length > KEPT) points = undefined;
  }

  /** Forgets points that no window to come needs, and in a flood the oldest of those that one would. */
  function trim(): void {
    const unneeded = lowestTime(points!, scan.restart(self.toMs - 2 * rule.timespanMs - limits.latenessMs));
    if (unneeded > KEPT && unneeded * 2 > points!.length) {
      points!.splice(0, unneeded);
      scanned -= unneeded;
      keptFromMs = points![0]!.timeMs;
      if (!isWhole) judgeFromMs = Math.max(judgeFromMs, keptFromMs + rule.timespanMs);
    }
    if (points!.length <= limits.points * 1.25) return;
    leftOut(points!.splice(0, points!.length - limits.points).length);
    keptFromMs = points![0]!.timeMs;
    isCut = true;
    again();
  }

  /** In a flood even the ids of the timely are too many: what comes late then makes the group be loaded again. */
  function seal(proof: Evidence): void {
    for (let ms = limits.latenessMs; ; ms /= 2) {
      proof.seal(self.toMs - ms);
      if (proof.size() <= limits.points * IDS_PER_POINT || ms < 1_000) return;
    }
  }

  /** A window that does not fit into memory is measured over its newest points, and said so. */
  function leftOut(count: number): 'known' {
    limits.leftOut(count);
    return 'known';
  }
}

/** Where the point was put; undefined when it is there already. */
function place(points: Point[], point: Point): number | undefined {
  const last = points.at(-1);
  if (!last || compare(last, point) < 0) return points.push(point) - 1;
  const at = lowest(points, point);
  if (points[at] && compare(points[at], point) === 0) return undefined;
  points.splice(at, 0, point);
  return at;
}

const lowest = (points: readonly Point[], wanted: Point): number =>
  search(points.length, (at) => compare(points[at]!, wanted) < 0);

const lowestTime = (points: readonly Point[], timeMs: number): number =>
  search(points.length, (at) => points[at]!.timeMs < timeMs);

/** The first index for which `isBefore` does not hold. */
function search(length: number, isBefore: (at: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBefore(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
