/**
 * Looks for many literals in one text in a single pass.
 *
 * Each literal is filed under its rarest run of four characters (three, where it has only three). The pass keeps a
 * running hash of the last four characters, whose low bits are the hash of the last three, and compares a literal only
 * where its hash is filed: memory grows with the number of literals, not with their length, and most positions cost
 * one or two table look-ups. Literals of one or two characters are searched one by one.
 */

/** Calls `found` with the index of each literal that the text holds (possibly more than once) until it returns true. */
export type LiteralSearch = (text: string, found: (index: number) => boolean) => boolean;

/** Each character moves the hash by this many bits, so that it depends on the last four characters only. */
const SHIFT = 5;
const LONG = 4;
const SHORT = 3;
/** Fewer literals than this are searched one by one, which is faster. */
const ONE_BY_ONE = 4;

export function searchLiterals(literals: readonly string[]): LiteralSearch {
  const single: number[] = [];
  const short: number[] = [];
  const long: number[] = [];
  literals.forEach((literal, index) => {
    (literal.length < SHORT ? single : literal.length < LONG ? short : long).push(index);
  });
  if (short.length + long.length < ONE_BY_ONE) single.push(...short.splice(0), ...long.splice(0));
  const shortFile = short.length > 0 ? makeFile(literals, short, SHORT) : undefined;
  const longFile = long.length > 0 ? makeFile(literals, long, LONG) : undefined;
  return (text, found) => {
    for (let at = 0; at < single.length; at++)
      if (text.includes(literals[single[at]!]!) && found(single[at]!)) return true;
    if (longFile !== undefined) return scan(text, found, longFile, shortFile);
    return shortFile !== undefined && scan(text, found, shortFile, undefined);
  };
}

interface Filed {
  literal: string;
  index: number;
  /** From the start of the literal to the last character of the filed run. */
  offset: number;
}

/** Literals by the hash of their run. */
interface File {
  mask: number;
  /** One bit for each hash: is anything filed there? */
  filter: Uint8Array;
  buckets: ReadonlyMap<number, readonly Filed[]>;
}

function scan(text: string, found: (index: number) => boolean, long: File, short: File | undefined): boolean {
  const { filter, mask } = long;
  let hash = 0;
  for (let at = 0; at < text.length; at++) {
    hash = ((hash << SHIFT) ^ text.charCodeAt(at)) & mask;
    if ((filter[hash >> 3]! & (1 << (hash & 7))) !== 0 && compare(text, at, long.buckets.get(hash), found))
      return true;
    if (short === undefined) continue;
    const tail = hash & short.mask;
    if (
      (short.filter[tail >> 3]! & (1 << (tail & 7))) !== 0 &&
      compare(text, at, short.buckets.get(tail), found)
    )
      return true;
  }
  return false;
}

function compare(
  text: string,
  at: number,
  bucket: readonly Filed[] | undefined,
  found: (index: number) => boolean,
): boolean {
  if (bucket === undefined) return false;
  for (let item = 0; item < bucket.length; item++) {
    const { literal, index, offset } = bucket[item]!;
    const start = at - offset;
    if (start >= 0 && text.startsWith(literal, start) && found(index)) return true;
  }
  return false;
}

function makeFile(literals: readonly string[], indices: readonly number[], run: number): File {
  const mask = 2 ** (SHIFT * run) - 1;
  const filter = new Uint8Array((mask + 1) / 8);
  const buckets = new Map<number, Filed[]>();
  const counts = countRuns(literals, indices, run);
  for (const index of indices) {
    const literal = literals[index]!;
    const offset = rarestRun(literal, run, counts);
    const hash = hashAt(literal, offset, run, mask);
    filter[hash >> 3]! |= 1 << (hash & 7);
    const filed = { literal, index, offset };
    if (buckets.get(hash)?.push(filed) === undefined) buckets.set(hash, [filed]);
  }
  return { mask, filter, buckets };
}

/** How often each run occurs among the literals: they look like the texts that are searched. */
function countRuns(
  literals: readonly string[],
  indices: readonly number[],
  run: number,
): Map<string, number> {
  const counts = new Map<string, number>();
  for (const index of indices) {
    const literal = literals[index]!;
    for (let start = 0; start + run <= literal.length; start++) {
      const piece = literal.slice(start, start + run);
      counts.set(piece, (counts.get(piece) ?? 0) + 1);
    }
  }
  return counts;
}

/** Where the rarest run of the literal ends. */
function rarestRun(literal: string, run: number, counts: ReadonlyMap<string, number>): number {
  let best = 0;
  let bestCount = Infinity;
  for (let start = 0; start + run <= literal.length; start++) {
    const count = counts.get(literal.slice(start, start + run)) ?? 0;
    if (count <= bestCount) [best, bestCount] = [start, count];
  }
  return best + run - 1;
}

function hashAt(literal: string, end: number, run: number, mask: number): number {
  let hash = 0;
  for (let at = end - run + 1; at <= end; at++) hash = ((hash << SHIFT) ^ literal.charCodeAt(at)) & mask;
  return hash;
}
