/**
 * Turns the engine's verdicts into the documents that ingest stores: matches, and alerts where policy asks for them. What an
 * exception covers keeps its match, and its alert is kept as suppressed.
 */
import { readField, segmentsOf } from '../core/conditions/values.ts';
import type { Alert, Entity, Match, RuleRef } from '../core/documents.ts';
import type { Evaluate } from '../core/evaluate.ts';
import type { Event } from '../core/event.ts';
import { eventAlertId, hashId, matchId } from '../core/ids.ts';
import { type AlertingPolicy, shouldAlert } from './alerting.ts';
import { decider } from './decide.ts';
import { fieldResolver } from './engine/fields.ts';
import type { Engine } from './engine/match.ts';
import type { CorrelationRule, DetectionRule, Rule } from './engine/rule.ts';
import { entitiesOf } from './entities.ts';
import { type Grouping, groupingOf } from './judge/groups.ts';
import { type Known, knowsNothing } from './known.ts';
import { suppressor } from './suppress.ts';

/** `now` gives the time of creation of an alert (ISO, UTC); `known` is asked once for each batch. */
export function evaluator(
  engine: Engine,
  policy: AlertingPolicy,
  now: () => string = () => new Date().toISOString(),
  known: () => Promise<Known> = knowsNothing,
): Evaluate {
  const grouped = groupReaders(engine);
  const suppress = suppressor(engine);
  const decide = decider(engine);
  const refs = new Map(engine.rules.map((rule) => [rule.id, ruleRef(rule)]));
  return async (events) => {
    const knowledge = await known();
    const matches: Match[] = [];
    const alerts: Alert[] = [];
    let entities: Entity[] = [];
    let last: Event | undefined;
    for (const { rule, event, detail } of await decide(events, knowledge)) {
      const ref = refs.get(rule.id)!;
      const { id, dataset } = event.event;
      const at = event['@timestamp'];
      if (event !== last) [entities, last] = [entitiesOf(event), event];
      const match: Match = {
        id: matchId(rule.id, rule.hash, id),
        rule: ref,
        event: { id, at, dataset },
        groups: [],
        group: {},
        entities,
        ...(detail ? { detail } : {}),
      };
      for (const read of grouped.get(rule.id) ?? []) read(event, match);
      const covered = suppress(rule, { atMs: Date.parse(at), entities, event }, knowledge.exceptions);
      if (covered.match.length > 0) match.exceptions = covered.match;
      matches.push(match);
      if (!shouldAlert(rule, policy)) continue;
      alerts.push({
        id: eventAlertId(rule.id, id),
        kind: 'event',
        rule: ref,
        from: at,
        to: at,
        created: now(),
        events: [id],
        eventCount: 1,
        datasets: [dataset],
        entities,
        ...(detail ? { detail } : {}),
        ...(covered.alert === undefined
          ? { state: 'open' }
          : { state: 'suppressed', exception: covered.alert }),
        history: [],
      });
    }
    return { matches, alerts };
  };
}

/** What documents keep of the rule behind them. */
export function ruleRef(rule: Rule): RuleRef {
  const { id, title, level, hash, path, tags, author, status } = rule;
  return { id, title, level, hash, path, tags, ...(author ? { author } : {}), ...(status ? { status } : {}) };
}

type GroupReader = (event: Event, match: Match) => void;

/** By rule id: what each correlation above it, directly or through others, needs to know of a match. */
function groupReaders(engine: Engine): Map<string, GroupReader[]> {
  const readers = new Map<string, GroupReader[]>();
  const byId = new Map<string, Rule>(
    [...engine.rules, ...engine.correlations].map((rule) => [rule.id, rule]),
  );
  for (const correlation of engine.correlations) {
    for (const rule of baseRules(correlation, byId)) {
      const list = readers.get(rule.id) ?? [];
      readers.set(rule.id, [...list, groupReader(correlation, rule)]);
    }
  }
  for (const rule of engine.rules) {
    const grouping = groupingOf(rule);
    if (grouping)
      readers.set(rule.id, [
        ...(readers.get(rule.id) ?? []),
        groupReader({ ...grouping, id: rule.id, aliases: {} }, rule),
      ]);
  }
  return readers;
}

/** The detection rules at the bottom of a correlation. */
export function baseRules(correlation: CorrelationRule, byId: ReadonlyMap<string, Rule>): DetectionRule[] {
  const found = new Map<string, DetectionRule>();
  const waiting = [...correlation.rules];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    const rule = byId.get(id);
    if (rule?.kind === 'rule') found.set(id, rule);
    else if (rule) waiting.push(...rule.rules);
  }
  return [...found.values()];
}

type Grouped = Pick<CorrelationRule, 'id' | 'groupBy' | 'valueFields' | 'aliases'> & Partial<Grouping>;

function groupReader(correlation: Grouped, rule: DetectionRule): GroupReader {
  const resolve = fieldResolver(rule.logsource, rule.taxonomy);
  const places = (name: string) => {
    const alias = Object.hasOwn(correlation.aliases, name) ? correlation.aliases[name] : undefined;
    const field = alias && Object.hasOwn(alias, rule.id) ? alias[rule.id]! : name;
    return resolve(field).flat().map(segmentsOf);
  };
  const groupBy = correlation.groupBy.map(places);
  const valueFields = correlation.valueFields.map(places);
  return (event, match) => {
    const by = groupBy.map((paths) => firstValue(event, paths)?.text ?? null);
    if (correlation.needed?.some((place) => by[place] === null)) return;
    match.group[correlation.id] = {
      by,
      values: valueFields.map(
        (paths) => (firstValue(event, paths)?.raw as string | number | undefined) ?? null,
      ),
    };
    match.groups.push(groupKey(correlation.id, by));
  };
}

/** A missing value is a group of its own; letter case does not tell groups apart. */
export function groupKey(correlation: string, by: readonly (string | null)[]): string {
  return `${correlation}|${hashId('group', ...by.map((value) => (value === null ? 'missing' : `=${value.toLowerCase()}`)))}`;
}

function firstValue(event: Event, paths: readonly (readonly string[])[]) {
  for (const path of paths) {
    const value = readField(event, path)?.values[0];
    if (value !== undefined) return value;
  }
  return undefined;
}
