import fc from 'fast-check';
import { expect, it } from 'vitest';
import { searchLiterals } from './literals.ts';
import { compilePattern } from './pattern.ts';
import type { PatternPart } from './tree.ts';

/** Few letters, so that texts and literals meet often. */
const letters = (minLength: number, maxLength: number) =>
  fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'é', '\u{1F600}'), minLength, maxLength });

it('finds exactly the literals that the text holds', () => {
  fc.assert(
    fc.property(fc.array(letters(0, 7), { maxLength: 40 }), letters(0, 40), (literals, text) => {
      const found = new Set<number>();
      searchLiterals(literals)(text, (index) => {
        found.add(index);
        return false;
      });
      expect([...found].sort((left, right) => left - right)).toEqual(
        literals.flatMap((literal, index) => (text.includes(literal) ? [index] : [])),
      );
    }),
  );
});

it('stops when told to', () => {
  let calls = 0;
  const stopped = searchLiterals(['abcd', 'bcde', 'cdef', 'defg', 'efgh'])('abcdefgh', () => ++calls === 2);
  expect([stopped, calls]).toEqual([true, 2]);
});

it('matches wildcards as a plain backtracking reader would', () => {
  const part = fc.oneof(letters(1, 2), fc.constantFrom<PatternPart>({ wild: '*' }, { wild: '?' }));
  fc.assert(
    fc.property(fc.array(part, { maxLength: 6 }), letters(0, 10), (pattern, text) => {
      expect(compilePattern(pattern)(text)).toBe(backtrack(pattern, [...text]));
    }),
    { numRuns: 500 },
  );
});

function backtrack(pattern: readonly PatternPart[], text: readonly string[]): boolean {
  const [part, ...rest] = pattern;
  if (part === undefined) return text.length === 0;
  if (typeof part === 'string') {
    const length = [...part].length;
    return text.slice(0, length).join('') === part && backtrack(rest, text.slice(length));
  }
  if (part.wild === '?') return text.length > 0 && backtrack(rest, text.slice(1));
  return Array.from({ length: text.length + 1 }, (_, skip) => skip).some((skip) =>
    backtrack(rest, text.slice(skip)),
  );
}
