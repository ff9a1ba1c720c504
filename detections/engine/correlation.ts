/** Reads the `correlation` section of a rule (section 10 of the language). References are still texts; `load.ts` resolves them. */
import { didYouMean } from '../../core/suggest.ts';
import { isMap, type Reading } from './reading.ts';
import type { Bounds, CorrelationRule, CorrelationType } from './rule.ts';
import { readRuleExpression } from './rule-expression.ts';

const TYPES: readonly CorrelationType[] = [
  'event_count',
  'value_count',
  'value_sum',
  'value_avg',
  'value_percentile',
  'value_median',
  'temporal',
  'temporal_ordered',
];
const KEYS = ['type', 'rules', 'group-by', 'timespan', 'condition', 'aliases', 'generate'];
const OPERATORS = ['gt', 'gte', 'lt', 'lte', 'eq', 'neq'] as const;
const UNIT_MS: Record<string, number> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  M: 30.44 * 86_400_000,
  y: 365.25 * 86_400_000,
};

export type CorrelationBody = Pick<
  CorrelationRule,
  | 'type'
  | 'rules'
  | 'groupBy'
  | 'timespanMs'
  | 'bounds'
  | 'valueFields'
  | 'percentile'
  | 'aliases'
  | 'generate'
  | 'expression'
>;

export function readCorrelation(section: unknown, reading: Reading): CorrelationBody {
  const body: CorrelationBody = {
    type: 'event_count',
    rules: [],
    groupBy: [],
    timespanMs: 0,
    bounds: {},
    valueFields: [],
    percentile: 50,
    aliases: {},
    generate: false,
  };
  const wrong = (key: string, message: string, hint?: string) =>
    reading.wrong(['correlation', key], message, hint);
  if (!isMap(section)) {
    reading.wrong(
      ['correlation'],
      'the correlation must be a map',
      'add type, rules, group-by, timespan and condition',
    );
    return body;
  }
  for (const key of Object.keys(section)) {
    if (!KEYS.includes(key))
      wrong(
        key,
        `unknown key ${JSON.stringify(key)}`,
        didYouMean(key, KEYS) ?? `known keys: ${KEYS.join(', ')}`,
      );
  }
  const type = section['type'];
  if (TYPES.includes(type as CorrelationType)) body.type = type as CorrelationType;
  else
    wrong(
      'type',
      `correlation type ${JSON.stringify(type ?? null)} is not known`,
      didYouMean(String(type), TYPES) ?? `write one of: ${TYPES.join(', ')}`,
    );

  body.rules = texts('rules');
  if (body.rules.length === 0) wrong('rules', 'no rule is referred to', 'list ids or names of rules');
  body.groupBy = texts('group-by');
  body.timespanMs = readTimespan(section['timespan'], wrong);
  body.aliases = readAliases(section['aliases'], wrong);
  const generate = section['generate'];
  if (typeof generate === 'boolean') body.generate = generate;
  else if (generate !== undefined) wrong('generate', 'generate must be true or false');
  readBounds(section['condition'], body, reading);
  return body;

  function texts(key: string): string[] {
    const found = section instanceof Object ? (section as Record<string, unknown>)[key] : undefined;
    if (found === undefined || found === null) return [];
    const list = Array.isArray(found) ? found : [found];
    if (list.every((one) => typeof one === 'string')) return list;
    wrong(key, `${key} must be a list of texts`);
    return [];
  }
}

type Wrong = (key: string, message: string, hint?: string) => void;

function readTimespan(value: unknown, wrong: Wrong): number {
  const found = /^(\d+(?:\.\d+)?)([smhdwMy])$/.exec(String(value ?? ''));
  if (!found || Number(found[1]) === 0) {
    wrong(
      'timespan',
      `timespan ${JSON.stringify(value ?? null)} is not understood`,
      'write a number and a unit: 30s, 5m, 1h, 2d',
    );
    return 0;
  }
  return Math.round(Number(found[1]) * UNIT_MS[found[2]!]!);
}

function readAliases(value: unknown, wrong: Wrong): CorrelationBody['aliases'] {
  if (value === undefined || value === null) return {};
  const isFine =
    isMap(value) &&
    Object.values(value).every(
      (fields) => isMap(fields) && Object.values(fields).every((field) => typeof field === 'string'),
    );
  if (isFine) return value as CorrelationBody['aliases'];
  wrong('aliases', 'aliases must be a map of alias to {rule name: field}');
  return {};
}

function readBounds(condition: unknown, body: CorrelationBody, reading: Reading): void {
  const wrong = (key: string | undefined, message: string, hint?: string) =>
    reading.wrong(['correlation', 'condition', ...(key === undefined ? [] : [key])], message, hint);
  const isTemporal = body.type === 'temporal' || body.type === 'temporal_ordered';
  if (condition === undefined || condition === null) {
    if (!isTemporal) wrong(undefined, 'the condition is missing', 'add for example condition: {gte: 10}');
    return;
  }
  if (typeof condition === 'string' && isTemporal) {
    const expression = readRuleExpression(condition, body.rules, (message) => wrong(undefined, message));
    if (expression) body.expression = expression;
    return;
  }
  if (!isMap(condition)) {
    wrong(undefined, 'the condition must be a map', 'for example condition: {gte: 10}');
    return;
  }
  const known = [...OPERATORS, 'field', ...(body.type === 'value_percentile' ? ['percentile'] : [])];
  for (const [key, limit] of Object.entries(condition)) {
    if (!known.includes(key as (typeof OPERATORS)[number]))
      wrong(
        key,
        `unknown key ${JSON.stringify(key)}`,
        didYouMean(key, known) ?? `known keys: ${known.join(', ')}`,
      );
    else if (key === 'field') body.valueFields = [limit].flat().filter((field) => typeof field === 'string');
    else if (typeof limit !== 'number' || !Number.isFinite(limit)) wrong(key, `${key} must be a number`);
    else if (key === 'percentile') body.percentile = limit;
    else (body.bounds as Record<string, number>)[key] = limit;
  }
  if (body.percentile < 0 || body.percentile > 100) wrong('percentile', 'the percentile must be 0 to 100');
  if (Object.keys(body.bounds).length === 0)
    wrong(undefined, 'the condition has no bound', `add one of: ${OPERATORS.join(', ')}`);
  const isValue = body.type.startsWith('value_');
  if (isValue && body.valueFields.length === 0)
    wrong(undefined, `${body.type} needs the field to look at`, 'add condition: {field: user.name, ...}');
  if (!isValue && body.valueFields.length > 0)
    wrong('field', `${body.type} counts events and looks at no field`, 'use value_count');
}

/** Does a measured number satisfy the bounds? */
export function isWithin(value: number, bounds: Bounds): boolean {
  return (
    (bounds.gt === undefined || value > bounds.gt) &&
    (bounds.gte === undefined || value >= bounds.gte) &&
    (bounds.lt === undefined || value < bounds.lt) &&
    (bounds.lte === undefined || value <= bounds.lte) &&
    (bounds.eq === undefined || value === bounds.eq) &&
    (bounds.neq === undefined || value !== bounds.neq)
  );
}
