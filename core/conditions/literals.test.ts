import fc from 'fast-check';
import { expect, it } from 'vitest';
import { searchLiterals } from './literals.ts';
import { compilePattern } from './pattern.ts';
import type { PatternPart } from './tree.ts';

/** Few letters, so that texts and literals meet often. */
const letters = (minLength: number, maxLength: number) =>
  fc.string({
    unit: fc.constantFrom('a', 'b', 'c', '\\', 'é', '\u{1F600}', '\u{1F601}'),
    minLength,
    maxLength,
  });

/** Signs that grow, shrink or become ASCII when lower-cased: İ, the Kelvin sign, ẞ. */
const written = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'B', 'c', '|', '\\', 'K'), maxLength: 40 }),
  fc.string({
    unit: fc.constantFrom('a', 'B', 'k', '\u0130', '\u212a', '\u1e9e', 'É', '\u{1F600}', '\u{1F601}'),
    maxLength: 40,
  }),
);
const wanted = fc.string({
  unit: fc.constantFrom('a', 'b', 'c', '\\', '|', 'k', 'i', '\u0307', 'ß', 'é', '\u{1F600}', '\u{1F601}'),
  maxLength: 7,
});

it.each([0, 4, 7])(
  'finds exactly the literals that the text holds, all of %i characters or more',
  (least) => {
    fc.assert(
      fc.property(fc.array(wanted, { maxLength: 40 }), written, (some, text) => {
        const found = new Set<number>();
        const lower = text.toLowerCase();
        // Pieces of the text itself, so that long literals are found, too.
        const own = [0, 1, 2, 3, 5].map((from) => lower.slice(from, from + least + 2));
        const literals = [...some, ...own].filter((literal) => literal.length >= least);
        searchLiterals(literals)({ text, lower }, (index) => {
          found.add(index);
          return false;
        });
        expect([...found].sort((left, right) => left - right)).toEqual(
          literals.flatMap((literal, index) => (lower.includes(literal) ? [index] : [])),
        );
      }),
      { numRuns: 1_000 },
    );
  },
);

it('stops when told to', () => {
  let calls = 0;
  const stopped = searchLiterals(['abcd', 'bcde', 'cdef', 'defg', 'efgh'])(
    { text: 'ABCDEFGH', lower: 'abcdefgh' },
    () => ++calls === 2,
  );
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
