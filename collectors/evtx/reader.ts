/**
 * Reads Windows event log files (.evtx) into XML trees; damaged parts are told and stepped over.
 *
 * Never throws on hostile bytes. Records come in the order of the file, which in a log that wrapped around
 * is not the order of time. Message texts are not resolved: they live in the publisher's DLLs.
 */
import { crc32 } from 'node:zlib';
import { type Bytes, heldBytes } from '../reading/bytes.ts';
import { chunkHeader, chunkSize, isChunk, readChunk, type Span, spanOf } from './chunk.ts';
import type { XmlElement } from './xml.ts';

export { elementsOf, textOf, toXml, type Value, type XmlElement } from './xml.ts';

/** A record, or a place that could not be read as one. */
export type EvtxItem =
  | {
      kind: 'record';
      /** Ordinal in the file, from 1; damaged records have none. */
      number: number;
      recordId: bigint;
      /** When the record was written, in epoch milliseconds. */
      timeMs: number;
      /** The same in the file's own 100-nanosecond steps since 1601. */
      fileTime: bigint;
      /** The record's bytes, a view on the file. */
      raw: Uint8Array;
      event: XmlElement;
    }
  | { kind: 'damage'; offset: number; chunk?: number; reason: string };

const headerSize = 128;
const headerBlock = 4096;
const signature = Buffer.from('ElfFile\0', 'latin1');
const dirty = 1;
const zeros = Buffer.alloc(chunkSize);

export interface EvtxOptions {
  /**
   * Asked before a chunk is read: true when the caller knows all its records, so that it is stepped over. Not asked about the
   * chunk that is being filled, whose header may lag behind its records.
   */
  isKnown?: (span: Span) => boolean;
}

/** Reads a whole file, chunk by chunk. */
export function* readEvtx(file: Uint8Array | Bytes, { isKnown }: EvtxOptions = {}): Generator<EvtxItem> {
  const bytes = file instanceof Uint8Array ? heldBytes(file) : file;
  const header = readHeader(bytes.slice(0, headerSize));
  const spans = isKnown ? spansOf(bytes, header.firstChunk) : undefined;
  if (header.reason !== undefined) yield { kind: 'damage', offset: 0, reason: header.reason };
  let number = 0;
  let found = 0;
  let chunk = 0;
  for (let start = header.firstChunk; start < bytes.length; start += chunkSize, chunk++) {
    const span = spans?.at.get(start);
    if (span && isKnown && spans?.begins.has(span.last + 1n) && isKnown(span)) {
      found++;
      continue;
    }
    const part = bytes.slice(start, start + chunkSize);
    if (!isChunk(part)) {
      // Windows grows files ahead of need and fills them with zeros.
      if (!part.equals(zeros.subarray(0, part.length))) {
        yield { kind: 'damage', offset: start, chunk, reason: `these ${part.length} bytes are no chunk` };
      }
      continue;
    }
    found++;
    if (part.length < chunkSize) {
      const reason = `the file ends inside the chunk, after ${part.length} of ${chunkSize} bytes`;
      yield { kind: 'damage', offset: start, chunk, reason };
    }
    for (const item of readChunk(part)) {
      if (item.kind === 'record') yield { ...item, number: ++number };
      else yield { ...item, offset: start + item.offset, chunk };
    }
  }
  if (header.chunks !== undefined && header.chunks !== found) {
    const reason = `the file header counts ${header.chunks} chunks, ${found} were found; was the file cut?`;
    yield { kind: 'damage', offset: 42, reason };
  }
}

/** What the sound chunk headers say: the numbers of the records in each chunk, and all first numbers. */
interface Spans {
  at: ReadonlyMap<number, Span>;
  begins: ReadonlySet<bigint>;
}

/** A look at a file reads it more than once. */
const looked = new WeakMap<Bytes, Spans>();

function spansOf(bytes: Bytes, firstChunk: number): Spans {
  const known = looked.get(bytes);
  if (known) return known;
  const at = new Map<number, Span>();
  for (let start = firstChunk; start + chunkSize <= bytes.length; start += chunkSize) {
    const span = spanOf(bytes.slice(start, start + chunkHeader));
    if (span) at.set(start, span);
  }
  const spans = { at, begins: new Set([...at.values()].map(({ first }) => first)) };
  looked.set(bytes, spans);
  return spans;
}

interface Header {
  firstChunk: number;
  /** How many chunks the file should have; not known while Windows still has it open. */
  chunks?: number;
  reason?: string;
}

function readHeader(bytes: Buffer): Header {
  if (bytes.length < headerSize || !bytes.subarray(0, 8).equals(signature)) {
    return { firstChunk: headerBlock, reason: 'no event log header (ElfFile); is this an .evtx file?' };
  }
  if (crc32(bytes.subarray(0, 120)) !== bytes.readUInt32LE(124)) {
    return { firstChunk: headerBlock, reason: 'the checksum of the file header does not match' };
  }
  const isDirty = (bytes.readUInt32LE(120) & dirty) !== 0;
  return { firstChunk: bytes.readUInt16LE(40), ...(isDirty ? {} : { chunks: bytes.readUInt16LE(42) }) };
}
