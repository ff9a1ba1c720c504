/** Event logs of the corpus, damaged: nothing is thrown, reading ends, and what is given stays within bounds. */
import { type EvtxItem, readEvtx } from '../../collectors/evtx/reader.ts';
import { reseal } from '../../collectors/evtx/synthetic.ts';
import { seeded } from '../reference/random.ts';

const HEADER = 4_096;
const CHUNK = 65_536;
const FIRST_RECORD = 512;
/** So many records of a chunk are kept: a million readings end, and templates still lie among them. */
const RECORDS = 8;
/** Of the processor, for 70 kB that mostly take below a millisecond. */
const MOST_MS = 1_000;
/** The limit of what one chunk may expand to keeps far below this. */
const MOST_ITEMS = CHUNK;

/** Each file's first chunk with its first records, as a file of its own. */
export function shortened(files: readonly Buffer[]): Buffer[] {
  return files.flatMap((file) => {
    const bytes = Buffer.from(file.subarray(0, HEADER + CHUNK));
    const chunk = bytes.subarray(HEADER);
    if (chunk.length < CHUNK) return [];
    let end = FIRST_RECORD;
    for (let n = 0; n < RECORDS && end < chunk.readUInt32LE(48); n++) end += chunk.readUInt32LE(end + 4);
    if (end > CHUNK) return [];
    chunk.writeUInt32LE(end, 48);
    chunk.fill(0, end);
    reseal(chunk);
    return [bytes];
  });
}

export interface Damage {
  failed: string[];
  /** Records and places of damage that were given. */
  items: number;
  slowestMs: number;
}

/** Reads `count` mutations, each of one of the files. */
export function readDamaged(files: readonly Buffer[], count: number, seed: number): Damage {
  const { below } = seeded(seed);
  const found: Damage = { failed: [], items: 0, slowestMs: 0 };
  for (let n = 0; n < count; n++) {
    const bytes = mutate(files[below(files.length)]!, below);
    try {
      const [items, ms] = timed(bytes);
      found.items += items;
      found.slowestMs = Math.max(found.slowestMs, ms);
      if (items > MOST_ITEMS) throw new Error(`gave ${items} items`);
      if (ms > MOST_MS) throw new Error(`took ${ms} ms`);
    } catch (cause) {
      found.failed.push(`mutation ${n} of seed ${seed}: ${(cause as Error).message}`);
    }
  }
  return found;
}

function timed(bytes: Buffer): [items: number, ms: number] {
  const before = process.cpuUsage();
  let items = 0;
  for (const item of readEvtx(bytes)) {
    items += 1;
    check(item);
  }
  const { user, system } = process.cpuUsage(before);
  return [items, (user + system) / 1_000];
}

function check(item: EvtxItem): void {
  if (item.kind === 'damage' && item.reason === '') throw new Error('damage without a reason');
  if (item.kind === 'record' && !Number.isFinite(item.timeMs)) throw new Error('a record without time');
}

/** What tempts readers of sizes and offsets. */
const TEMPTING = [
  0, 1, 2, 4, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff,
];

type Below = (limit: number) => number;

/** Bytes flipped, numbers put in the place of others, pieces moved; checksums made right for most, so that the parser sees it. */
function mutate(file: Buffer, below: Below): Buffer {
  const bytes = Buffer.from(file);
  const chunk = bytes.subarray(HEADER);
  const end = Math.max(FIRST_RECORD + 64, Math.min(CHUNK, chunk.readUInt32LE(48)));
  for (let changes = 1 + below(6); changes > 0; changes--) {
    // Mostly inside the records, now and then in the headers.
    const at = below(8) === 0 ? below(FIRST_RECORD) : FIRST_RECORD + below(end - FIRST_RECORD - 8);
    const kind = below(5);
    if (kind === 0) chunk[at]! ^= 1 + below(255);
    else if (kind === 1) chunk.writeUInt32LE(TEMPTING[below(TEMPTING.length)]!, at);
    else if (kind === 2) chunk.writeUInt16LE(TEMPTING[below(10)]! & 0xffff, at);
    else if (kind === 3) chunk.writeUInt32LE(FIRST_RECORD + below(end - FIRST_RECORD), at);
    else chunk.copyWithin(at, FIRST_RECORD + below(end - FIRST_RECORD), end);
  }
  if (below(16) === 0) return bytes.subarray(0, below(bytes.length));
  if (below(8) > 0) reseal(chunk);
  if (below(32) === 0) bytes[below(128)]! ^= 1 + below(255);
  return bytes;
}
