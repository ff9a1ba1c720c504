/** The modifiers of Sigma 2.1 (section 6 of the language): each turns one value into one or several others. */
import { Buffer } from 'node:buffer';
import { networkMistake } from '../../core/conditions/network.ts';
import { checkRegex } from '../../core/conditions/regex.ts';
import type { PatternPart } from '../../core/conditions/tree.ts';
import { VigiaError } from '../../core/errors.ts';
import { withDashes } from './dashes.ts';

/** A value on its way through the modifiers of its item. */
export type Working =
  | { kind: 'pattern'; parts: readonly PatternPart[] }
  | { kind: 'bytes'; bytes: Buffer }
  | { kind: 'number'; value: number }
  | { kind: 'boolean'; value: boolean }
  | { kind: 'null' }
  | { kind: 'regex'; source: string; flags: string }
  | { kind: 'cidr'; network: string }
  | { kind: 'exists'; wanted: boolean }
  | { kind: 'compare'; how: 'lt' | 'lte' | 'gt' | 'gte'; value: number }
  | { kind: 'date'; part: 'minute' | 'hour' | 'day' | 'week' | 'month' | 'year'; value: number }
  | { kind: 'field'; other: string; how: 'equals' | 'contains' | 'startsWith' | 'endsWith' };

/** What a modifier is given besides the value. */
export interface ModifierContext {
  /** No modifier came before (flags like `all`, `cased` do not count). */
  isFirst: boolean;
  /** The value as the rule writes it. */
  written: unknown;
  /** Values for a placeholder, or undefined when there are none. */
  placeholder(name: string): readonly (string | number)[] | undefined;
  parse(text: string): PatternPart[];
}

/** One or several values (joined with OR, also under `all`), or why it cannot be done. */
export type Modified = Working[] | { mistake: string; hint?: string };
export type Modifier = (value: Working, context: ModifierContext) => Modified;

const star: PatternPart = { wild: '*' };
const NEEDS_TEXT = 'put text behind it; null, true and false stand without this modifier';
const NO_WILDCARDS = 'write \\* or \\? where the character itself is meant';

const mistake = (text: string, hint?: string): Modified => ({ mistake: text, ...(hint ? { hint } : {}) });

/** Text of a value that is text or a number; wildcards added around stay apart from its escapes (V-6). */
function partsOf(value: Working): readonly PatternPart[] | undefined {
  if (value.kind === 'pattern') return value.parts;
  if (value.kind === 'number') return [String(value.value)];
  if (value.kind === 'bytes') return [value.bytes.toString('latin1')];
  return undefined;
}

function around(
  how: 'contains' | 'startsWith' | 'endsWith',
  before: readonly PatternPart[],
  after: readonly PatternPart[],
): Modifier {
  return (value) => {
    if (value.kind === 'field') return [{ ...value, how }];
    if (value.kind === 'regex') return [value]; // found anywhere already
    const parts = partsOf(value);
    return parts
      ? [{ kind: 'pattern', parts: [...before, ...parts, ...after] }]
      : mistake(`${how.toLowerCase()} needs text`, NEEDS_TEXT);
  };
}

/** Only where every part is literal text; `wide` and its kin may have come before. */
function bytesOf(value: Working): Buffer | undefined {
  if (value.kind === 'bytes') return value.bytes;
  const parts = partsOf(value);
  if (!parts?.every((part) => typeof part === 'string')) return undefined;
  return Buffer.from(parts.join(''), 'utf8');
}

function encode(to: (text: string) => Buffer): Modifier {
  return (value) => {
    const parts = partsOf(value);
    if (!parts?.every((part) => typeof part === 'string'))
      return mistake('an encoding needs text without wildcards', NO_WILDCARDS);
    return [{ kind: 'bytes', bytes: to(parts.join('')) }];
  };
}
const littleEndian = (text: string): Buffer => Buffer.from(text, 'utf16le');
const bigEndian = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();

const base64: Modifier = (value) => {
  const bytes = bytesOf(value);
  return bytes
    ? [{ kind: 'pattern', parts: [bytes.toString('base64')] }]
    : mistake('base64 needs text without wildcards', NO_WILDCARDS);
};

/** The parts of the Base64 text that stay the same when the value starts at byte offset 0, 1 or 2 (M-13). */
const base64offset: Modifier = (value) => {
  const bytes = bytesOf(value);
  if (!bytes || bytes.length === 0) return mistake('base64offset needs text without wildcards', NO_WILDCARDS);
  return [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
    const start = [0, 2, 3][offset]!;
    const end = [0, -3, -2][(bytes.length + offset) % 3]!;
    return { kind: 'pattern', parts: [end === 0 ? encoded.slice(start) : encoded.slice(start, end)] };
  });
};

const regex: Modifier = (value, context) => {
  if (!context.isFirst)
    return mistake('re must be the first modifier', 'write field|re; it is found anywhere in the value');
  const source =
    typeof context.written === 'string'
      ? context.written
      : value.kind === 'number'
        ? String(value.value)
        : undefined;
  return source === undefined
    ? mistake('re needs text', 'put the expression in quotes')
    : [{ kind: 'regex', source, flags: '' }];
};

const flag =
  (letter: 'i' | 'm' | 's'): Modifier =>
  (value) =>
    value.kind === 'regex'
      ? [{ ...value, flags: value.flags + letter }]
      : mistake(`${letter} is a flag of re`, 'write re before it');

const compare =
  (how: 'lt' | 'lte' | 'gt' | 'gte'): Modifier =>
  (value) =>
    value.kind === 'number'
      ? [{ kind: 'compare', how, value: value.value }]
      : mistake(`${how} needs a number`, 'write it without quotes');

const datePart =
  (part: Extract<Working, { kind: 'date' }>['part']): Modifier =>
  (value) =>
    value.kind === 'number' && Number.isInteger(value.value)
      ? [{ kind: 'date', part, value: value.value }]
      : mistake(`${part} needs a whole number`, 'write it without quotes');

const cidr: Modifier = (_value, context) => {
  if (!context.isFirst) return mistake('cidr must be the only modifier', 'write field|cidr: 10.0.0.0/8');
  if (typeof context.written !== 'string') return mistake('cidr needs a network', 'for example 10.0.0.0/8');
  const why = networkMistake(context.written);
  return why
    ? mistake(`${JSON.stringify(context.written)} is no network: ${why}`, 'for example 10.0.0.0/8')
    : [{ kind: 'cidr', network: context.written }];
};

const exists: Modifier = (value, context) => {
  if (!context.isFirst) return mistake('exists must be the only modifier', 'write field|exists: true');
  return value.kind === 'boolean'
    ? [{ kind: 'exists', wanted: value.value }]
    : mistake('exists needs true or false', 'write it without quotes');
};

const fieldref: Modifier = (value, context) => {
  // `endswith|fieldref` says the same as `fieldref|endswith`: the stars around the text tell which.
  const parts = value.kind === 'pattern' ? value.parts : [];
  const starts = typeof parts[0] === 'object';
  const ends = parts.length > 1 && typeof parts.at(-1) === 'object';
  const how = starts && ends ? 'contains' : starts ? 'endsWith' : ends ? 'startsWith' : 'equals';
  if (typeof context.written !== 'string' || context.written === '')
    return mistake('fieldref needs the name of a field', 'write field|fieldref: OtherField');
  return [{ kind: 'field', other: context.written, how }];
};

const windash: Modifier = (value) => {
  const parts = partsOf(value);
  if (!parts) return mistake('windash needs text', NEEDS_TEXT);
  const variants = withDashes(parts);
  return variants
    ? variants.map((variant) => ({ kind: 'pattern', parts: variant }))
    : mistake('windash: too many dashes in one value', 'write shorter values');
};

const NAME = /\\%|%([^%\s]+)%/g;
/** More combinations than this in one value are a mistake, not a rule. */
const MAX_EXPANDED = 10_000;

/** P-1 to P-3: `%name%` becomes each of its values; `\%` is a percent sign. */
const expand: Modifier = (value, context) => {
  if (value.kind === 'regex') return expandRegex(value, context);
  const parts = partsOf(value);
  if (!parts) return mistake('expand needs text', NEEDS_TEXT);
  let variants: PatternPart[][] = [[]];
  const append = (choices: readonly PatternPart[][]) => {
    variants = variants.flatMap((variant) => choices.map((choice) => [...variant, ...choice]));
  };
  for (const part of parts) {
    if (typeof part !== 'string') append([[part]]);
    else {
      let last = 0;
      for (const found of part.matchAll(NAME)) {
        append([[part.slice(last, found.index)]]);
        last = found.index + found[0].length;
        if (found[1] === undefined) append([['%']]);
        else append(context.placeholder(found[1])?.map((choice) => context.parse(String(choice))) ?? []);
        if (variants.length > MAX_EXPANDED)
          return mistake(
            `the placeholders give more than ${MAX_EXPANDED} values`,
            'use fewer placeholders in one value',
          );
      }
      append([[part.slice(last)]]);
    }
  }
  return variants.map((variant) => ({ kind: 'pattern', parts: variant }));
};

const literalRegex = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

function expandRegex(value: Extract<Working, { kind: 'regex' }>, context: ModifierContext): Modified {
  const source = value.source.replaceAll(NAME, (whole, name: string | undefined) => {
    if (name === undefined) return '%';
    const choices = context.placeholder(name) ?? [];
    return choices.length === 0
      ? whole
      : `(?:${choices.map((choice) => literalRegex(String(choice))).join('|')})`;
  });
  return [{ ...value, source }];
}

/** By the name that rules write. `all`, `cased` and `neq` concern the whole item: `engine/item.ts` reads them. */
export const modifiers: Readonly<Record<string, Modifier>> = {
  contains: around('contains', [star], [star]),
  startswith: around('startsWith', [], [star]),
  endswith: around('endsWith', [star], []),
  exists,
  re: regex,
  i: flag('i'),
  ignorecase: flag('i'),
  m: flag('m'),
  multiline: flag('m'),
  s: flag('s'),
  dotall: flag('s'),
  base64,
  base64offset,
  wide: encode(littleEndian),
  utf16le: encode(littleEndian),
  utf16be: encode(bigEndian),
  utf16: encode((text) => Buffer.concat([Buffer.from([0xff, 0xfe]), littleEndian(text)])),
  windash,
  cidr,
  lt: compare('lt'),
  lte: compare('lte'),
  gt: compare('gt'),
  gte: compare('gte'),
  minute: datePart('minute'),
  hour: datePart('hour'),
  day: datePart('day'),
  week: datePart('week'),
  month: datePart('month'),
  year: datePart('year'),
  expand,
  fieldref,
};

/** Why a regular expression cannot be used, and what can; undefined when it can. */
export function regexMistake(source: string, flags: string): { mistake: string; hint?: string } | undefined {
  try {
    checkRegex(source, flags);
    return undefined;
  } catch (cause) {
    if (!(cause instanceof VigiaError)) throw cause;
    return { mistake: cause.message, ...(cause.hint ? { hint: cause.hint } : {}) };
  }
}
