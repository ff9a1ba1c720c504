/** Judges the events of a case as the service judges stored matches, with everything before them learnt. */
import type { Match } from '../../core/documents.ts';
import type { DetectionRule } from '../engine/rule.ts';
import { addSightings } from './first-seen.ts';

export interface CaseMatches {
  /** Matches of the rule, of the events before the case and of its own. */
  matches: readonly Match[];
  /** Ids of the events of the case. */
  own: ReadonlySet<string>;
}

/** How many alerts the events of the case raise. */
export function alertsOfCase(rule: DetectionRule, { matches, own }: CaseMatches): number {
  const groups = Map.groupBy(
    matches.filter((match) => match.group[rule.id]),
    (match) => match.groups.find((key) => key.startsWith(`${rule.id}|`))!,
  );
  let alerts = 0;
  for (const group of groups.values()) alerts += firstSeen(rule, group, own);
  return alerts;
}

function firstSeen({ extensions }: DetectionRule, group: readonly Match[], own: ReadonlySet<string>): number {
  const stays = addSightings([], group, '', extensions!.firstSeen!.withinMs);
  return stays.filter(({ event }) => own.has(event)).length;
}
