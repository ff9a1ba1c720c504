/** One 64 KiB chunk: its header, its records, and whatever in it is damaged. */
import { crc32 } from 'node:zlib';
import { readFragment } from './binxml.ts';
import { chunkUnits, recordUnits } from './budget.ts';
import { cursorAt, Malformed } from './cursor.ts';
import { expand } from './expand.ts';
import type { Chunk } from './node.ts';
import { fileTimeMs } from './value.ts';
import type { XmlElement } from './xml.ts';

/** Size of a chunk, and of its header, behind which its records begin. */
export const chunkSize = 65_536;
export const chunkHeader = 512;
const signature = Buffer.from('ElfChnk\0', 'latin1');
const mark = 0x2a2a;
const markBytes = Buffer.from([0x2a, 0x2a, 0, 0]);
const recordHeader = 24;
const smallestRecord = recordHeader + 4;

/** A record of a chunk, before the file numbers it. */
export interface ChunkRecord {
  kind: 'record';
  recordId: bigint;
  timeMs: number;
  fileTime: bigint;
  raw: Uint8Array;
  event: XmlElement;
}

/** Damage inside a chunk; the offset counts from the chunk's start. */
export interface ChunkDamage {
  kind: 'damage';
  offset: number;
  reason: string;
}

/** Whether a chunk begins here. */
export function isChunk(bytes: Buffer): boolean {
  return bytes.length >= chunkHeader && bytes.subarray(0, 8).equals(signature);
}

/** Numbers of the first and the last record of a chunk. */
export interface Span {
  first: bigint;
  last: bigint;
}

/** What a chunk header says of its records; undefined when its checksum does not match. */
export function spanOf(header: Buffer): Span | undefined {
  if (!isChunk(header) || headerSum(header) !== header.readUInt32LE(124)) return undefined;
  return { first: header.readBigUInt64LE(24), last: header.readBigUInt64LE(32) };
}

const headerSum = (bytes: Buffer): number =>
  crc32(bytes.subarray(128, chunkHeader), crc32(bytes.subarray(0, 120)));

/** Reads the records of a chunk in order; damage is told where it is met, and reading goes on after it. */
export function* readChunk(bytes: Buffer): Generator<ChunkRecord | ChunkDamage> {
  const chunk: Chunk = {
    bytes,
    names: new Map(),
    templates: new Map(),
    budget: { record: recordUnits, chunk: chunkUnits },
  };
  yield* checkHeader(bytes);
  const freeSpace = bytes.readUInt32LE(48);
  const declaredEnd = freeSpace >= chunkHeader && freeSpace <= bytes.length ? freeSpace : bytes.length;
  let lastId = -1n;
  let pos = chunkHeader;
  while (pos < declaredEnd || (lastId >= 0n && isRecord(bytes, pos) && idAt(bytes, pos) === lastId + 1n)) {
    if (!isRecord(bytes, pos)) {
      if (isZero(bytes, pos, declaredEnd)) return;
      const next = nextRecord(bytes, pos + 1, declaredEnd);
      yield { kind: 'damage', offset: pos, reason: `no record here; ${next - pos} bytes stepped over` };
      pos = next;
      continue;
    }
    const size = bytes.readUInt32LE(pos + 4);
    if (bytes.readUInt32LE(pos + size - 4) !== size) {
      yield {
        kind: 'damage',
        offset: pos + size - 4,
        reason: `record ${idAt(bytes, pos)}: its two sizes differ`,
      };
    }
    lastId = idAt(bytes, pos);
    yield readRecord(chunk, pos, size);
    pos += size;
  }
}

function* checkHeader(bytes: Buffer): Generator<ChunkDamage> {
  if (headerSum(bytes) !== bytes.readUInt32LE(124)) {
    yield { kind: 'damage', offset: 0, reason: 'the checksum of the chunk header does not match' };
  }
  const freeSpace = bytes.readUInt32LE(48);
  if (freeSpace < chunkHeader || freeSpace > bytes.length) {
    yield {
      kind: 'damage',
      offset: 48,
      reason: `the records are said to end at ${freeSpace}; reading on to ${bytes.length}`,
    };
  } else if (crc32(bytes.subarray(chunkHeader, freeSpace)) !== bytes.readUInt32LE(52)) {
    yield { kind: 'damage', offset: chunkHeader, reason: 'the checksum of the records does not match' };
  }
}

function idAt(bytes: Buffer, pos: number): bigint {
  return bytes.readBigUInt64LE(pos + 8);
}

/** A record begins with its mark and holds its size at both ends; one copy will do where another record follows. */
function isRecord(bytes: Buffer, pos: number): boolean {
  if (pos + smallestRecord > bytes.length || bytes.readUInt32LE(pos) !== mark) return false;
  const size = bytes.readUInt32LE(pos + 4);
  const end = pos + size;
  if (size < smallestRecord || end > bytes.length) return false;
  return (
    bytes.readUInt32LE(end - 4) === size || (end + 4 <= bytes.length && bytes.readUInt32LE(end) === mark)
  );
}

/** What lies past the declared end is left from older logs; looking for records stops there. */
function nextRecord(bytes: Buffer, from: number, end: number): number {
  for (
    let pos = bytes.indexOf(markBytes, from);
    pos >= 0 && pos < end;
    pos = bytes.indexOf(markBytes, pos + 1)
  ) {
    if (isRecord(bytes, pos)) return pos;
  }
  return end;
}

function isZero(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at] !== 0) return false;
  return true;
}

function readRecord(chunk: Chunk, pos: number, size: number): ChunkRecord | ChunkDamage {
  const { bytes } = chunk;
  chunk.budget.record = recordUnits;
  try {
    const nodes = readFragment(cursorAt(bytes, pos + recordHeader, size - smallestRecord), chunk, false, 0);
    const event = expand(nodes, [], chunk, 0).find((child) => typeof child === 'object');
    if (event === undefined) throw new Malformed('the record holds no element', pos + recordHeader);
    const fileTime = bytes.readBigUInt64LE(pos + 16);
    const raw = bytes.subarray(pos, pos + size);
    return { kind: 'record', recordId: idAt(bytes, pos), timeMs: fileTimeMs(fileTime), fileTime, raw, event };
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    const where = error.at > 0 ? ` (at byte ${error.at} of the chunk)` : '';
    return { kind: 'damage', offset: pos, reason: `record ${idAt(bytes, pos)}: ${error.message}${where}` };
  }
}
