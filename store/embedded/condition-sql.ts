/**
 * Reads a condition as SQL over `body` (the JSON text of a document) that selects everything the condition may match, and
 * more. The matcher decides afterwards.
 */
import type { Condition, PatternPart } from '../../core/conditions/tree.ts';
import { type FieldKey, type Term, termOf } from './terms.ts';

export interface Narrowing {
  /** A test on the row `e` with the columns `body` and `odd`. */
  sql: string;
  values: string[];
  /** Sets of terms; a matching document has at least one term of each set. Any of them may drive the search. */
  required: Term[][];
}

const ALL: Narrowing = { sql: '1', values: [], required: [] };
const NONE: Narrowing = { sql: '0', values: [], required: [] };

/** More alternatives than this are left to the matcher: a long chain of LIKE costs more than it saves. */
const MOST_ALTERNATIVES = 20;
/** SQLite refuses long patterns; a piece of the literal selects a superset. */
const MOST_LITERAL = 1_000;

/**
 * Letters that are not ASCII but have ASCII in their lower case (`İ`, the Kelvin sign). SQLite folds ASCII only, so a row
 * whose body holds one of them is marked `odd` when stored and passes every text test.
 */
export const isOdd = (body: string): boolean => /[\u0130\u212a]/.test(body);

export function narrow(condition: Condition, fieldKey: FieldKey): Narrowing {
  switch (condition.op) {
    case 'never':
      return NONE;
    case 'and':
      return all(condition.of.map((part) => narrow(part, fieldKey)));
    case 'or':
      return any(condition.of.map((part) => narrow(part, fieldKey)));
    case 'equals':
      return holdsAny(condition.field, [String(condition.value)], fieldKey);
    case 'in':
      return holdsAny(condition.field, condition.values.map(String), fieldKey);
    case 'contains':
    case 'startsWith':
    case 'endsWith':
      return holds([condition.value]);
    case 'wildcard':
    case 'keyword':
      return holds(literals(condition.pattern));
    case 'always':
    case 'not':
    case 'regex':
    case 'keywordRegex':
    case 'range':
    case 'cidr':
    case 'exists':
    case 'null':
    case 'sameAs':
    case 'datePart':
      return ALL;
  }
}

function all(parts: readonly Narrowing[]): Narrowing {
  const tests = parts.filter((part) => part.sql !== '1');
  if (tests.some((part) => part.sql === '0')) return NONE;
  return {
    sql: tests.map((part) => part.sql).join(' AND ') || '1',
    values: tests.flatMap((part) => part.values),
    required: parts.flatMap((part) => part.required),
  };
}

function any(parts: readonly Narrowing[]): Narrowing {
  const tests = parts.filter((part) => part.sql !== '0');
  if (tests.length === 0) return NONE;
  const driven = tests.every((part) => part.required.length > 0);
  const required = driven ? [tests.flatMap((part) => part.required[0]!)] : [];
  if (tests.length > MOST_ALTERNATIVES || tests.some((part) => part.sql === '1')) return { ...ALL, required };
  return {
    sql: `(${tests.map((part) => `(${part.sql})`).join(' OR ')})`,
    values: tests.flatMap((part) => part.values),
    required,
  };
}

function holdsAny(field: string, texts: readonly string[], fieldKey: FieldKey): Narrowing {
  const key = fieldKey(field);
  const test = any(texts.map((text) => holds([text])));
  return key === undefined || texts.length === 0
    ? test
    : { ...test, required: [texts.map((text) => ({ key, term: termOf(text) }))] };
}

const literals = (pattern: readonly PatternPart[]): string[] =>
  pattern.filter((part) => typeof part === 'string');

/** The longest run of ASCII among the texts must stand in the body, written as JSON writes it. LIKE ignores the case of ASCII. */
function holds(texts: readonly string[]): Narrowing {
  const runs = texts.flatMap((text) => text.toLowerCase().match(/[\0-\x7f]+/g) ?? []);
  const longest = runs
    .reduce((best, run) => (run.length > best.length ? run : best), '')
    .slice(0, MOST_LITERAL);
  if (longest === '') return ALL;
  const written = JSON.stringify(longest).slice(1, -1).replace(/[%_~]/g, '~$&');
  return { sql: `(e.body LIKE ? ESCAPE '~' OR e.odd)`, values: [`%${written}%`], required: [] };
}
