/**
 * Looks for many literals in one text in a single pass.
 *
 * Each literal is filed under its rarest run of four characters (three, where it has only three). The pass keeps the
 * last four characters in one number and compares a literal only where a literal with the same run is filed: memory
 * grows with the number of literals, not with their length, and most positions cost one look into a small table.
 * Literals of one or two characters are searched one by one; those beyond ASCII only in texts beyond ASCII.
 */

/** A text, as written and lower-cased; the lower-cased one is asked for only where something is likely to be found. */
export interface SearchedText {
  readonly text: string;
  readonly lower: string;
}

/** Calls `found` with the index of each literal that `lower` holds (possibly more than once) until it returns true. */
export type LiteralSearch = (searched: SearchedText, found: (index: number) => boolean) => boolean;

const LONG = 4;
const SHORT = 3;
/** Fewer literals than this are searched one by one, which is faster. */
const ONE_BY_ONE = 4;
/** When all have this many characters, only every fourth place is looked at: one of four neighbouring runs ends there. */
const STRIDE = 4;
const WIDE = LONG + STRIDE - 1;
/** Filing each literal four times is worth its memory only for few of them. */
const MAX_WIDE = 500;
/** Letters in both cases, and some signs, become alike: what is filed is compared exactly afterwards. */
const FOLD = 0x20;
const LAST_ASCII = 0x7f;

/** The literals must be lower case. */
export function searchLiterals(literals: readonly string[]): LiteralSearch {
  const single: number[] = [];
  const short: number[] = [];
  const long: number[] = [];
  const foreign: number[] = [];
  literals.forEach((literal, index) => {
    if (isForeign(literal)) foreign.push(index);
    else (literal.length < SHORT ? single : literal.length < LONG ? short : long).push(index);
  });
  if (short.length + long.length < ONE_BY_ONE) single.push(...short.splice(0), ...long.splice(0));
  const least = literals.reduce((length, literal) => Math.min(length, literal.length), Infinity);
  const isWide =
    short.length === 0 && long.length <= MAX_WIDE && long.every((index) => literals[index]!.length >= WIDE);
  const longFile = makeFile(literals, long, LONG, isWide ? STRIDE : 1);
  const shortFile = short.length > 0 ? makeFile(literals, short, SHORT) : undefined;
  const needsPass = long.length + short.length + foreign.length > 0;
  const foreignFile = fileForeign(literals, foreign);

  const passOver: Pass = (text, searched, found) =>
    isWide ? stride(text, searched, found, longFile) : pass(text, searched, found, longFile, shortFile);

  return (searched, found) => {
    if (searched.text.length < least && !isForeign(searched.text)) return false;
    for (let at = 0; at < single.length; at++)
      if (searched.lower.includes(literals[single[at]!]!) && found(single[at]!)) return true;
    if (!needsPass) return false;
    // Cases are folded on the way, so that most texts are never lower-cased; beyond ASCII that is not enough.
    const passed = passOver(searched.text, searched, found);
    if (passed !== 'foreign') return passed;
    const { lower } = searched;
    if (lower !== searched.text && passOver(lower, searched, found) === true) return true;
    return foreignFile.size > 0 && passForeign(lower, found, foreignFile);
  };
}

interface Filed {
  literal: string;
  index: number;
  /** From the start of the literal to the last character of the filed run. */
  offset: number;
}

/** Literals by their run. */
interface File {
  shift: number;
  /** One bit for each hash of a run: is anything filed there? */
  filter: Uint8Array;
  buckets: ReadonlyMap<number, readonly Filed[]>;
}

/** Spreads a run over the filter (Knuth's multiplicative hashing). */
const SPREAD = 0x9e3779b1;

type Pass = (text: string, searched: SearchedText, found: (index: number) => boolean) => boolean | 'foreign';

function pass(
  text: string,
  searched: SearchedText,
  found: (index: number) => boolean,
  long: File,
  short: File | undefined,
): boolean | 'foreign' {
  const { filter, shift } = long;
  let run = 0;
  let all = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    all |= code;
    run = (run << 8) ^ (code | FOLD);
    const hash = Math.imul(run, SPREAD) >>> shift;
    if ((filter[hash >> 3]! & (1 << (hash & 7))) !== 0) {
      const bucket = long.buckets.get(run);
      if (bucket !== undefined && compare(searched.lower, at, bucket, found)) return true;
    }
    if (short === undefined) continue;
    const tail = run & 0xffffff;
    const tailHash = Math.imul(tail, SPREAD) >>> short.shift;
    if ((short.filter[tailHash >> 3]! & (1 << (tailHash & 7))) !== 0) {
      const bucket = short.buckets.get(tail);
      if (bucket !== undefined && compare(searched.lower, at, bucket, found)) return true;
    }
  }
  return all > LAST_ASCII ? 'foreign' : false;
}

/** As `pass`, for literals that are all wide. */
function stride(
  text: string,
  searched: SearchedText,
  found: (index: number) => boolean,
  { filter, shift, buckets }: File,
): boolean | 'foreign' {
  let all = 0;
  let at = STRIDE - 1;
  for (; at < text.length; at += STRIDE) {
    const first = text.charCodeAt(at - 3);
    const second = text.charCodeAt(at - 2);
    const third = text.charCodeAt(at - 1);
    const fourth = text.charCodeAt(at);
    all |= first | second | third | fourth;
    const run = ((first | FOLD) << 24) ^ ((second | FOLD) << 16) ^ ((third | FOLD) << 8) ^ (fourth | FOLD);
    const hash = Math.imul(run, SPREAD) >>> shift;
    if ((filter[hash >> 3]! & (1 << (hash & 7))) === 0) continue;
    const bucket = buckets.get(run);
    if (bucket !== undefined && compare(searched.lower, at, bucket, found)) return true;
  }
  for (at -= STRIDE - 1; at < text.length; at++) all |= text.charCodeAt(at);
  return all > LAST_ASCII ? 'foreign' : false;
}

function compare(
  lower: string,
  at: number,
  bucket: readonly Filed[],
  found: (index: number) => boolean,
): boolean {
  for (let item = 0; item < bucket.length; item++) {
    const { literal, index, offset } = bucket[item]!;
    const start = at - offset;
    if (start >= 0 && lower.startsWith(literal, start) && found(index)) return true;
  }
  return false;
}

function passForeign(
  lower: string,
  found: (index: number) => boolean,
  buckets: ReadonlyMap<number, readonly Filed[]>,
): boolean {
  for (let at = 0; at < lower.length; at++) {
    const code = lower.charCodeAt(at);
    const bucket = code > LAST_ASCII ? buckets.get(code) : undefined;
    if (bucket !== undefined && compare(lower, at, bucket, found)) return true;
  }
  return false;
}

function isForeign(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > LAST_ASCII) return true;
  return false;
}

/** By one character beyond ASCII: of emoji the second half, since the first is the same for most. */
function fileForeign(literals: readonly string[], indices: readonly number[]): Map<number, Filed[]> {
  const buckets = new Map<number, Filed[]>();
  for (const index of indices) {
    const literal = literals[index]!;
    let offset = 0;
    while (
      literal.charCodeAt(offset) <= LAST_ASCII ||
      isFirstHalf(literal.charCodeAt(offset), literal, offset)
    )
      offset++;
    file(buckets, literal.charCodeAt(offset), { literal, index, offset });
  }
  return buckets;
}

const isFirstHalf = (code: number, literal: string, at: number): boolean =>
  code >= 0xd800 && code < 0xdc00 && literal.charCodeAt(at + 1) > LAST_ASCII;

/** Each literal is filed under `neighbours` runs that end one after the other. */
function makeFile(
  literals: readonly string[],
  indices: readonly number[],
  length: number,
  neighbours = 1,
): File {
  // Some thirty bits for each literal keep the table sparse; 16 KB still lie in the fastest memory.
  const bits = Math.min(17, Math.max(8, Math.ceil(Math.log2(indices.length * neighbours * 32 + 1))));
  const shift = 32 - bits;
  const filter = new Uint8Array(2 ** bits / 8);
  const buckets = new Map<number, Filed[]>();
  const counts = countRuns(literals, indices, length);
  for (const index of indices) {
    const literal = literals[index]!;
    // The literals look like the texts that are searched: a run that few of them hold is rare there, too.
    let [best, fewest] = [length - 1, Infinity];
    for (let end = length - 1; end + neighbours <= literal.length; end++) {
      let count = 0;
      for (let next = end; next < end + neighbours; next++)
        count += counts[placeOf(runAt(literal, next, length))]!;
      if (count <= fewest) [best, fewest] = [end, count];
    }
    for (let end = best; end < best + neighbours; end++) {
      const run = runAt(literal, end, length);
      const hash = Math.imul(run, SPREAD) >>> shift;
      filter[hash >> 3]! |= 1 << (hash & 7);
      file(buckets, run, { literal, index, offset: end });
    }
  }
  return { shift, filter, buckets };
}

const COUNT_BITS = 14;
const placeOf = (run: number): number => Math.imul(run, SPREAD) >>> (32 - COUNT_BITS);

/** How often each run stands in the literals. Runs that share a place are counted together: near enough to tell rare from common. */
function countRuns(literals: readonly string[], indices: readonly number[], length: number): Uint32Array {
  const counts = new Uint32Array(2 ** COUNT_BITS);
  for (const index of indices) {
    const literal = literals[index]!;
    for (let end = length - 1; end < literal.length; end++)
      counts[placeOf(runAt(literal, end, length))]! += 1;
  }
  return counts;
}

/** The run that ends at a place, as the pass computes it. */
function runAt(literal: string, end: number, length: number): number {
  let run = 0;
  for (let at = end - length + 1; at <= end; at++) run = (run << 8) ^ (literal.charCodeAt(at) | FOLD);
  return run;
}

function file(buckets: Map<number, Filed[]>, key: number, filed: Filed): void {
  if (buckets.get(key)?.push(filed) === undefined) buckets.set(key, [filed]);
}
