/**
 * Reads a condition as Query DSL that selects everything the condition may match, and more; the matcher decides afterwards.
 * Values that are not indexed (over-long, malformed, beyond the field limit) are named by Elasticsearch in `_ignored` and
 * always stay inside the answer.
 */
import { isIP } from 'node:net';
import type { estypes } from '@elastic/elasticsearch';
import type { Condition, PatternPart, Scalar } from '../../core/conditions/tree.ts';
import type { FieldType, TypeOf } from './templates.ts';

/** The client's type allows undefined; ours never is. */
export type Query = NonNullable<estypes.QueryDslQueryContainer>;

const ALL: Query = { match_all: {} };
const NONE: Query = { match_none: {} };

/** `ignore_above` of the templates. */
const LONGEST_VALUE = 8_191;
/** Literal characters of a pattern; the automaton of a longer one costs more than it narrows. */
const LONGEST_PATTERN = 200;
const LARGEST_EXACT = 2 ** 53;
const DAY_MS = 86_400_000;

export function conditionDsl(condition: Condition, typeOf: TypeOf): Query {
  const read = (inner: Condition): Query => conditionDsl(inner, typeOf);
  switch (condition.op) {
    case 'always':
    case 'keyword':
    case 'keywordRegex':
      return ALL;
    case 'never':
      return NONE;
    case 'and':
      return allOf(condition.of.map(read));
    case 'or':
      return anyOf(condition.of.map(read));
    case 'not':
      return notOf(condition.of, typeOf);
    case 'equals':
      return equalsAny(condition.field, [condition.value], typeOf);
    case 'in':
      return equalsAny(condition.field, condition.values, typeOf);
    case 'contains':
      return pattern(condition.field, [STAR, condition.value, STAR], typeOf);
    case 'startsWith':
      return pattern(condition.field, [condition.value, STAR], typeOf);
    case 'endsWith':
      return pattern(condition.field, [STAR, condition.value], typeOf);
    case 'wildcard':
      return pattern(condition.field, condition.pattern, typeOf);
    case 'regex':
    case 'datePart':
      return hasValue(condition.field, typeOf);
    case 'range':
      return range(condition, typeOf);
    case 'cidr':
      return cidr(condition.field, condition.network, typeOf);
    case 'exists':
      return hasValue(condition.field, typeOf, [hiddenAt(condition.field)]);
    case 'null':
      return typeOf(condition.field) === 'none'
        ? ALL
        : anyOf([
            { bool: { must_not: [{ exists: { field: condition.field } }] } },
            hiddenAt(condition.field),
          ]);
    case 'sameAs':
      return allOf([hasValue(condition.field, typeOf), hasValue(condition.other, typeOf)]);
  }
}

const STAR: PatternPart = { wild: '*' };
const isAll = (query: Query): boolean => query.match_all !== undefined;
const isNone = (query: Query): boolean => query.match_none !== undefined;

function allOf(queries: readonly Query[]): Query {
  if (queries.some(isNone)) return NONE;
  const narrowing = queries.filter((query) => !isAll(query));
  if (narrowing.length <= 1) return narrowing[0] ?? ALL;
  return { bool: { filter: narrowing } };
}

function anyOf(queries: readonly Query[]): Query {
  if (queries.some(isAll)) return ALL;
  const choices = queries.filter((query) => !isNone(query));
  if (choices.length <= 1) return choices[0] ?? NONE;
  return { bool: { should: choices, minimum_should_match: 1 } };
}

/** The opposite of a superset is no superset; only what is exact, or has an opposite of its own, can be turned round. */
function notOf(condition: Condition, typeOf: TypeOf): Query {
  const opposite = (inner: Condition): Query => notOf(inner, typeOf);
  switch (condition.op) {
    case 'always':
      return NONE;
    case 'not':
      return conditionDsl(condition.of, typeOf);
    case 'and':
      return anyOf(condition.of.map(opposite));
    case 'or':
      return allOf(condition.of.map(opposite));
    case 'null':
      return hasValue(condition.field, typeOf);
    default:
      return ALL;
  }
}

const ancestors = (field: string): string[] =>
  field.split('.').map((_, index, parts) => parts.slice(0, index + 1).join('.'));

/** Documents that hold something at this field which is not indexed. */
function unseen(field: string, type: FieldType): Query[] {
  const queries: Query[] = [{ terms: { _ignored: ancestors(field) } }];
  // An empty text is no number, date or address: it is not indexed there, and not in `_ignored` either.
  return type === 'keyword' ? queries : [...queries, hiddenAt(field)];
}

const hiddenAt = (field: string): Query => ({
  bool: {
    should: [{ term: { 'vigia.store.hidden': field } }, { prefix: { 'vigia.store.hidden': `${field}.` } }],
    minimum_should_match: 1,
  },
});

/** The field holds some value, or an object. */
function hasValue(field: string, typeOf: TypeOf, more: readonly Query[] = []): Query {
  const type = typeOf(field);
  if (type === 'none') return ALL;
  return anyOf([
    { exists: { field } },
    ...unseen(field, type),
    { prefix: { _ignored: `${field}.` } },
    hiddenAt(field),
    ...more,
  ]);
}

function equalsAny(field: string, values: readonly Scalar[], typeOf: TypeOf): Query {
  const type = typeOf(field);
  if (type === 'none') return ALL;
  const exact: (string | number | boolean)[] = [];
  const others: Query[] = [];
  for (const value of values) {
    const found = indexed(type, String(value).toLowerCase());
    if (found === undefined)
      others.push(type === 'keyword' ? pattern(field, [String(value)], typeOf) : hasValue(field, typeOf));
    else if (found !== NOT_INDEXED) exact.push(found);
  }
  const terms: Query[] = exact.length > 0 ? [{ terms: { [field]: exact } }] : [];
  return values.length === 0 ? NONE : anyOf([...terms, ...others, ...unseen(field, type)]);
}

/** The value is never in the index under this type; `_ignored` names the documents that hold it. */
const NOT_INDEXED = Symbol('not indexed');

/** What a lower-cased text looks like in the index; undefined when that is not certain. */
function indexed(type: FieldType, text: string): string | number | boolean | undefined | typeof NOT_INDEXED {
  switch (type) {
    case 'keyword':
      if (text.length > LONGEST_VALUE) return NOT_INDEXED;
      return isFoldedAlike(text) ? text : undefined;
    case 'boolean':
      return text === 'true' || text === 'false' ? text === 'true' : NOT_INDEXED;
    case 'long':
    case 'double': {
      const number = text.trim() === '' ? Number.NaN : Number(text);
      if (!(Math.abs(number) < LARGEST_EXACT)) return undefined;
      // A fraction in a `long` field is cut when it is indexed.
      return type === 'long' ? Math.trunc(number) : number;
    }
    case 'ip':
      return isIP(text) !== 0 && !text.includes('%') ? text : undefined;
    case 'date':
    case 'none':
      return undefined;
  }
}

/** Letters that JavaScript and Lucene lower-case alike, one by one: ASCII and Latin-1. Others (`İ`, final `ς`) differ. */
const isFoldedAlike = (text: string): boolean => !/[^\0-\u00ff]/.test(text);

function pattern(field: string, parts: readonly PatternPart[], typeOf: TypeOf): Query {
  const type = typeOf(field);
  if (type === 'none') return ALL;
  if (type !== 'keyword') return hasValue(field, typeOf);
  const text = luceneWildcard(parts);
  if (text === '*') return hasValue(field, typeOf);
  return anyOf([{ wildcard: { [field]: { value: text } } }, ...unseen(field, type)]);
}

/** `?` and letters that fold differently become `*`; a long pattern is cut. Both only widen it. */
function luceneWildcard(parts: readonly PatternPart[]): string {
  let room = LONGEST_PATTERN;
  let text = '';
  for (const part of parts) {
    const literal = typeof part === 'string' ? part.toLowerCase() : '';
    const kept = literal.slice(0, room);
    room -= kept.length;
    text += typeof part === 'string' ? kept.replace(/[*?\\]/g, '\\$&').replace(/[^\0-\u00ff]+/g, '*') : '*';
    if (kept.length < literal.length) return oneStar(`${text}*`);
  }
  return oneStar(text);
}

const oneStar = (text: string): string => text.replace(/(?<!\\)\*{2,}/g, '*');

type RangeCondition = Extract<Condition, { op: 'range' }>;

function range(condition: RangeCondition, typeOf: TypeOf): Query {
  const { field } = condition;
  const type = typeOf(field);
  const bounds: Record<string, string | number> = {};
  const low = condition.gt ?? condition.gte;
  const high = condition.lt ?? condition.lte;
  if (low !== undefined) add('gte', low, -1);
  if (high !== undefined) add('lte', high, 1);
  if (type === 'none' || Object.keys(bounds).length === 0) return hasValue(field, typeOf);
  return anyOf([{ range: { [field]: bounds } }, ...unseen(field, type)]);

  function add(side: 'gte' | 'lte', bound: Scalar, outwards: -1 | 1): void {
    if (
      (type === 'long' || type === 'double') &&
      typeof bound === 'number' &&
      Math.abs(bound) < LARGEST_EXACT
    ) {
      bounds[side] = type === 'double' ? bound : Math.trunc(bound) + outwards;
    }
    if (typeof bound !== 'string' || !ISO_TIME.test(bound) || Number.isNaN(Date.parse(bound))) return;
    // Times compare as text: other offsets and precisions shift that by less than a day.
    if (type === 'date') bounds[side] = new Date(Date.parse(bound) + outwards * DAY_MS).toISOString();
    // Only digits up to the `T`, so that letter case plays no part.
    if (type === 'keyword')
      bounds[side] = outwards === 1 ? `${bound.slice(0, 10)}\uffff` : bound.slice(0, 10);
  }
}

const ISO_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

function cidr(field: string, network: string, typeOf: TypeOf): Query {
  const type = typeOf(field);
  // Elasticsearch refuses IPv4 addresses written as IPv6 in a network.
  const isPlain =
    /^(\d+\.\d+\.\d+\.\d+\/\d+|[0-9a-f:]+\/\d+)$/i.test(network) && !/^[0:]*:ffff:/i.test(network);
  if (type !== 'ip' || !isPlain) return hasValue(field, typeOf);
  return anyOf([{ term: { [field]: network } }, ...unseen(field, type)]);
}
