/** Looks for the literals that a text starts or ends with: a look-up by its first or last characters instead of a search. */
import type { SearchedText } from '../../core/conditions/literals.ts';

/** Calls `found` with what was filed under each literal that stands at the edge of `lower`. */
export type EdgeSearch<T> = (searched: SearchedText, found: (filed: T) => void) => void;

/** A literal is filed under as many of its characters as the longest of these that it has. */
const LENGTHS = [1, 2, 4, 6, 8] as const;
const LONGEST = 8;
/** Makes letters of both cases alike, so that ASCII texts need no lower-casing. */
const FOLD = 0x20;
const LAST_ASCII = 0x7f;

interface Filed<T> {
  literal: string;
  value: T;
}

/** The literals must be lower case and not empty. */
export function searchEdges<T>(
  edge: 'starts' | 'ends',
  literals: Iterable<readonly [literal: string, value: T]>,
): EdgeSearch<T> {
  const fromEnd = edge === 'ends';
  /** By number of characters, then by their hash. */
  const files: (Map<number, Filed<T>[]> | undefined)[] = [];
  for (const [literal, value] of literals) {
    const length = LENGTHS.findLast((one) => one <= literal.length)!;
    const file = (files[length] ??= new Map<number, Filed<T>[]>());
    let hash = 0;
    for (let at = 0; at < length; at++) hash = step(hash, codeAt(literal, at, fromEnd));
    if (file.get(hash)?.push({ literal, value }) === undefined) file.set(hash, [{ literal, value }]);
  }

  return (searched, found) => {
    const text = isForeignEdge(searched.text, fromEnd) ? searched.lower : searched.text;
    const length = Math.min(text.length, LONGEST);
    let hash = 0;
    for (let at = 0; at < length; at++) {
      hash = step(hash, codeAt(text, at, fromEnd));
      const bucket = files[at + 1]?.get(hash);
      if (bucket === undefined) continue;
      const { lower } = searched;
      for (let item = 0; item < bucket.length; item++) {
        const { literal, value } = bucket[item]!;
        if (fromEnd ? lower.endsWith(literal) : lower.startsWith(literal)) found(value);
      }
    }
  };
}

const step = (hash: number, code: number): number => (Math.imul(hash, 31) + (code | FOLD)) | 0;

const codeAt = (text: string, at: number, fromEnd: boolean): number =>
  text.charCodeAt(fromEnd ? text.length - 1 - at : at);

/** Beyond ASCII lower-casing may change the number of characters; the other edge does not matter. */
function isForeignEdge(text: string, fromEnd: boolean): boolean {
  const length = Math.min(text.length, LONGEST);
  for (let at = 0; at < length; at++) if (codeAt(text, at, fromEnd) > LAST_ASCII) return true;
  return false;
}
