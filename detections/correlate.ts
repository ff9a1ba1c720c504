/** Settles correlations: from the stored matches of one group to its episodes, again and again with the same result. */
import { type Alert, type Entity, EVIDENCE_LIMIT, type Match } from '../core/documents.ts';
import { correlationAlertId } from '../core/ids.ts';
import { type AlertingPolicy, shouldAlert } from './alerting.ts';
import type { CorrelationRule, Rule } from './engine/rule.ts';
import { type Point, satisfiedWindows } from './engine/windows.ts';
import { mergeEntities } from './entities.ts';
import { groupKey, ruleRef } from './evaluate.ts';

export interface Correlator {
  /** Whether episodes of the rule become alerts by policy; matches are worth settling only then, or when another correlation refers to it. */
  alerts(rule: CorrelationRule): boolean;
  /**
   * One alert for each episode of one group, oldest first. `matches`: those of one `Match.groups` key of this rule, in any
   * order, repeats allowed, covering at least one timespan on both sides of what changed. Late events: settle again;
   * an alert that is no longer among the results is to be withdrawn.
   */
  settle(rule: CorrelationRule, matches: readonly Match[]): Alert[];
}

/** `now` gives the time of creation (ISO, UTC). */
export function correlator(
  rules: readonly Rule[],
  policy: AlertingPolicy,
  now: () => string = () => new Date().toISOString(),
): Correlator {
  const byId = new Map(rules.map((rule) => [rule.id, rule]));

  /** What the rule sees of its group: matches of the rules it names, and results of the correlations it names. */
  function pointsOf(rule: CorrelationRule, matches: readonly Match[]): Point[] {
    const points: Point[] = [];
    for (const id of new Set(rule.rules)) {
      const referred = byId.get(id);
      if (referred?.kind === 'correlation') points.push(...chained(rule, referred, matches));
      else
        points.push(...matches.filter((match) => match.rule.id === id).map((match) => pointOf(rule, match)));
    }
    return inOrder(points);
  }

  /** Results of a correlation below, one point for each window in which it holds (R-15: grouped by its own fields first). */
  function chained(rule: CorrelationRule, below: CorrelationRule, matches: readonly Match[]): Point[] {
    const groups = Map.groupBy(
      matches.filter((match) => match.group[below.id] !== undefined),
      (match) => groupKey(below.id, match.group[below.id]!.by),
    );
    return [...groups.values()].flatMap((group) => {
      const values = group.find((match) => match.group[rule.id])?.group[rule.id]?.values ?? [];
      return bursts(pointsOf(below, group), below.timespanMs).flatMap((points) =>
        satisfiedWindows(below, points).map(({ first, last }, index) => ({
          timeMs: points[last]!.timeMs,
          rule: below.id,
          // The first result brings its whole window, later ones what they add: together all, and no more than once.
          events: points.slice(index === 0 ? first : last, last + 1).flatMap((point) => point.events),
          values,
        })),
      );
    });
  }

  function settle(rule: CorrelationRule, matches: readonly Match[]): Alert[] {
    const byEvent = new Map<string, Match>();
    for (const match of matches) byEvent.set(match.event.id, match);
    const group = matches[0]?.group[rule.id]?.by ?? [];
    return bursts(pointsOf(rule, matches), rule.timespanMs).flatMap((points): Alert[] => {
      const satisfied = satisfiedWindows(rule, points);
      const start = satisfied[0]?.first;
      if (start === undefined) return [];
      const ids = new Set(points.slice(start).flatMap((point) => point.events));
      const evidence = [...ids]
        .map((id) => byEvent.get(id)!.event)
        .sort((left, right) => left.at.localeCompare(right.at) || left.id.localeCompare(right.id));
      // The matches hold the rest, as with events.
      const entities = mergeEntities(evidenceEntities(ids, byEvent)).slice(0, EVIDENCE_LIMIT);
      return [
        {
          id: correlationAlertId(rule.id, groupKey(rule.id, group), evidence[0]!.id),
          kind: 'correlation',
          rule: ruleRef(rule),
          from: evidence[0]!.at,
          to: evidence.at(-1)!.at,
          created: now(),
          events: evidence.slice(0, EVIDENCE_LIMIT).map((event) => event.id),
          eventCount: evidence.length,
          datasets: [...new Set(evidence.map((event) => event.dataset))].sort(),
          entities,
          group: {
            key: groupKey(rule.id, group),
            by: Object.fromEntries(rule.groupBy.map((field, index) => [field, group[index] ?? null])),
            value: satisfied.reduce((most, window) => Math.max(most, window.value), -Infinity),
          },
          state: 'open',
          history: [],
        },
      ];
    });
  }
  return { alerts: (rule) => shouldAlert(rule, policy), settle };
}

function pointOf(rule: CorrelationRule, match: Match): Point {
  return {
    timeMs: Date.parse(match.event.at),
    rule: match.rule.id,
    events: [match.event.id],
    values: match.group[rule.id]?.values ?? [],
  };
}

/** Time order, one point for each rule and event; the event's id decides between equal times, so that every run agrees. */
function inOrder(points: readonly Point[]): Point[] {
  const seen = new Set<string>();
  return points
    .filter((point) => {
      const key = `${point.rule}|${point.timeMs}|${point.events.join()}`;
      return !Number.isNaN(point.timeMs) && !seen.has(key) && seen.add(key);
    })
    .sort(
      (left, right) =>
        left.timeMs - right.timeMs ||
        left.events[0]!.localeCompare(right.events[0]!) ||
        left.rule.localeCompare(right.rule),
    );
}

/** An episode ends after one timespan without a match: runs of points with no longer gap between them. */
function bursts(points: readonly Point[], timespanMs: number): Point[][] {
  const runs: Point[][] = [];
  let previous = -Infinity;
  for (const point of points) {
    if (point.timeMs - previous > timespanMs) runs.push([]);
    runs.at(-1)!.push(point);
    previous = point.timeMs;
  }
  return runs;
}

function* evidenceEntities(ids: ReadonlySet<string>, byEvent: ReadonlyMap<string, Match>): Generator<Entity> {
  for (const id of ids) yield* byEvent.get(id)!.entities;
}
