/** Reads text with wildcards as Sigma writes it: `*`, `?`, and `\` before one of `*`, `?`, `\` for the character itself. */
import type { PatternPart } from './tree.ts';

/**
 * `\*` is a star, `\\*` a backslash and a wildcard, `\a` and `a\` keep their backslash. Escapes are read before any
 * wildcard is added around the text, so that a value ending in a backslash stays what it is.
 */
export function parsePattern(text: string): PatternPart[] {
  const parts: PatternPart[] = [];
  let literal = '';
  const wild = (kind: '*' | '?') => {
    if (literal !== '') parts.push(literal);
    literal = '';
    parts.push({ wild: kind });
  };
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    const next = text[at + 1];
    if (character === '\\' && (next === '*' || next === '?' || next === '\\')) {
      literal += next;
      at++;
    } else if (character === '*' || character === '?') wild(character);
    else literal += character;
  }
  if (literal !== '') parts.push(literal);
  return parts;
}
