/** Compiles wildcard patterns (`*`, `?` and literal text) to a test on one text, in time proportional to text × longest piece. */
import type { PatternPart } from './tree.ts';

export type TextTest = (text: string) => boolean;

/** Literal runs and `?`, between two stars. */
type Segment = readonly (string | typeof ONE)[];
const ONE = Symbol('one code point');

/** What a pattern comes down to, when it is simpler than a pattern. */
export type Plain =
  | { how: 'any' }
  | { how: 'equals' | 'contains' | 'startsWith' | 'endsWith'; value: string }
  | undefined;

/** `*lit*` is a contains, `*` alone is anything; undefined when it stays a pattern. */
export function plainOf(pattern: readonly PatternPart[]): Plain {
  let text: string | undefined;
  let starts = false;
  let ends = false;
  for (const part of pattern) {
    if (part === '') continue;
    if (typeof part === 'string') {
      if (ends) return undefined;
      text = text === undefined ? part : text + part;
    } else if (part.wild === '?') return undefined;
    else if (text === undefined) starts = true;
    else ends = true;
  }
  if (text === undefined) return starts ? { how: 'any' } : { how: 'equals', value: '' };
  if (starts) return { how: ends ? 'contains' : 'endsWith', value: text };
  return { how: ends ? 'startsWith' : 'equals', value: text };
}

/** Joins neighbouring literals and neighbouring stars. */
function normalise(pattern: readonly PatternPart[]): PatternPart[] {
  const parts: PatternPart[] = [];
  for (const part of pattern) {
    const last = parts.at(-1);
    if (part === '') continue;
    if (typeof part === 'string' && typeof last === 'string') parts[parts.length - 1] = last + part;
    else if (typeof part !== 'string' && part.wild === '*' && typeof last === 'object' && last.wild === '*')
      continue;
    else parts.push(part);
  }
  return parts;
}

/** Tests the whole text. For matches that ignore case, lower-case pattern and text first (`lowerPattern`). */
export function compilePattern(pattern: readonly PatternPart[]): TextTest {
  const segments: (string | typeof ONE)[][] = [[]];
  for (const part of normalise(pattern)) {
    if (typeof part === 'string') segments.at(-1)!.push(part);
    else if (part.wild === '?') segments.at(-1)!.push(ONE);
    else segments.push([]);
  }
  if (segments.length === 1) return (text) => endOf(text, 0, segments[0]!) === text.length;
  const first = segments[0]!;
  const last = segments.at(-1)!;
  const middle = segments.slice(1, -1);
  return (text) => {
    let at = endOf(text, 0, first);
    for (const segment of middle) {
      if (at === -1) return false;
      at = find(text, at, segment);
    }
    if (at === -1) return false;
    const start = startOf(text, last);
    return start >= at;
  };
}

export const lowerPattern = (pattern: readonly PatternPart[]): PatternPart[] =>
  pattern.map((part) => (typeof part === 'string' ? part.toLowerCase() : part));

/** Where the segment ends when it starts exactly at `at`; -1 when it does not fit there. */
function endOf(text: string, at: number, segment: Segment): number {
  let position = at;
  for (const piece of segment) {
    if (piece === ONE) {
      if (position >= text.length) return -1;
      position += text.codePointAt(position)! > 0xffff ? 2 : 1;
    } else {
      if (!text.startsWith(piece as string, position)) return -1;
      position += (piece as string).length;
    }
  }
  return position;
}

/** Where the segment starts when it ends with the text; -1 when it does not fit there. */
function startOf(text: string, segment: Segment): number {
  let position = text.length;
  for (let index = segment.length - 1; index >= 0; index--) {
    const piece = segment[index]!;
    if (piece === ONE) {
      if (position === 0) return -1;
      position -= position > 1 && text.codePointAt(position - 2)! > 0xffff ? 2 : 1;
    } else {
      if (!text.endsWith(piece as string, position)) return -1;
      position -= (piece as string).length;
    }
  }
  return position;
}

/** End of the first place at or after `from` where the segment fits; -1 when there is none. */
function find(text: string, from: number, segment: Segment): number {
  const head = segment[0];
  for (let at = from; at <= text.length; at++) {
    if (typeof head === 'string') {
      at = text.indexOf(head, at);
      if (at === -1) return -1;
    } else if (at > 0 && isLowSurrogate(text.charCodeAt(at)) && text.codePointAt(at - 1)! > 0xffff) {
      continue; // in the middle of one code point
    }
    const end = endOf(text, at, segment);
    if (end !== -1) return end;
  }
  return -1;
}

const isLowSurrogate = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff;
