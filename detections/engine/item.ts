/** Reads one detection item, `field|modifier|modifier: value or list`, into a condition. */
import { plainOf } from '../../core/conditions/pattern.ts';
import { parsePattern } from '../../core/conditions/text-pattern.ts';
import type { Condition, PatternPart, Scalar } from '../../core/conditions/tree.ts';
import { didYouMean } from '../../core/suggest.ts';
import {
  type Modified,
  type Modifier,
  type ModifierContext,
  modifiers,
  regexMistake,
  type Working,
} from './modifiers.ts';
import { isMap, type Pointer, type Reading } from './reading.ts';

/** These say something about the item as a whole. */
const FLAGS = ['all', 'cased', 'neq'] as const;

interface Item {
  /** Empty for keywords. */
  field: string;
  all: boolean;
  cased: boolean;
  neq: boolean;
  chain: string[];
}

export function readItem(key: string, value: unknown, pointer: Pointer, reading: Reading): Condition {
  const item = readKey(key, pointer, reading);
  if (isMap(value)) {
    reading.wrong(
      pointer,
      'a map as the value of a field is not part of Sigma 2 (D-11)',
      'write the nested name with a dot: outer.inner',
    );
    return { op: 'never' };
  }
  const written = Array.isArray(value) ? (value.length === 0 ? [null] : value) : [value];
  if (item.all && written.length < 2 && item.field !== '') {
    reading.wrong(
      pointer,
      'modifier "all" needs a list of at least two values (M-4)',
      'leave it out for a single value',
    );
  }
  const of: Condition[] = [];
  const wrong: Wrong = (message, hint) =>
    reading.wrong(Array.isArray(value) ? [...pointer, of.length] : pointer, message, hint);
  const context = contextOf(reading);
  for (const one of written) of.push(readValue(one, item, context, wrong));
  const joined = join(of, item.all ? 'and' : 'or');
  return item.neq ? { op: 'not', of: joined } : joined;
}

function readKey(key: string, pointer: Pointer, reading: Reading): Item {
  const [field = '', ...names] = key.split('|');
  const item: Item = { field, all: false, cased: false, neq: false, chain: [] };
  for (const name of names) {
    if ((FLAGS as readonly string[]).includes(name)) item[name as (typeof FLAGS)[number]] = true;
    else if (Object.hasOwn(modifiers, name)) item.chain.push(name);
    else {
      reading.wrong(
        pointer,
        `unknown modifier ${JSON.stringify(name)}`,
        didYouMean(name, [...Object.keys(modifiers), ...FLAGS]),
      );
    }
  }
  return item;
}

/** Says what is wrong with the value that is read. */
type Wrong = (message: string, hint?: string) => void;

interface ValueContext extends ModifierContext {
  /** Says whether a regular expression is whole: without the values of its placeholders it is not. */
  isWhole(): boolean;
}

const contextOf = (reading: Reading): ValueContext => ({
  isFirst: true,
  written: undefined,
  parse: parsePattern,
  placeholder(name) {
    reading.asked.add(name);
    const choices = Object.hasOwn(reading.placeholders, name) ? reading.placeholders[name] : undefined;
    if (choices === undefined || choices.length === 0) reading.missing.add(name);
    return choices;
  },
  isWhole: () => reading.missing.size === 0,
});

function readValue(written: unknown, item: Item, context: ValueContext, wrong: Wrong): Condition {
  const start = startOf(written);
  if (start === undefined) {
    wrong('a value must be text, a number, true, false or null', 'write several values as one flat list');
    return { op: 'never' };
  }
  let values: Working[] = [start];
  context.written = written;
  context.isFirst = true;
  for (const name of item.chain) {
    const modified = modify(values, modifiers[name]!, context);
    if (!Array.isArray(modified)) {
      wrong(`${item.field === '' ? 'keyword' : item.field}: ${modified.mistake}`, modified.hint);
      return { op: 'never' };
    }
    values = modified;
    context.isFirst = false;
  }
  return join(
    values.map((value) => leaf(value, item, context, wrong)),
    'or',
  );
}

/** All results of all values; the first mistake ends it. */
function modify(values: readonly Working[], modifier: Modifier, context: ModifierContext): Modified {
  // Nearly always: tens of thousands of values are read before the first event.
  if (values.length === 1) return modifier(values[0]!, context);
  const results: Working[] = [];
  for (const value of values) {
    const modified = modifier(value, context);
    if (!Array.isArray(modified)) return modified;
    results.push(...modified);
  }
  return results;
}

function startOf(written: unknown): Working | undefined {
  if (typeof written === 'string') return { kind: 'pattern', parts: parsePattern(written) };
  if (typeof written === 'number') return { kind: 'number', value: written };
  if (typeof written === 'boolean') return { kind: 'boolean', value: written };
  return written === null ? { kind: 'null' } : undefined;
}

function leaf(value: Working, item: Item, context: ValueContext, wrong: Wrong): Condition {
  if (value.kind === 'regex' && context.isWhole()) {
    const why = regexMistake(value.source, value.flags);
    if (why !== undefined) {
      wrong(why.mistake, why.hint);
      return { op: 'never' };
    }
  }
  return item.field === '' ? keyword(value, item, wrong) : fieldLeaf(value, item.field, item.cased);
}

function keyword(value: Working, item: Item, wrong: Wrong): Condition {
  const cased = item.cased ? { cased: true } : {};
  switch (value.kind) {
    case 'pattern':
      return { op: 'keyword', pattern: value.parts, ...cased };
    case 'bytes':
      return { op: 'keyword', pattern: [value.bytes.toString('latin1')], ...cased };
    case 'number':
    case 'boolean':
      return { op: 'keyword', pattern: [String(value.value)], ...cased };
    case 'regex':
      return { op: 'keywordRegex', source: value.source, flags: value.flags };
    default:
      wrong(
        `a keyword cannot be ${value.kind === 'null' ? 'null' : `used with ${item.chain.join('|')}`}`,
        'name a field',
      );
      return { op: 'never' };
  }
}

function fieldLeaf(value: Working, field: string, isCased: boolean): Condition {
  const cased: { cased?: true } = isCased ? { cased: true } : {};
  switch (value.kind) {
    case 'pattern':
      return patternLeaf(field, value.parts, cased);
    case 'bytes':
      return patternLeaf(field, [value.bytes.toString('latin1')], cased);
    case 'number':
    case 'boolean':
      return { op: 'equals', field, value: value.value };
    case 'null':
      return { op: 'null', field };
    case 'regex':
      return { op: 'regex', field, source: value.source, flags: value.flags };
    case 'cidr':
      return { op: 'cidr', field, network: value.network };
    case 'exists':
      return value.wanted ? { op: 'exists', field } : { op: 'not', of: { op: 'exists', field } };
    case 'compare':
      return { op: 'range', field, [value.how]: value.value };
    case 'date':
      return { op: 'datePart', field, part: value.part, value: value.value };
    case 'field':
      return { op: 'sameAs', field, other: value.other, how: value.how };
  }
}

function patternLeaf(field: string, parts: readonly PatternPart[], cased: { cased?: true }): Condition {
  const plain = plainOf(parts);
  // `*` alone stays a wildcard: the field has a value, which may be empty (V-7).
  if (plain === undefined || plain.how === 'any') return { op: 'wildcard', field, pattern: parts, ...cased };
  return { op: plain.how, field, value: plain.value, ...cased };
}

/** Joins conditions; many plain comparisons of one field become one `in`. */
function join(of: readonly Condition[], op: 'and' | 'or'): Condition {
  if (of.length === 0) return { op: 'never' };
  if (of.length === 1) return of[0]!;
  if (op === 'and') return { op, of };
  const first = of[0]!;
  const values: Scalar[] = [];
  for (const inner of of) {
    if (first.op !== 'equals' || inner.op !== 'equals' || inner.cased || inner.field !== first.field)
      return { op, of };
    values.push(inner.value);
  }
  return first.op === 'equals' ? { op: 'in', field: first.field, values } : { op, of };
}
