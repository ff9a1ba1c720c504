/**
 * Absence of an expected event: the gap after one match that lasted longer than the rule allows, whether it has ended or not.
 * One alert for each gap, known by the event before it. Pure.
 */
import type { Alert, Entity, Match } from '../../core/documents.ts';
import { hashId } from '../../core/ids.ts';
import { type Absent, weekdayIn } from '../engine/extensions/index.ts';
import type { DetectionRule } from '../engine/rule.ts';
import { ruleRef } from '../evaluate.ts';

/** An event that came; without an id, the moment since when one is waited for. */
export interface Sighting {
  event: string;
  at: string;
  dataset: string;
  entities: Entity[];
}

/** What became of a gap. */
export type GapEnd =
  | { kind: 'ended'; at: string }
  | { kind: 'absence' }
  /** Nothing was read since then, or ever. */
  | { kind: 'blind'; source: string; readTo: string | undefined };

export const sightingOf = ({ event, entities }: Match): Sighting => ({
  event: event.id,
  at: event.at,
  dataset: event.dataset,
  entities,
});

const DAY_MS = 86_400_000;

/** By when the next one must come, epoch ms: days on which none is expected are skipped. */
export function dueAfter({ everyMs, days, zone }: Absent, at: string): number {
  let dueMs = Date.parse(at) + everyMs;
  if (!days) return dueMs;
  const weekday = weekdayIn(zone);
  while (!days.includes(weekday(dueMs))) dueMs += DAY_MS;
  return dueMs;
}

export const gapAlertId = (rule: string, key: string, before: string): string =>
  hashId('alert', rule, key, 'gap', before);

export interface Gap {
  rule: DetectionRule;
  key: string;
  by: Record<string, string | null>;
  /** What came before it. */
  before: Sighting;
  end: GapEnd;
}

export function gapAlert({ rule, key, by, before, end }: Gap, created: string): Alert {
  const absent = rule.extensions!.absent!;
  const due = new Date(dueAfter(absent, before.at)).toISOString();
  const ref = ruleRef(rule);
  const isBlind = end.kind === 'blind';
  return {
    id: gapAlertId(rule.id, key, before.event),
    kind: isBlind ? 'blind' : 'absence',
    rule: isBlind ? { ...ref, title: `Blind, cannot tell: ${ref.title}` } : ref,
    from: due,
    to: end.kind === 'ended' && end.at > due ? end.at : due,
    created,
    events: before.event === '' ? [] : [before.event],
    eventCount: before.event === '' ? 0 : 1,
    datasets: before.dataset === '' ? [] : [before.dataset],
    entities: before.entities,
    group: { key, by, value: 0 },
    detail: detailOf(by, before, due, end),
    state: 'open',
    history: [],
  };
}

function detailOf(by: Record<string, string | null>, before: Sighting, due: string, end: GapEnd): string {
  const about = Object.entries(by)
    .map(([field, value]) => `${field} ${value ?? 'missing'}`)
    .join(', ');
  const last = before.event === '' ? `none since ${before.at}` : `the last came at ${before.at}`;
  const expected = `${about ? `${about}: ` : ''}${last}, the next was due by ${due}`;
  if (end.kind === 'ended') return `${expected} and came at ${end.at}`;
  if (end.kind === 'absence') return `${expected} and did not come`;
  const source = end.source === '' ? 'any source' : `source ${end.source}`;
  const read =
    end.readTo === undefined
      ? `nothing was ever read from ${source}`
      : `nothing from after ${end.readTo} was read from ${source}`;
  return `${expected}; ${read}, so whether it came cannot be told`;
}

/** Gaps between sightings that were too long, in order of time. */
export function gapsBetween(
  absent: Absent,
  sightings: readonly Sighting[],
): { before: Sighting; after: Sighting; isTooLong: boolean }[] {
  return sightings.slice(1).map((after, index) => {
    const before = sightings[index]!;
    return { before, after, isTooLong: Date.parse(after.at) > dueAfter(absent, before.at) };
  });
}
