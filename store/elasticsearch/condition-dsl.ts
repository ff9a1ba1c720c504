/**
 * Reads a condition as Query DSL that selects everything the condition may match, and more; the matcher decides afterwards.
 * Values that are not indexed (over-long, malformed, beyond the field limit) are named by Elasticsearch in `_ignored` and
 * always stay inside the answer.
 */
import { isIP } from 'node:net';
import type { estypes } from '@elastic/elasticsearch';
import type { Condition, PatternPart, Scalar } from '../../core/conditions/tree.ts';
import { LONGEST_VALUE } from './hidden.ts';
import type { FieldType, TypeOf } from './templates.ts';

/** The client's type allows undefined; ours never is. */
export type Query = NonNullable<estypes.QueryDslQueryContainer>;

const ALL: Query = { match_all: {} };
const NONE: Query = { match_none: {} };

/** Literal characters of a pattern; the automaton of a longer one costs more than it narrows. */
const LONGEST_PATTERN = 200;
const LARGEST_EXACT = 2 ** 53;
const DAY_MS = 86_400_000;

/** Elasticsearch refuses queries with more clauses than its memory allows, 1,024 on the smallest nodes. */
const MOST_CLAUSES = 1_000;
/** Alternatives of one `or`, beyond which it only asks for the fields; the first that gives few enough clauses is taken. */
const ALTERNATIVES = [300, 30, 3];

export function conditionDsl(condition: Condition, typeOf: TypeOf): Query {
  for (const most of ALTERNATIVES) {
    const query = queryFor(condition, typeOf, most);
    if (clausesOf(query) <= MOST_CLAUSES) return query;
  }
  return ALL;
}

function clausesOf({ bool }: Query): number {
  if (bool === undefined) return 1;
  const inner = [bool.filter, bool.should, bool.must_not].flat() as (Query | undefined)[];
  return inner.reduce((sum, query) => sum + (query === undefined ? 0 : clausesOf(query)), 0);
}

/** Of very many alternatives those on one field become the question whether it is there. */
function fewer(of: readonly Condition[], most: number): readonly Condition[] {
  if (of.length <= most) return of;
  const fields = new Set<string>();
  const others = of.filter((part) => {
    // A missing field satisfies `null`, and only that.
    if (!('field' in part) || part.op === 'null') return true;
    fields.add(part.field);
    return false;
  });
  return [...others, ...[...fields].map((field): Condition => ({ op: 'exists', field }))];
}

function queryFor(condition: Condition, typeOf: TypeOf, most: number): Query {
  const read = (inner: Condition): Query => queryFor(inner, typeOf, most);
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
      return anyOf(fewer(condition.of, most).map(read));
    case 'not':
      return notOf(condition.of, typeOf, most);
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
      return typeOf(condition.field) === 'none' || outerOf(typeOf(condition.field)) !== undefined
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
  // Alternatives of alternatives are alternatives, and one of each is enough: the same field is unseen but once.
  const choices = new Map<string, Query>();
  for (const query of queries.flatMap(alternativesOf)) choices.set(JSON.stringify(query), query);
  const should = [...choices.values()].filter((query) => !isNone(query));
  if (should.length <= 1) return should[0] ?? NONE;
  return { bool: { should, minimum_should_match: 1 } };
}

const alternativesOf = (query: Query): Query[] =>
  query.bool?.minimum_should_match === 1 && Object.keys(query.bool).length === 2
    ? ([query.bool.should].flat() as Query[])
    : [query];

/** The opposite of a superset is no superset; only what is exact, or has an opposite of its own, can be turned round. */
function notOf(condition: Condition, typeOf: TypeOf, most: number): Query {
  const opposite = (inner: Condition): Query => notOf(inner, typeOf, most);
  switch (condition.op) {
    case 'always':
      return NONE;
    case 'not':
      return queryFor(condition.of, typeOf, most);
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

/** The free-form object that a field lies in. */
const outerOf = (type: FieldType): string | undefined =>
  type.startsWith('within:') ? type.slice('within:'.length) : undefined;

/** The field holds some value, or an object. */
function hasValue(field: string, typeOf: TypeOf, more: readonly Query[] = []): Query {
  const type = typeOf(field);
  if (type === 'none') return ALL;
  const outer = outerOf(type);
  if (outer !== undefined && outer !== field) return hasValue(outer, typeOf);
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
  if (outerOf(type) !== undefined) return values.length === 0 ? NONE : hasValue(field, typeOf);
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
    default:
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
  if (type === 'none' || outerOf(type) !== undefined || Object.keys(bounds).length === 0)
    return hasValue(field, typeOf);
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
