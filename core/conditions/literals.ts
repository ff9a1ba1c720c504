/**
 * Looks for many literals in one text in a single pass.
 *
 * Each literal is filed under its rarest run of four characters. The pass keeps a running hash of the last four
 * characters and compares a literal only where that hash is filed: memory grows with the number of literals, not
 * with their length, and most positions cost one table look-up. Literals under four characters get passes of their own.
 */

/** Calls `found` with the index of each literal that the text holds (possibly more than once) until it returns true. */
export type LiteralSearch = (text: string, found: (index: number) => boolean) => boolean;

/** Bits that each character moves the hash, by length of run: the hash then depends on just that many characters. */
const SHIFTS = [0, 16, 8, 6, 5];
const LONGEST_RUN = 4;

export function searchLiterals(literals: readonly string[]): LiteralSearch {
  const always: number[] = [];
  const byRun: number[][] = [[], [], [], [], []];
  literals.forEach((literal, index) => {
    if (literal === '') always.push(index);
    else byRun[Math.min(literal.length, LONGEST_RUN)]!.push(index);
  });
  const passes = byRun.flatMap((indices, run) =>
    indices.length > 0 ? [makePass(literals, indices, run)] : [],
  );
  return (text, found) => {
    for (const index of always) if (found(index)) return true;
    for (let pass = 0; pass < passes.length; pass++) if (passes[pass]!(text, found)) return true;
    return false;
  };
}

interface Filed {
  literal: string;
  index: number;
  /** From the start of the literal to the last character of the filed run. */
  offset: number;
}

function makePass(literals: readonly string[], indices: readonly number[], run: number): LiteralSearch {
  if (indices.length <= 3) {
    return (text, found) => {
      for (const index of indices) if (text.includes(literals[index]!) && found(index)) return true;
      return false;
    };
  }
  const shift = SHIFTS[run]!;
  const bits = shift * run;
  const mask = 2 ** bits - 1;
  const buckets = new Map<number, Filed[]>();
  const filter = new Uint8Array(2 ** bits / 8);
  const counts = countRuns(literals, indices, run);
  for (const index of indices) {
    const literal = literals[index]!;
    const offset = rarestRun(literal, run, counts);
    const hash = hashAt(literal, offset, run, shift, mask);
    filter[hash >> 3]! |= 1 << (hash & 7);
    const filed = { literal, index, offset };
    if (buckets.get(hash)?.push(filed) === undefined) buckets.set(hash, [filed]);
  }
  return (text, found) => {
    let hash = 0;
    for (let at = 0; at < text.length; at++) {
      hash = ((hash << shift) ^ text.charCodeAt(at)) & mask;
      if ((filter[hash >> 3]! & (1 << (hash & 7))) === 0) continue;
      const bucket = buckets.get(hash);
      if (bucket === undefined) continue;
      for (let item = 0; item < bucket.length; item++) {
        const { literal, index, offset } = bucket[item]!;
        const start = at - offset;
        if (start >= 0 && text.startsWith(literal, start) && found(index)) return true;
      }
    }
    return false;
  };
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

function hashAt(literal: string, end: number, run: number, shift: number, mask: number): number {
  let hash = 0;
  for (let at = end - run + 1; at <= end; at++) hash = ((hash << shift) ^ literal.charCodeAt(at)) & mask;
  return hash;
}
