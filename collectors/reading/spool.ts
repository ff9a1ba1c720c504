/**
 * Disk spool of pushed records (syslog, HTTP): a record has its place, and so its id, from the moment it is received.
 * Append-only segments; each frame is `u32 length, u64 reception ms, u16 peer length, peer, bytes`. A frame counts as
 * received when `flush` returned (fsync); what a sender pushed after that and before a power cut may be lost.
 */
import { type FileHandle, mkdir, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Reader } from './reader.ts';

const HEADER_BYTES = 14;
const SEGMENT_BYTES = 64 * 1_024 * 1_024;
const POLL_MS = 100;

export interface SpoolFrame {
  bytes: Uint8Array;
  receivedMs: number;
  peer: string;
}

export interface Spool {
  /** Queues a frame; durable after the next `flush`. */
  append(frame: SpoolFrame): void;
  /** Writes and syncs everything queued; calls that overlap share one sync. */
  flush(): Promise<void>;
  /** Bytes queued and not yet written: what a kill would lose of a sender without acknowledgement. */
  readonly queuedBytes: number;
  close(): Promise<void>;
}

const segmentName = (number: number) => `${String(number).padStart(12, '0')}.spool`;
const segments = async (folder: string) =>
  (await readdir(folder))
    .filter((name) => name.endsWith('.spool'))
    .map((name) => Number.parseInt(name, 10))
    .sort((a, b) => a - b);

/** Fixed when the spool folder is made: frames of a spool that replaces a lost one never share its positions. */
async function generationOf(folder: string): Promise<number> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, 'generation');
  await writeFile(path, String(Math.floor(Date.now() / 1_000)), { flag: 'wx', mode: 0o600 }).catch(
    (cause: NodeJS.ErrnoException) => {
      if (cause.code !== 'EEXIST') throw cause;
    },
  );
  return Number(await readFile(path, 'utf8'));
}

/** Opens a spool for writing; always begins a new segment, so that a torn frame at the end of the old one stays alone. */
export async function openSpool(folder: string): Promise<Spool> {
  await generationOf(folder);
  let number = Math.max((await segments(folder)).at(-1) ?? 0, 0) + 1;
  let handle: FileHandle = await open(join(folder, segmentName(number)), 'ax', 0o600);
  let written = 0;
  let queue: Uint8Array[] = [];
  let queuedBytes = 0;
  let flushing: Promise<void> | undefined;

  async function write(): Promise<void> {
    while (queue.length > 0) {
      const bytes = Buffer.concat(queue);
      queue = [];
      queuedBytes = 0;
      await handle.appendFile(bytes);
      await handle.datasync();
      written += bytes.length;
      if (written < SEGMENT_BYTES) continue;
      await handle.close();
      number += 1;
      written = 0;
      handle = await open(join(folder, segmentName(number)), 'ax', 0o600);
    }
  }

  const flush = (): Promise<void> => {
    flushing ??= write().finally(() => {
      flushing = undefined;
    });
    return flushing.then(() => (queue.length > 0 ? flush() : undefined));
  };

  return {
    get queuedBytes() {
      return queuedBytes;
    },
    append({ bytes, receivedMs, peer }) {
      const peerBytes = Buffer.from(peer);
      const frame = Buffer.allocUnsafe(HEADER_BYTES + peerBytes.length + bytes.length);
      frame.writeUInt32LE(bytes.length, 0);
      frame.writeBigUInt64LE(BigInt(receivedMs), 4);
      frame.writeUInt16LE(peerBytes.length, 12);
      frame.set(peerBytes, HEADER_BYTES);
      frame.set(bytes, HEADER_BYTES + peerBytes.length);
      queue.push(frame);
      queuedBytes += frame.length;
    },
    flush,
    async close() {
      await flush();
      await handle.close();
    },
  };
}

/** Reads a spool in order; a segment is deleted once a later one is checkpointed. Position: `segment:offset`. */
export function spoolReader(folder: string): Reader {
  return async function* (from, options) {
    const generation = await generationOf(folder);
    const [fromSegment, fromOffset] = from && !from.again ? from.position.split(':').map(Number) : [0, 0];
    let segment = fromSegment ?? 0;
    let offset = fromOffset ?? 0;
    while (!options.signal.aborted) {
      const all = await segments(folder);
      for (const old of all.filter((one) => one < segment)) await rm(join(folder, segmentName(old)));
      const current = all.find((one) => one >= segment);
      if (current !== undefined && current !== segment) [segment, offset] = [current, 0];
      const records = current === undefined ? [] : await readFrames(join(folder, segmentName(segment)));
      if (records.length > 0) {
        yield { records, next: { generation, position: `${segment}:${offset}` } };
        continue;
      }
      const later = all.find((one) => one > segment);
      if (later !== undefined) {
        [segment, offset] = [later, 0];
        continue;
      }
      if (options.until === 'end') return;
      await sleep(POLL_MS, undefined, { signal: options.signal }).catch(() => undefined);
    }

    async function readFrames(path: string) {
      const size = (await stat(path)).size;
      if (size <= offset) return [];
      const handle = await open(path, 'r');
      try {
        const { bytesRead, buffer } = await handle.read(
          Buffer.alloc(Math.min(size - offset, options.batchBytes + options.maxRecordBytes)),
          0,
          undefined,
          offset,
        );
        const records = [];
        let at = 0;
        while (at + HEADER_BYTES <= bytesRead && at < options.batchBytes) {
          const length = buffer.readUInt32LE(at);
          const peerLength = buffer.readUInt16LE(at + 12);
          const end = at + HEADER_BYTES + peerLength + length;
          if (end > bytesRead) break;
          records.push({
            raw: new Uint8Array(buffer.subarray(at + HEADER_BYTES + peerLength, end)),
            position: `${segment}:${offset + at}`,
            receivedMs: Number(buffer.readBigUInt64LE(at + 4)),
            generation,
          });
          at = end;
        }
        offset += at;
        return records;
      } finally {
        await handle.close();
      }
    }
  };
}
