/** Reads a spool in order. What a crash left torn at the end of a segment is stepped over, with a word about its size. */
import { open, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ReadBatch, Reader, ReadOptions, ReadPosition } from './reader.ts';
import { generationOf, segmentPath, segmentsOf } from './spool-folder.ts';
import { decodeFrame, isAfter, type Place, type SpoolFrame } from './spool-frame.ts';

const POLL_MS = 100;

/** Where reading goes on, and the last record taken: a frame written twice is taken once. */
interface Cursor {
  segment: number;
  offset: number;
  last: Place;
}

/** Position in the checkpoint: `segment:offset:opening:sequence`; of a record: its key, or `opening:sequence`. */
const format = ({ segment, offset, last }: Cursor) => `${segment}:${offset}:${last.opening}:${last.sequence}`;
function parse(from: ReadPosition | undefined, generation: number): Cursor {
  // The position of another spool, lost since, means nothing here.
  const known = from?.generation === generation ? from.position.split(':').map(Number) : [];
  const [segment = 0, offset = 0, opening = 0, sequence = 0] = known;
  return { segment, offset, last: { opening, sequence } };
}

/** Segments are deleted once a later one is being read and everything of theirs is delivered: whoever asks for the next batch has the one before checkpointed. */
export function spoolReader(folder: string): Reader {
  return async function* (from, options) {
    const generation = await generationOf(folder);
    const cursor = parse(from, generation);
    while (!options.signal.aborted) {
      const startMs = performance.now();
      const all = await segmentsOf(folder);
      for (const old of all.filter((one) => one < cursor.segment))
        await rm(segmentPath(folder, old), { force: true });
      const current = all.find((one) => one >= cursor.segment);
      if (current !== undefined && current !== cursor.segment) {
        cursor.segment = current;
        cursor.offset = 0;
      }
      const { records, moved, left } = await readSome(folder, cursor, options, generation);
      if (records.length > 0)
        yield { records, next: { generation, position: format(cursor) } } satisfies ReadBatch;
      // Listed before it was read: when a later one was there, nobody writes to this one any more.
      const later = all.find((one) => one > cursor.segment);
      if (moved && (left > 0 || later !== undefined || options.until === 'end')) continue;
      if (!moved && later !== undefined) {
        if (left > 0)
          options.warn(
            `spool segment ${cursor.segment}: ${left} bytes behind byte ${cursor.offset} are no whole record, and were left out`,
          );
        cursor.segment = later;
        cursor.offset = 0;
        continue;
      }
      if (options.until === 'end') return;
      const pauseMs = Math.max(POLL_MS, options.gatherMs ?? 0) - (performance.now() - startMs);
      await sleep(Math.max(0, pauseMs), undefined, { signal: options.signal }).catch(() => undefined);
    }
  };
}

interface Some {
  records: ReadBatch['records'];
  /** Something was read, new or not. */
  moved: boolean;
  /** Bytes behind the last whole record. */
  left: number;
}

/** Moves the cursor over the whole frames that fit one batch. */
async function readSome(
  folder: string,
  cursor: Cursor,
  { batchBytes, maxRecordBytes }: ReadOptions,
  generation: number,
): Promise<Some> {
  const some: Some = { records: [], moved: false, left: 0 };
  const handle = await open(segmentPath(folder, cursor.segment), 'r').catch(
    (cause: NodeJS.ErrnoException) => {
      // None was written yet, or an empty one was taken away just now.
      if (cause.code === 'ENOENT') return undefined;
      throw cause;
    },
  );
  if (!handle) return some;
  try {
    const { size } = await handle.stat();
    some.left = Math.max(0, size - cursor.offset);
    const readBytes = async (bytes: number): Promise<Buffer> => {
      const wanted = Math.min(some.left, bytes);
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(wanted), 0, wanted, cursor.offset);
      return buffer.subarray(0, bytesRead);
    };
    let buffer = await readBytes(batchBytes);
    let decoded = decodeFrame(buffer, 0);
    // A frame larger than the batch: its header first, which tells the size of the whole.
    while (decoded.kind === 'incomplete' && decoded.bytes <= some.left) {
      const wanted = decoded.bytes;
      buffer = await readBytes(wanted);
      // Cut off since its size was asked for: what a full disk could not take is taken back.
      if (buffer.length < wanted) break;
      decoded = decodeFrame(buffer, 0);
    }
    let at = 0;
    for (; decoded.kind === 'frame'; decoded = decodeFrame(buffer, at)) {
      const { frame, place, end } = decoded;
      at = end;
      if (!isAfter(place, cursor.last)) continue;
      cursor.last = place;
      const position = frame.key ?? `${place.opening}:${place.sequence}`;
      some.records.push({ ...recordOf(frame, maxRecordBytes), position, generation });
    }
    cursor.offset += at;
    some.left -= at;
    some.moved = at > 0;
    return some;
  } finally {
    await handle.close();
  }
}

/** A record over the limit of its collector is reported like one that the listener cut. */
function recordOf({ bytes, receivedMs, broken, size }: SpoolFrame, maxBytes: number) {
  if (broken !== undefined) return { raw: bytes, receivedMs, broken, size: size ?? bytes.length };
  if (bytes.length <= maxBytes) return { raw: bytes, receivedMs };
  const reason = `record of ${bytes.length} bytes is over the limit of ${maxBytes}`;
  return { raw: bytes, receivedMs, broken: reason, size: bytes.length };
}
