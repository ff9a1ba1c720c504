/**
 * First-seen values: a value is new when it was not seen for a whole span before. Runs of sightings with no longer gap between
 * them are one stay of the value; the event that began a stay is what alerts. Pure, and the same in any order of arrival.
 */
import type { Alert, Match, Stay } from '../../core/documents.ts';
import { eventAlertId } from '../../core/ids.ts';
import type { DetectionRule } from '../engine/rule.ts';
import { ruleRef } from '../evaluate.ts';

/** Stays kept for one value; an older one is told again by its own events. */
const MOST_STAYS = 40;

/** Adds sightings to the stays of one value, oldest first. `source` brought them. */
export function addSightings(
  stays: readonly Stay[],
  matches: readonly Match[],
  source: string,
  withinMs: number,
): Stay[] {
  const sightings = matches.map(
    ({ event }): Stay => ({ event: event.id, at: event.at, last: event.at, source }),
  );
  const ordered = [...stays, ...sightings].sort(
    (a, b) => a.at.localeCompare(b.at) || a.event.localeCompare(b.event),
  );
  const joined: Stay[] = [];
  for (const stay of ordered) {
    const before = joined.at(-1);
    if (before === undefined || Date.parse(stay.at) - Date.parse(before.last) > withinMs) joined.push(stay);
    else joined[joined.length - 1] = { ...before, last: before.last > stay.last ? before.last : stay.last };
  }
  return joined.slice(-MOST_STAYS);
}

/** While the source is younger than the span, nothing can be called new. `since`: time of its oldest event that the rule has seen. */
export const isLearning = (at: string, since: string | undefined, withinMs: number): boolean =>
  since === undefined || Date.parse(at) - Date.parse(since) < withinMs;

/** The alert of a stay, from the match that began it. */
export function firstSeenAlert(rule: DetectionRule, match: Match, key: string, created: string): Alert {
  const { fields, per } = rule.extensions!.firstSeen!;
  const values = match.group[rule.id]?.by ?? [];
  const by = Object.fromEntries([...per, ...fields].map((field, index) => [field, values[index] ?? null]));
  const shown = (names: readonly string[]) =>
    names.map((name) => `${name} ${by[name] ?? 'missing'}`).join(', ');
  const days = rule.extensions!.firstSeen!.withinMs / 86_400_000;
  const { id, at, dataset } = match.event;
  return {
    id: eventAlertId(rule.id, id),
    kind: 'event',
    rule: ruleRef(rule),
    from: at,
    to: at,
    created,
    events: [id],
    eventCount: 1,
    datasets: [dataset],
    entities: match.entities,
    group: { key, by, value: 1 },
    detail:
      `${shown(fields)}${per.length > 0 ? ` for ${shown(per)}` : ''}: ` +
      `not seen in the ${days >= 1 ? `${days} days` : `${days * 24} hours`} before`,
    state: 'open',
    history: [],
  };
}
