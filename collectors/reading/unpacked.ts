/**
 * Records of one finished file, plain or compressed (`.gz`, `.zst`), from a place in its unpacked bytes on. Only a batch is in
 * memory. What unpacks to far more than logs do (a zip bomb) is given up, and damage ends the file: both as a broken record.
 */
import { createReadStream, type ReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import type { RawRecord } from '../collector.ts';
import { cutRecords, type Growing } from './generation.ts';
import { unzstd } from './unzstd.ts';

type Unpack = (file: ReadStream) => AsyncIterable<Buffer>;
const gunzip: Unpack = (file) => {
  const decoder = createGunzip();
  file.on('error', (cause) => decoder.destroy(cause));
  return file.pipe(decoder);
};
const UNPACK: readonly [RegExp, Unpack][] = [
  [/\.gz$/i, gunzip],
  [/\.zst$/i, unzstd],
];
/** Text logs pack to a tenth or a fiftieth; a file may say this many times its size, and so much in any case. */
const MOST_RATIO = 250;
const LEAST_BOUND_BYTES = 256 * 1_024 * 1_024;

export const isPacked = (path: string): boolean => UNPACK.some(([ending]) => ending.test(path));

export interface UnpackOptions {
  batchBytes: number;
  maxRecordBytes: number;
  signal: AbortSignal;
  /** Of the file as it lies there. */
  size: number;
  /** Where to go on, in unpacked bytes, and what the records before hand on. */
  offset: number;
  carried?: string | undefined;
  /** The tests make it small. */
  boundBytes?: number;
}

export interface UnpackedBatch {
  records: RawRecord[];
  offset: number;
  carried?: string | undefined;
}

/** The compressed stream stops in the middle: the file may still be on its way. */
export class CutShort extends Error {}

export async function* unpackedBatches(
  path: string,
  framing: Growing,
  options: UnpackOptions,
): AsyncGenerator<UnpackedBatch> {
  const { batchBytes, maxRecordBytes, signal, size, offset, carried } = options;
  const bound = options.boundBytes ?? Math.max(LEAST_BOUND_BYTES, size * MOST_RATIO);
  const cutter = cutRecords(maxRecordBytes, framing)(offset, carried);
  const file = createReadStream(path, { signal });
  const unpack = UNPACK.find(([ending]) => ending.test(path))?.[1];
  let at = 0;
  let held = 0;
  let records: RawRecord[] = [];
  const take = (): UnpackedBatch => {
    const batch = { records, offset: cutter.offset, carried: cutter.carried };
    records = [];
    held = 0;
    return batch;
  };
  const broken = (reason: string): RawRecord => ({
    raw: Buffer.from(reason),
    position: `${at}`,
    broken: reason,
    size,
  });
  try {
    for await (const part of unpack ? unpack(file) : file) {
      const bytes = part as Buffer;
      const start = at;
      at += bytes.length;
      if (unpack && at > bound) {
        records.push(broken(`unpacks to more than ${bound} bytes: the rest was not read`));
        break;
      }
      if (at <= offset) continue;
      const fresh = start < offset ? bytes.subarray(offset - start) : bytes;
      records.push(...cutter.push(fresh));
      held += fresh.length;
      if (held >= batchBytes) yield take();
    }
  } catch (cause) {
    if (signal.aborted) return;
    const { code, message } = cause as NodeJS.ErrnoException;
    if (!unpack || !/^(?:Z_|ZSTD_|ERR_ZLIB)/.test(code ?? '')) throw cause;
    if (records.length > 0) yield take();
    if (/unexpected end|incomplete/i.test(message)) throw new CutShort(message);
    records.push(broken(`damaged behind ${at} unpacked bytes: ${message}`));
  } finally {
    file.destroy();
  }
  records.push(...cutter.end());
  yield take();
}
