/** What each rule did for us: matches, alerts, incidents and what people thought of them, counted in the store. */
import { and, type Condition, equals, isIn } from '../core/conditions/tree.ts';
import type { Incident, Kind, Level, Match, Verdict } from '../core/documents.ts';
import { findAll } from '../core/find-all.ts';
import type { Rule } from '../detections/index.ts';
import type { Parts } from './parts.ts';

export interface Score {
  id: string;
  title: string;
  level: Level;
  kind: Rule['kind'];
  /** Events that satisfied it; of a correlation, none of its own. */
  matches: number;
  /** By state: open, withdrawn, suppressed by an exception. */
  alerts: Record<string, number>;
  incidents: number;
  /** Incidents by verdict; those still open are `undecided`. */
  verdicts: Partial<Record<Verdict | 'undecided', number>>;
  /** Right of decided; absent while nobody decided anything. Duplicates count for neither. */
  precision?: { right: number; decided: number };
  /** Event time of the newest match or alert in the range. */
  lastFired?: string;
  /** Nothing measures what one rule costs an event yet: said, not guessed. */
  cost: 'not measured';
  /** In shadow mode: the alerts it would have made. */
  shadow?: { why: string; since?: string; wouldAlert: number };
}

export interface Scorecard {
  from: string;
  to: string;
  rules: Score[];
}

const RIGHT: readonly (Verdict | undefined)[] = ['true-positive', 'exercise'];
const WRONG: readonly (Verdict | undefined)[] = ['false-positive', 'benign'];
const AT_ONCE = 500;

export async function scorecard(parts: Parts, range: { from: string; to: string }): Promise<Scorecard> {
  const { store, detection } = parts;
  const within = (field: string): Condition => ({ op: 'range', field, gte: range.from, lt: range.to });
  const count = (kind: Kind, where: Condition, ...groupBy: string[]) =>
    store.documents.aggregate(kind, { where, groupBy, measure: { kind: 'count' } });

  const matches = new Map(
    (await count('match', within('event.at'), 'rule.id')).map(({ key: [rule], value }) => [rule, value]),
  );
  const alerts = new Map<string, Record<string, number>>();
  for (const { key, value } of await count('alert', within('to'), 'rule.id', 'state')) {
    const [rule, state] = key.map(String) as [string, string];
    alerts.set(rule, { ...alerts.get(rule), [state]: value });
  }
  const incidents = await incidentsByRule(parts, within('to'));
  const rules: Score[] = [];
  for (const rule of detection.rules) {
    const id = rule.id.toLowerCase(); // as the store groups
    const mine = incidents.get(id) ?? [];
    const own = matches.get(id) ?? 0;
    const states = alerts.get(id) ?? {};
    const hasFired = own > 0 || Object.keys(states).length > 0;
    const last = hasFired ? await lastFired(parts, rule, within) : undefined;
    const shadow = detection.shadow.entries.get(rule.id);
    rules.push({
      id: rule.id,
      title: rule.title,
      level: rule.level,
      kind: rule.kind,
      matches: own,
      alerts: states,
      incidents: mine.length,
      ...judged(mine),
      ...(last === undefined ? {} : { lastFired: last }),
      cost: 'not measured',
      ...(shadow === undefined
        ? {}
        : {
            shadow: {
              why: shadow.why,
              ...(shadow.since ? { since: shadow.since } : {}),
              wouldAlert: await wouldAlert(parts, rule, own, within('event.at')),
            },
          }),
    });
  }
  return { ...range, rules };
}

/** By rule id in lower case; a merged incident is judged where it went. */
async function incidentsByRule({ store }: Parts, where: Condition): Promise<Map<string, Incident[]>> {
  const pairs = await store.documents.aggregate('alert', {
    where: and(where, { op: 'exists', field: 'incident' }),
    groupBy: ['rule.id', 'incident'],
    measure: { kind: 'count' },
  });
  const known = new Map<string, Incident>();
  const load = async (ids: readonly string[]) => {
    const missing = [...new Set(ids)].filter((id) => !known.has(id));
    for (let at = 0; at < missing.length; at += AT_ONCE) {
      const chunk = missing.slice(at, at + AT_ONCE);
      for (const { body } of await findAll(store.documents, 'incident', { where: isIn('id', chunk) }))
        known.set(body.id.toLowerCase(), body);
    }
  };
  await load(pairs.flatMap(({ key: [, incident] }) => incident ?? []));
  await load([...known.values()].flatMap(({ mergedInto }) => mergedInto?.toLowerCase() ?? []));
  const byRule = new Map<string, Map<string, Incident>>();
  for (const { key } of pairs) {
    const [rule, id] = key.map(String) as [string, string];
    const own = known.get(id);
    const judgedAt = own?.mergedInto === undefined ? own : (known.get(own.mergedInto.toLowerCase()) ?? own);
    if (!judgedAt) continue;
    const of = byRule.get(rule) ?? new Map<string, Incident>();
    byRule.set(rule, of.set(judgedAt.id, judgedAt));
  }
  return new Map([...byRule].map(([rule, of]) => [rule, [...of.values()]]));
}

function judged(incidents: readonly Incident[]): Pick<Score, 'verdicts' | 'precision'> {
  const verdicts: Score['verdicts'] = {};
  for (const { verdict = 'undecided' } of incidents) verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
  const right = incidents.filter(({ verdict }) => RIGHT.includes(verdict)).length;
  const decided = right + incidents.filter(({ verdict }) => WRONG.includes(verdict)).length;
  return { verdicts, ...(decided > 0 ? { precision: { right, decided } } : {}) };
}

/** Event time of its newest match in the range; of a correlation, of its newest alert. */
async function lastFired(
  { store }: Parts,
  { id, kind }: Rule,
  within: (field: string) => Condition,
): Promise<string | undefined> {
  if (kind === 'rule') {
    const where = and(equals('rule.id', id), within('event.at'));
    const { found } = await store.documents.find('match', { where, sort: ['-event.at'], size: 1 });
    return found[0]?.body.event.at;
  }
  const where = and(equals('rule.id', id), within('to'));
  const { found } = await store.documents.find('alert', { where, sort: ['-to'], size: 1 });
  return found[0]?.body.to;
}

/** Settles the stored matches of a correlation in shadow mode, one group after the other: one group is held at a time. */
async function wouldAlert(
  { store, detection }: Parts,
  rule: Rule,
  matches: number,
  where: Condition,
): Promise<number> {
  if (!detection.alerts(rule, true)) return 0;
  if (rule.kind === 'rule') return matches;
  const groups = await store.documents.aggregate('match', {
    where,
    groupBy: ['groups'],
    measure: { kind: 'count' },
  });
  let alerts = 0;
  for (const { key } of groups) {
    const group = key[0];
    if (!group?.startsWith(`${rule.id.toLowerCase()}|`)) continue;
    const found = await findAll(store.documents, 'match', { where: and(where, equals('groups', group)) });
    alerts += detection.inShadow(
      rule.id,
      found.map(({ body }): Match => body),
    ).length;
  }
  return alerts;
}
