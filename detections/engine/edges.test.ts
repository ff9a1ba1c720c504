import fc from 'fast-check';
import { expect, it } from 'vitest';
import { searchEdges } from './edges.ts';

/** Signs that grow, shrink or become ASCII when lower-cased are among them: İ, the Kelvin sign, ẞ. */
const written = fc.string({
  unit: fc.constantFrom('a', 'B', 'b', '|', '\\', 'K', 'i', '\u0130', '\u212a', '\u1e9e', 'Σ', '\u{1F600}'),
  maxLength: 14,
});
const wanted = fc.string({
  unit: fc.constantFrom('a', 'b', '|', '\\', 'k', 'i', '\u0307', 'ß', 'σ', 'ς', '\u{1F600}'),
  minLength: 1,
  maxLength: 10,
});

it.each([
  ['starts', (text: string, literal: string) => text.startsWith(literal)],
  ['ends', (text: string, literal: string) => text.endsWith(literal)],
] as const)('finds exactly the literals that a text %s with', (edge, holds) => {
  fc.assert(
    fc.property(fc.uniqueArray(wanted, { maxLength: 30 }), written, (literals, text) => {
      const lower = text.toLowerCase();
      // Some literals are taken from the text itself, so that long ones are found, too.
      const own = [lower, lower.slice(1), lower.slice(0, -1), lower.slice(-9), lower.slice(0, 9)];
      const all = [...new Set([...literals, ...own])].filter((literal) => literal !== '');
      const found: string[] = [];
      searchEdges(
        edge,
        all.map((literal) => [literal, literal] as const),
      )({ text, lower }, (literal) => found.push(literal));
      expect(found.sort()).toEqual(all.filter((literal) => holds(lower, literal)).sort());
    }),
    { numRuns: 1_000 },
  );
});
