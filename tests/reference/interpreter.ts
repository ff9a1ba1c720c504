/**
 * The reference interpreter of Sigma rules: no index, no shared work, no code of the engine; the language read line by line
 * and evaluated on one flat event at a time. Naive on purpose: it is what the engine is compared with.
 */
import { evaluate, wordsOf } from './expression.ts';
import { type Found, fieldOf, messageOf, type Scalar, textOf } from './fields.ts';
import { belongs, type Origin, originOf, otherNamesOf } from './log-sources.ts';
import { modified, type Placeholders, piecesIn, type Wanted, wantedOf } from './modifiers.ts';
import { networkTest } from './network.ts';
import { regexTest } from './regex.ts';
import type { ReferenceRule } from './rule.ts';
import { isAnything, piecesOf, wildcardTest } from './wildcards.ts';

/** An event while rules are asked about it; what was looked up is remembered, because thousands of rules ask the same. */
export interface Asked {
  event: Record<string, unknown>;
  origin: Origin;
  found: Map<string, Found>;
  message: Scalar[] | undefined;
}

export const ask = (event: object): Asked => ({
  event: event as Record<string, unknown>,
  origin: originOf(event as Record<string, unknown>),
  found: new Map(),
  message: undefined,
});

type Verdict = (asked: Asked) => boolean;

export interface Interpreted {
  rule: ReferenceRule;
  /** Does the rule's log source take the event? */
  applies: Verdict;
  /** Does the detection hold, wherever the event comes from? */
  holds: Verdict;
}

const NO_SELECTION = new Set(['condition', 'timeframe']);

export function interpret(rule: ReferenceRule, placeholders: Placeholders = {}): Interpreted {
  const names = Object.keys(rule.detection).filter((name) => !NO_SELECTION.has(name));
  const selections = new Map(names.map((name) => [name, selection(rule.detection[name])]));
  const conditions = [rule.detection['condition']].flat().map((text) => wordsOf(String(text)));
  return {
    rule,
    applies: (asked) => belongs(rule, asked.origin),
    holds: (asked) =>
      conditions.some((words) => evaluate(words, names, (name) => selections.get(name)!(asked))),
  };

  /** D-1 to D-5. */
  function selection(written: unknown): Verdict {
    if (Array.isArray(written)) {
      const any = written.map(selection);
      return (asked) => any.some((one) => one(asked));
    }
    if (typeof written !== 'object' || written === null) return item('', written);
    const every = Object.entries(written).map(([key, value]) => item(key, value));
    return (asked) => every.every((one) => one(asked));
  }

  /** D-6, D-10: `field|modifier: value or list`. */
  function item(key: string, written: unknown): Verdict {
    const [field = '', ...modifiers] = key.split('|');
    const values = Array.isArray(written) ? (written.length === 0 ? [null] : written) : [written];
    const chain = modifiers.filter((name) => !['all', 'cased', 'neq'].includes(name));
    const isCased = modifiers.includes('cased');
    const tests = values.map((value) => {
      const any = chain
        .reduce<Wanted[]>(
          (wanted, name) => wanted.flatMap((one) => modified(name, one, value, placeholders)),
          [wantedOf(value)],
        )
        .map((wanted) => (field === '' ? keyword(wanted, isCased) : comparison(field, wanted, isCased)));
      return (asked: Asked) => any.some((one) => one(asked));
    });
    const joined: Verdict = modifiers.includes('all')
      ? (asked) => tests.every((one) => one(asked))
      : (asked) => tests.some((one) => one(asked));
    return modifiers.includes('neq') ? (asked) => !joined(asked) : joined;
  }

  function lookUp(asked: Asked, field: string): Found {
    const category = rule.logsource.category;
    const key = `${category} ${field}`;
    if (!asked.found.has(key)) {
      const names = [field, ...otherNamesOf(field, category)];
      asked.found.set(
        key,
        names.map((name) => fieldOf(asked.event, name)).find((one) => one !== undefined),
      );
    }
    return asked.found.get(key);
  }

  /** V-15, V-16: any value of the field will do; a field that is not there satisfies nothing. */
  function comparison(field: string, wanted: Wanted, isCased: boolean): Verdict {
    const anyValue =
      (test: (value: Scalar) => boolean): Verdict =>
      (asked) =>
        lookUp(asked, field)?.values.some(test) ?? false;
    const isThere: Verdict = (asked) => {
      const found = lookUp(asked, field);
      return found !== undefined && (found.values.length > 0 || found.isObject);
    };
    switch (wanted.kind) {
      case 'null':
        return (asked) => !isThere(asked);
      case 'exists':
        return (asked) => (lookUp(asked, field) !== undefined) === wanted.expected;
      case 'number':
        return anyValue((value) => value === wanted.number || textOf(value) === String(wanted.number));
      case 'boolean':
        return anyValue((value) => textOf(value).toLowerCase() === String(wanted.boolean));
      case 'regex': {
        const test = regexTest(wanted.source, wanted.flags);
        return anyValue((value) => test(textOf(value)));
      }
      case 'network': {
        const test = networkTest(wanted.network);
        return anyValue((value) => test(textOf(value)));
      }
      case 'compare':
        return anyValue((value) => compares(value, wanted.how, wanted.limit));
      case 'date':
        return anyValue((value) => datePart(value, wanted.part) === wanted.number);
      case 'field':
        return (asked) =>
          (lookUp(asked, field)?.values ?? []).some((left) =>
            (lookUp(asked, wanted.name)?.values ?? []).some((right) =>
              isRelated(textOf(left).toLowerCase(), wanted.how, textOf(right).toLowerCase()),
            ),
          );
      default: {
        const pieces = piecesIn(wanted);
        if (isAnything(pieces)) return isThere;
        const test = wildcardTest(pieces, isCased);
        return anyValue((value) => test(textOf(value)));
      }
    }
  }

  /** K-1 to K-3: anywhere in the message. */
  function keyword(wanted: Wanted, isCased: boolean): Verdict {
    const pieces =
      wanted.kind === 'boolean'
        ? piecesOf(String(wanted.boolean))
        : wanted.kind === 'regex'
          ? []
          : piecesIn(wanted);
    const test =
      wanted.kind === 'regex'
        ? regexTest(wanted.source, wanted.flags)
        : wildcardTest(['*', ...pieces, '*'], isCased);
    return (asked) => (asked.message ??= messageOf(asked.event)).some((value) => test(textOf(value)));
  }
}

function isRelated(left: string, how: string, right: string): boolean {
  if (how === 'contains') return left.includes(right);
  if (how === 'startswith') return left.startsWith(right);
  return how === 'endswith' ? left.endsWith(right) : left === right;
}

/** M-19: numbers, and texts that spell one in decimal. */
function compares(value: Scalar, how: string, limit: number): boolean {
  if (typeof value === 'boolean' || !/^[-+.\deE]+$/.test(textOf(value))) return false;
  const number = Number(value);
  if (Number.isNaN(number)) return false;
  if (how === 'lt') return number < limit;
  if (how === 'lte') return number <= limit;
  return how === 'gt' ? number > limit : number >= limit;
}

/** M-20: in UTC; a date without a zone is UTC. */
function datePart(value: Scalar, part: string): number | undefined {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\d/.test(value)) return undefined;
  const hasZone = /\d\d:\d\d.*(Z|[+-]\d\d:?\d\d)$/i.test(value);
  const date = new Date(/\d\d:\d\d/.test(value) && !hasZone ? `${value}Z` : value);
  switch (part) {
    case 'minute':
      return date.getUTCMinutes();
    case 'hour':
      return date.getUTCHours();
    case 'day':
      return date.getUTCDate();
    case 'month':
      return date.getUTCMonth() + 1;
    case 'year':
      return date.getUTCFullYear();
    default:
      return weekOf(date);
  }
}

/** ISO weeks: week 1 holds January 4th; weeks begin on Monday. */
function weekOf(date: Date): number {
  const mondayOf = (ms: number) => ms - ((new Date(ms).getUTCDay() + 6) % 7) * 86_400_000;
  const monday = mondayOf(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()));
  const yearOf = new Date(monday + 3 * 86_400_000).getUTCFullYear();
  return (monday - mondayOf(Date.UTC(yearOf, 0, 4))) / (7 * 86_400_000) + 1;
}
