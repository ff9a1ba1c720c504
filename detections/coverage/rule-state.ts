/** Can it fire? For each rule: is a source configured that gives its log source and fields, and did they come lately? */
import type { Condition } from '../../core/conditions/tree.ts';
import type { Level } from '../../core/documents.ts';
import { fieldResolver } from '../engine/fields.ts';
import type { CorrelationRule, DetectionRule, Rule } from '../engine/rule.ts';
import { carries, type Need } from './feeds.ts';
import { missingFields } from './missing-fields.ts';
import { type Option, optionsOf } from './options.ts';

/** Best first. */
export const RULE_STATES = [
  'can-fire',
  'field-never-seen',
  'source-silent',
  'source-not-configured',
] as const;
export type RuleState = (typeof RULE_STATES)[number];

export interface RuleCoverage {
  id: string;
  title: string;
  level: Level;
  kind: Rule['kind'];
  origin: Rule['origin'];
  path: string;
  tags: readonly string[];
  state: RuleState;
  /** In words; empty when it can fire. */
  reason: string;
  /** Datasets that feed it, or could. */
  datasets: readonly string[];
  /** Fields that it waits for in vain. */
  missing: readonly string[];
  /** What must be switched on at the source. */
  needs: readonly string[];
  /** Whether its matches become alerts: parts of correlations, informational rules and rules in shadow mode make none. */
  alerts: boolean;
  shadow?: { why: string; since?: string };
}

/** What is known of the sources. */
export interface Sight {
  /** Datasets of the configured sources. */
  configured: ReadonlySet<string>;
  /** Events by dataset in the days looked at. */
  seen: ReadonlyMap<string, number>;
  /** Did an event of the dataset hold something at one of the places in those days? */
  hasField(dataset: string, places: readonly string[]): boolean;
  days: number;
  alerts(rule: Rule): boolean;
}

export function ruleStates(rules: readonly Rule[], sight: Sight): RuleCoverage[] {
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  const done = new Map<string, RuleCoverage>();
  const stateOf = (rule: Rule): RuleCoverage => {
    const known = done.get(rule.id);
    if (known) return known;
    const found =
      rule.kind === 'rule'
        ? detectionState(rule, sight)
        : correlationState(rule, sight, rule.rules.flatMap((id) => byId.get(id) ?? []).map(stateOf));
    done.set(rule.id, found);
    return found;
  };
  return rules.map(stateOf);
}

/** Each dataset with the places of each field that some rule needs there: what `Sight.hasField` will be asked. */
export function fieldQuestions(
  rules: readonly Rule[],
  seen: ReadonlyMap<string, number>,
): { dataset: string; places: string[] }[] {
  const questions = new Map<string, { dataset: string; places: string[] }>();
  for (const rule of rules) {
    if (rule.kind !== 'rule') continue;
    const places = placesOf(rule);
    for (const { feed } of optionsOf(rule)) {
      if (!seen.has(feed.dataset)) continue;
      missingFields(rule.condition, (field) => {
        const asked = { dataset: feed.dataset, places: places(field) };
        questions.set(JSON.stringify(asked), asked);
        return false;
      });
    }
  }
  return [...questions.values()];
}

const placesOf = (rule: DetectionRule): ((field: string) => string[]) => {
  const resolve = fieldResolver(rule.logsource, rule.taxonomy);
  return (field) => resolve(field).flat();
};

function detectionState(rule: DetectionRule, sight: Sight): RuleCoverage {
  const places = placesOf(rule);
  const options = optionsOf(rule);
  const source = Object.values(rule.logsource).join(' ');
  if (options.length === 0)
    return told(rule, sight, 'source-not-configured', `nothing that Vigia reads is known to give ${source}`);
  const lacking = ({ feed }: Option) =>
    missingFields(rule.condition, (field) => carries(feed, places(field)));
  const able = options.filter((option) => lacking(option).length === 0);
  if (able.length === 0) {
    const missing = fewest(options.map(lacking));
    return told(
      rule,
      sight,
      'field-never-seen',
      `no source of ${source} carries ${missing.join(', ')}`,
      options,
      missing,
    );
  }
  const seen = able.filter(({ feed }) => sight.seen.has(feed.dataset));
  if (seen.length === 0) {
    const configured = able.filter(({ feed }) => sight.configured.has(feed.dataset));
    return configured.length === 0
      ? told(rule, sight, 'source-not-configured', `no source is configured that gives ${names(able)}`, able)
      : told(
          rule,
          sight,
          'source-silent',
          `no event of ${names(configured)} in ${sight.days} days`,
          configured,
        );
  }
  const unseen = ({ feed }: Option) =>
    missingFields(rule.condition, (field) => sight.hasField(feed.dataset, places(field)));
  const fed = seen.filter((option) => unseen(option).length === 0);
  if (fed.length > 0) return told(rule, sight, 'can-fire', '', fed);
  const missing = fewest(seen.map(unseen));
  const reason = `no event of ${names(seen)} held ${missing.join(', ')} in ${sight.days} days`;
  return told(rule, sight, 'field-never-seen', reason, seen, missing);
}

/** A temporal correlation needs all of its parts, any other at least one. */
function correlationState(rule: CorrelationRule, sight: Sight, parts: readonly RuleCoverage[]): RuleCoverage {
  const isTemporal = rule.type === 'temporal' || rule.type === 'temporal_ordered';
  const worstFirst = [...parts].sort((a, b) => rank(b) - rank(a));
  const deciding = isTemporal ? worstFirst[0] : worstFirst.at(-1);
  const union = (of: (part: RuleCoverage) => readonly string[]) => [...new Set(parts.flatMap(of))];
  return {
    ...told(rule, sight, deciding?.state ?? 'source-not-configured', ''),
    reason:
      deciding === undefined || deciding.state === 'can-fire' ? '' : `${deciding.title}: ${deciding.reason}`,
    datasets: union((part) => part.datasets),
    missing: deciding?.missing ?? [],
    needs: union((part) => part.needs),
  };
}

const rank = ({ state }: RuleCoverage): number => RULE_STATES.indexOf(state);
const names = (options: readonly Option[]): string => options.map(({ feed }) => feed.dataset).join(' or ');
const fewest = (lists: readonly (readonly string[])[]): readonly string[] =>
  lists.reduce((best, list) => (list.length < best.length ? list : best));

function told(
  rule: Rule,
  sight: Sight,
  state: RuleState,
  reason: string,
  options: readonly Option[] = [],
  missing: readonly string[] = [],
): RuleCoverage {
  const { id, title, level, kind, origin, path, tags } = rule;
  const needs = rule.kind === 'rule' ? needsOf(rule, options) : [];
  const datasets = options.map(({ feed }) => feed.dataset);
  return {
    id,
    title,
    level,
    kind,
    origin,
    path,
    tags,
    state,
    reason,
    datasets,
    missing,
    needs,
    alerts: sight.alerts(rule),
  };
}

function needsOf(rule: DetectionRule, options: readonly Option[]): string[] {
  const asked = valuesOf(rule.condition);
  return options.flatMap(({ feed, eventIds }) => {
    const values = new Map(asked);
    if (eventIds.length > 0) values.set('EventID', new Set(eventIds.map(String)));
    const texts = feed.needs.filter((need) => concerns(need, values)).map(({ text }) => text);
    return options.length > 1 ? texts.map((text) => `${feed.dataset}: ${text}`) : texts;
  });
}

const concerns = ({ when }: Need, values: ReadonlyMap<string, ReadonlySet<string>>): boolean =>
  Object.entries(when ?? {}).every(([field, wanted]) => {
    const found = values.get(field);
    return (
      found !== undefined && wanted.some((value) => value === '*' || found.has(String(value).toLowerCase()))
    );
  });

/** The fields that a condition asks for, each with the values it may equal. */
function valuesOf(condition: Condition, to = new Map<string, Set<string>>()): Map<string, Set<string>> {
  if (condition.op === 'and' || condition.op === 'or') for (const part of condition.of) valuesOf(part, to);
  else if (condition.op !== 'not' && 'field' in condition) {
    const values = to.get(condition.field) ?? new Set();
    to.set(condition.field, values);
    if (condition.op === 'equals') values.add(String(condition.value).toLowerCase());
    if (condition.op === 'in') for (const value of condition.values) values.add(String(value).toLowerCase());
  }
  return to;
}
