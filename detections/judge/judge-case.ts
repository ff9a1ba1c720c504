/** Judges the events of a case as the service judges stored matches, with everything before them learnt. */
import type { Match } from '../../core/documents.ts';
import type { Absent, Baseline, FirstSeen } from '../engine/extensions/index.ts';
import type { DetectionRule } from '../engine/rule.ts';
import { dueAfter, gapsBetween, sightingOf } from './absent.ts';
import { bucketOf, countBuckets, unusual } from './baseline.ts';
import { addSightings } from './first-seen.ts';

export interface CaseMatches {
  /** Matches of the rule, of the events before the case and of its own. */
  matches: readonly Match[];
  /** Ids of the events of the case. */
  own: ReadonlySet<string>;
  /** When the case is judged: so long after its last event, epoch ms. */
  nowMs: number;
}

/** How many alerts the events of the case raise. */
export function alertsOfCase(rule: DetectionRule, { matches, own, nowMs }: CaseMatches): number {
  const groups = Map.groupBy(
    matches.filter((match) => match.group[rule.id]),
    (match) => match.groups.find((key) => key.startsWith(`${rule.id}|`))!,
  );
  const { firstSeen, absent, baseline } = rule.extensions ?? {};
  let alerts = 0;
  for (const group of groups.values()) {
    if (firstSeen) alerts += newStays(firstSeen, group, own);
    if (baseline) alerts += unusualBuckets(baseline, group, own);
    if (absent) alerts += gaps(absent, group, nowMs);
  }
  return alerts;
}

function newStays({ withinMs }: FirstSeen, group: readonly Match[], own: ReadonlySet<string>): number {
  const stays = addSightings([], group, '', withinMs);
  return stays.filter(({ event }) => own.has(event)).length;
}

function gaps(absent: Absent, group: readonly Match[], nowMs: number): number {
  const sightings = group.map(sightingOf).sort((a, b) => a.at.localeCompare(b.at));
  const closed = gapsBetween(absent, sightings).filter(({ isTooLong }) => isTooLong).length;
  return closed + (nowMs > dueAfter(absent, sightings.at(-1)!.at) + absent.graceMs ? 1 : 0);
}

function unusualBuckets(baseline: Baseline, group: readonly Match[], own: ReadonlySet<string>): number {
  const values = countBuckets(baseline, group);
  const asked = new Set(
    group
      .filter(({ event }) => own.has(event.id))
      .map(({ event }) => bucketOf(baseline, Date.parse(event.at))),
  );
  return [...asked].filter((bucket) => unusual(baseline, (at) => values.get(at) ?? 0, bucket)).length;
}
