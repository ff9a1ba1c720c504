/** Settles correlations: from the stored matches of a group to its alerts, in whatever order and however often they come. */
import type { Alert, Match } from '../core/documents.ts';
import { correlationAlertId } from '../core/ids.ts';
import { type AlertingPolicy, shouldAlert } from './alerting.ts';
import type { Episode, Inserted } from './engine/burst.ts';
import { isChain, reachMs, valuesFor, waits } from './engine/chain.ts';
import type { TimeSpan } from './engine/evidence.ts';
import type { CorrelationRule, Rule } from './engine/rule.ts';
import { type TrackLimits, track } from './engine/track.ts';
import { isWholeWindow, type Point } from './engine/windows.ts';
import { groupKey, ruleRef } from './evaluate.ts';

/** What somebody who loads the matches of a rule's groups must know. */
export interface Reach {
  /** Event time around a match within which others may matter to it. */
  reachMs: number;
  /** How long its windows take to be over, before which it says nothing; 0: it judges at once. */
  waitMs: number;
  /** Its windows follow one another: they are known only from the first match after a gap. */
  needsStart: boolean;
}

/** One group of one rule, kept up to date match by match. */
export interface GroupTrack {
  /** Takes a match, known or not. `again`: load the group again; a span: hand over all matches in it with `refill`. */
  offer(match: Match): Inserted;
  refill(span: TimeSpan, matches: readonly Match[]): void;
  /** The same while the matches of the group are loaded in time order. */
  load(match: Match): void;
  /** Ids of open alerts in the store from `judgedFromMs` on: the next settling says which of them are gone. */
  expect(open: readonly string[]): void;
  settle(decidedToMs: number): Settled;
  /** Matches and event ids in memory. */
  size(): number;
}

/** What differs from what was settled before. */
export interface Settled {
  fresh: Alert[];
  grown: Alert[];
  /** Ids of alerts that the matches no longer give. */
  gone: string[];
}

export interface Correlator {
  /** Whether episodes of the rule become alerts by policy; matches are worth settling only then, or when another correlation refers to it. */
  alerts(rule: CorrelationRule): boolean;
  reach(rule: CorrelationRule): Reach;
  track(rule: CorrelationRule, start: TrackLimits): GroupTrack;
  /** One alert for each episode among all matches of one `Match.groups` key, oldest first; any order, repeats allowed. */
  settle(rule: CorrelationRule, matches: readonly Match[]): Alert[];
}

/** `now` gives the time of creation (ISO, UTC). */
export function correlator(
  rules: readonly Rule[],
  policy: AlertingPolicy,
  now: () => string = () => new Date().toISOString(),
): Correlator {
  const rulesById = new Map(rules.map((rule) => [rule.id, rule]));
  const byId = (id: string) => rulesById.get(id);

  function trackOf(rule: CorrelationRule, start: TrackLimits): GroupTrack {
    const points = track(rule, byId, start);
    const chained = isChain(rule, byId);
    /** Ids of alerts that stand, with what they say. */
    const standing = new Map<string, string>();
    let by: readonly (string | null)[] = [];
    const keyed = onceFor((group: typeof by) => groupKey(rule.id, group));
    const identified = onceFor((first: string) => correlationAlertId(rule.id, keyed(by), first));
    const idOf = ({ evidence }: Episode) => identified(evidence.first());
    const pointOf = (match: Match): Point | undefined => {
      if (by.length === 0) by = match.group[rule.id]?.by ?? [];
      return pointFrom(rule, match, chained);
    };
    return {
      offer(match) {
        const point = pointOf(match);
        return point ? points.offer(point) : 'known';
      },
      refill(span, matches) {
        points.refill(
          span,
          matches.flatMap((match) => pointOf(match) ?? []),
        );
      },
      load(match) {
        const point = pointOf(match);
        if (point) points.load(point);
      },
      expect(open) {
        for (const id of open) standing.set(id, '');
      },
      settle(decidedToMs) {
        const [fresh, grown]: [Alert[], Alert[]] = [[], []];
        const settled = new Set<string>();
        for (const episode of points.episodes(decidedToMs)) {
          const id = idOf(episode);
          const says = episode.evidence.mark();
          settled.add(id);
          const said = standing.get(id);
          if (said === says) continue;
          standing.set(id, says);
          (said === undefined ? fresh : grown).push(
            alertOf(rule, by, { id, key: keyed(by), created: now() }, episode),
          );
        }
        const gone = [...standing.keys()].filter((id) => !settled.has(id));
        for (const id of gone) standing.delete(id);
        if (points.forget()) {
          const kept = new Set(points.episodes(decidedToMs).map(idOf));
          for (const id of standing.keys()) if (!kept.has(id)) standing.delete(id);
        }
        return { fresh, grown, gone };
      },
      size: points.size,
    };
  }

  return {
    alerts: (rule) => shouldAlert(rule, policy),
    reach: (rule) => ({
      reachMs: reachMs(rule, byId),
      waitMs: waits(rule, byId) ? reachMs(rule, byId) : 0,
      needsStart: isChain(rule, byId) || isWholeWindow(rule),
    }),
    track: trackOf,
    settle(rule, matches) {
      const whole = trackOf(rule, {
        knownFromMs: -Infinity,
        judgedFromMs: -Infinity,
        latenessMs: Infinity,
        points: Infinity,
        leftOut: () => undefined,
      });
      const inOrder = [...matches].sort((a, b) => Date.parse(a.event.at) - Date.parse(b.event.at));
      for (const match of inOrder) whole.load(match);
      return whole.settle(Infinity).fresh;
    },
  };
}

/** Computes again only when asked about something else: hashes cost more than all the rest of settling a small group. */
function onceFor<T, R>(compute: (of: T) => R): (of: T) => R {
  let known: { of: T; is: R } | undefined;
  return (of) => {
    if (known?.of !== of) known = { of, is: compute(of) };
    return known.is;
  };
}

function alertOf(
  rule: CorrelationRule,
  by: readonly (string | null)[],
  { id, key, created }: { id: string; key: string; created: string },
  episode: Episode,
): Alert {
  const { from, to, events, eventCount, datasets, entities } = episode.evidence.summary();
  return {
    id,
    kind: 'correlation',
    rule: ruleRef(rule),
    from,
    to,
    created,
    events,
    eventCount,
    datasets,
    entities,
    group: {
      key,
      by: Object.fromEntries(rule.groupBy.map((field, index) => [field, by[index] ?? null])),
      value: episode.value,
    },
    state: 'open',
    history: [],
  };
}

/** Undefined when the rule does not see the match, or when its time is none. */
function pointFrom(rule: CorrelationRule, match: Match, chained: boolean): Point | undefined {
  const { id, at, dataset } = match.event;
  const timeMs = Date.parse(at);
  if (Number.isNaN(timeMs) || !(chained || rule.rules.includes(match.rule.id))) return undefined;
  return {
    timeMs,
    rule: match.rule.id,
    events: [{ id, at, timeMs, dataset, entities: match.entities }],
    values: valuesFor(rule, match.group),
    ...(chained ? { group: match.group } : {}),
  };
}
