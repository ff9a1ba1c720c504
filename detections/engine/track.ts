/**
 * What a process remembers of one group: its latest bursts, so that a new match costs the same however long the episode is.
 * Nothing in here is needed: a track that does not suffice, or was dropped to save memory, is made again from stored matches.
 */
import { type Burst, type BurstLimits, burst, type Episode, type Inserted } from './burst.ts';
import { chainEpisodes, isChain, type RuleById, reachMs } from './chain.ts';
import type { TimeSpan } from './evidence.ts';
import type { CorrelationRule } from './rule.ts';
import { compare, type Point } from './windows.ts';

export interface TrackLimits extends BurstLimits {
  /** Every match of the group from here on is given to the track. */
  knownFromMs: number;
  /** Windows that end before this are not judged: they are known, or their points are not all given. */
  judgedFromMs: number;
}

export interface Track {
  offer(point: Point): Inserted;
  /** Takes all matches of a span that `offer` asked for. */
  refill(span: TimeSpan, points: readonly Point[]): void;
  /** The same while the matches of the group are loaded in time order, from `knownFromMs` on. */
  load(point: Point): void;
  /** The episodes in memory, oldest first. Everything up to `decidedToMs` is there. */
  episodes(decidedToMs: number): Episode[];
  /** Drops bursts that are over and that nothing timely can change; did it? */
  forget(): boolean;
  size(): number;
}

export function track(rule: CorrelationRule, byId: RuleById, limits: TrackLimits): Track {
  const gapMs = reachMs(rule, byId);
  const chained = isChain(rule, byId);
  let { knownFromMs } = limits;
  let bursts: Burst[] = [];
  let newestMs = -Infinity;

  const fresh = () => (chained ? chainBurst(limits) : burst(rule, limits, limits.judgedFromMs));

  function take(point: Point): Inserted {
    const near = bursts.filter(
      ({ fromMs, toMs }) => point.timeMs >= fromMs - gapMs && point.timeMs <= toMs + gapMs,
    );
    const place = near.length === 1 ? near[0]! : near.length === 0 ? fresh() : merged(near);
    const inserted = place?.insert(point) ?? 'again';
    if (!place || inserted !== 'new') return inserted;
    if (near.length !== 1)
      bursts = [...bursts.filter((one) => !near.includes(one)), place].sort((a, b) => a.fromMs - b.fromMs);
    newestMs = Math.max(newestMs, point.timeMs);
    return inserted;
  }

  /** A late match closed the gap between two bursts. */
  function merged(parts: readonly Burst[]): Burst | undefined {
    const all = parts.map((part) => part.points());
    if (all.includes(undefined)) return undefined;
    const one = fresh();
    for (const points of all) for (const point of points!) one.insert(point);
    return one;
  }

  function chainBurst({ points: most, leftOut }: BurstLimits): Burst {
    const points: Point[] = [];
    const known = new Set<string>();
    let isSorted = true;
    const self: Burst = {
      fromMs: Infinity,
      toMs: -Infinity,
      insert(point) {
        const key = `${point.rule}|${point.events[0]!.id}`;
        if (known.has(key)) return 'known';
        known.add(key);
        isSorted &&= points.length === 0 || compare(points.at(-1)!, point) < 0;
        points.push(point);
        self.fromMs = Math.min(self.fromMs, point.timeMs);
        self.toMs = Math.max(self.toMs, point.timeMs);
        return 'new';
      },
      episodes(decidedToMs) {
        if (!isSorted) points.sort(compare);
        isSorted = true;
        if (points.length > most) leftOut(points.splice(0, points.length - most).length);
        return chainEpisodes(rule, byId, points, decidedToMs);
      },
      refill: () => undefined,
      points: () => points,
      size: () => points.length,
    };
    return self;
  }

  return {
    offer: (point) => (point.timeMs - gapMs >= knownFromMs ? take(point) : 'again'),
    refill(span, points) {
      for (const one of bursts)
        if (one.fromMs <= span.toMs && one.toMs >= span.fromMs) one.refill(span, points);
    },
    load: (point) => void take(point),
    episodes: (decidedToMs) => bursts.flatMap((one) => one.episodes(decidedToMs)),
    forget() {
      const over = bursts.filter(({ toMs }) => toMs < newestMs - gapMs - limits.latenessMs);
      if (over.length === 0) return false;
      // What comes within reach of a dropped burst belongs to it.
      knownFromMs = Math.max(knownFromMs, ...over.map(({ toMs }) => toMs + 1));
      bursts = bursts.filter((one) => !over.includes(one));
      return true;
    },
    size: () => bursts.reduce((sum, one) => sum + one.size(), 0),
  };
}
