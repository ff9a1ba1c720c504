/**
 * The stage between match and alert: which exceptions cover a match, and whether they cover its alert. A match remembers the
 * exceptions that name its own rule or a correlation above it, so that an episode is judged from stored matches alone.
 */
import type { Alert, Match } from '../core/documents.ts';
import type { Covering, Subject } from '../core/exceptions/index.ts';
import type { Engine } from './engine/match.ts';
import type { DetectionRule, Rule } from './engine/rule.ts';
import { baseRules } from './evaluate.ts';

export interface Covered {
  /** Of the match, for whatever may come of it. */
  match: string[];
  /** Of the alert of this very rule. */
  alert: string | undefined;
}

const NOT_COVERED: Covered = { match: [], alert: undefined };

export function suppressor(
  engine: Engine,
): (rule: DetectionRule, subject: Subject, exceptions: Covering) => Covered {
  const byId = new Map<string, Rule>(
    [...engine.rules, ...engine.correlations].map((rule) => [rule.id, rule]),
  );
  const above = new Map<string, string[]>();
  for (const correlation of engine.correlations)
    for (const { id } of baseRules(correlation, byId))
      above.set(id, [...(above.get(id) ?? []), correlation.id]);

  return ({ id }, subject, exceptions) => {
    const higher = (above.get(id) ?? []).filter(exceptions.concerns);
    if (higher.length === 0 && !exceptions.concerns(id)) return NOT_COVERED;
    const own = exceptions.of(id, subject);
    const match = new Set([...own, ...higher.flatMap((correlation) => exceptions.of(correlation, subject))]);
    return { match: [...match], alert: own[0] };
  };
}

/** An episode is covered when one exception that names its rule covers every match behind it: one uncovered match shows it. */
export function suppressEpisode(alert: Alert, matches: readonly Match[], exceptions: Covering): Alert {
  if (!exceptions.concerns(alert.rule.id)) return alert;
  const behind = matches.filter(({ event }) => event.at >= alert.from && event.at <= alert.to);
  const covers = (id: string) => behind.every((match) => match.exceptions?.includes(id));
  const exception = behind.length === 0 ? undefined : exceptions.naming(alert.rule.id).find(covers);
  return exception === undefined ? alert : { ...alert, state: 'suppressed', exception };
}

/** What did not happen has no event: only exceptions without a condition can cover it. */
export function suppressGap(alert: Alert, exceptions: Covering): Alert {
  const subject = { atMs: Date.parse(alert.from), entities: alert.entities };
  const [exception] = exceptions.of(alert.rule.id, subject);
  return exception === undefined ? alert : { ...alert, state: 'suppressed', exception };
}
