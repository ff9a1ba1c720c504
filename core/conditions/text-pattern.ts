/** Reads text with wildcards as Sigma writes it: `*`, `?`, and `\` before one of `*`, `?`, `\` for the character itself. */
import type { PatternPart } from './tree.ts';

/**
 * `\*` is a star, `\\*` a backslash and a wildcard, `\a` and `a\` keep their backslash. Escapes are read before any
 * wildcard is added around the text, so that a value ending in a backslash stays what it is.
 */
export function parsePattern(text: string): PatternPart[] {
  if (!MARKED.test(text)) return text === '' ? [] : [text];
  const parts: PatternPart[] = [];
  let literal = '';
  let last = 0;
  for (const { 0: mark, index } of text.matchAll(MARKS)) {
    literal += text.slice(last, index);
    last = index + mark.length;
    if (mark.startsWith('\\')) literal += mark[1]!;
    else {
      if (literal !== '') parts.push(literal);
      literal = '';
      parts.push({ wild: mark as '*' | '?' });
    }
  }
  literal += text.slice(last);
  if (literal !== '') parts.push(literal);
  return parts;
}

/** An escape, or a wildcard of its own. */
const MARKS = /\\[*?\\]|[*?]/g;
/** Most texts hold none: a backslash before anything else stands for itself. */
const MARKED = /[*?]|\\\\/;
