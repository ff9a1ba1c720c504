/** The dashes that Windows programs take for one another at the start of a flag (modifier `windash`, M-17). */
import type { PatternPart } from '../../core/conditions/tree.ts';

const DASHES = ['-', '/', '\u2013', '\u2014', '\u2015'];
const MAX_VARIANTS = 10_000;
const isWord = (character: string | undefined): boolean =>
  character !== undefined && /[\p{L}\p{N}_]/u.test(character);

/** Every combination of dashes at the places where a flag starts: before a word character and not after one. */
export function withDashes(parts: readonly PatternPart[]): PatternPart[][] | undefined {
  let variants: PatternPart[][] = [[]];
  const append = (choices: readonly PatternPart[]) => {
    variants = variants.flatMap((variant) => choices.map((choice) => [...variant, choice]));
  };
  for (const part of parts) {
    if (typeof part !== 'string') append([part]);
    else {
      let last = 0;
      for (let at = 0; at < part.length; at++) {
        const isDash = part[at] === '-' || part[at] === '/';
        if (!isDash || isWord(part[at - 1]) || !isWord(part[at + 1])) continue;
        append([part.slice(last, at)]);
        append(DASHES);
        last = at + 1;
        if (variants.length > MAX_VARIANTS) return undefined;
      }
      append([part.slice(last)]);
    }
  }
  return variants.map((variant) => joinTexts(variant));
}

function joinTexts(parts: readonly PatternPart[]): PatternPart[] {
  const joined: PatternPart[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (typeof part === 'string' && typeof last === 'string') joined[joined.length - 1] = last + part;
    else if (part !== '') joined.push(part);
  }
  return joined;
}
