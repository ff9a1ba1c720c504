/**
 * Writes pushed records (syslog) to disk: a record has its place, and so its id, from the moment it is received. What is
 * received stays queued until it is synced. When the disk fails, the segment in use is abandoned and everything queued goes
 * to a new one, tried again and again; until then `isFailing` asks senders to wait, and only a kill loses what is queued.
 */
import { type FileHandle, open, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { errors } from '../../core/errors.ts';
import { bytesOf, generationOf, segmentPath, segmentsOf, syncFolder } from './spool-folder.ts';
import { encodeFrame, type SpoolFrame } from './spool-frame.ts';

/** What arrives within this time shares one sync. */
const SYNC_MS = 50;
const SEGMENT_BYTES = 64 * 1_024 * 1_024;
const QUEUE_BYTES = 8 * 1_024 * 1_024;
const DISK_BYTES = 4 * 1_024 * 1_024 * 1_024;
/** While the spool is full, the disk is looked at this often. */
const ROOM_MS = 200;
const FIRST_PAUSE_MS = 100;
const LAST_PAUSE_MS = 5_000;

export type SegmentFile = Pick<FileHandle, 'appendFile' | 'datasync' | 'truncate' | 'close'>;

export interface SpoolOptions {
  /** What a person should hear of: the disk fails, goes on, is lost. */
  warn: (message: string) => void;
  /** A new segment is begun behind this many bytes. */
  segmentBytes?: number;
  /** From this many queued bytes on the spool is full. */
  queueBytes?: number;
  /** So many bytes on disk that nobody has delivered yet make the spool full too. */
  diskBytes?: number;
  /** Creates a segment; the tests make disks fail here. */
  create?: (path: string) => Promise<SegmentFile>;
}

export interface Spool {
  /** Queues a frame; written about `SYNC_MS` later, at the latest by the next `flush`. Never refuses: ask `isFull` first. */
  append(frame: SpoolFrame): void;
  /** True once everything queued so far is synced; waits out a failing disk. False when the spool was closed before that. */
  flush(): Promise<boolean>;
  /** Bytes queued and not yet synced: what a kill would lose of a sender without acknowledgement. */
  readonly queuedBytes: number;
  readonly isFull: boolean;
  /** True once the spool is neither full nor failing; false when `signal` aborts or the spool closes first. */
  room(signal?: AbortSignal): Promise<boolean>;
  /** The last write failed and none has succeeded since. */
  readonly isFailing: boolean;
  /** Writes what is queued; says how much is lost when the disk still fails. */
  close(): Promise<void>;
}

const createFile = (path: string): Promise<SegmentFile> => open(path, 'ax', 0o600);

/** Opens a spool for writing; always begins a new segment, so that a torn frame at the end of the old one stays alone. */
export async function openSpool(folder: string, options: SpoolOptions): Promise<Spool> {
  const { warn, segmentBytes = SEGMENT_BYTES, queueBytes = QUEUE_BYTES, create = createFile } = options;
  const { diskBytes = DISK_BYTES } = options;
  const closing = new AbortController();
  let number = 0;
  let file: SegmentFile | undefined;
  /** Bytes of this segment that are synced. */
  let synced = 0;
  /** Bytes on disk: counted when last looked at, and what was written since. */
  let onDisk = 0;
  /** Numbers of abandoned segments that hold nothing. */
  const empty: number[] = [];
  let queue: Uint8Array[] = [];
  let queuedBytes = 0;
  let sequence = 0;
  let failures = 0;
  /** Sequence of the last frame that is synced. */
  let syncedTo = 0;
  let waiting: { sequence: number; resolve: (isSynced: boolean) => void }[] = [];
  let isWriting = false;
  let timer: NodeJS.Timeout | undefined;

  async function begin(): Promise<SegmentFile> {
    number += 1;
    synced = 0;
    const begun = await create(segmentPath(folder, number));
    try {
      await syncFolder(folder);
      // Those of failed tries; the newest number stays on disk, because a restart counts on from it.
      while (empty.length > 0) await rm(segmentPath(folder, empty.pop()!), { force: true });
      return begun;
    } catch (cause) {
      await begun.close();
      throw cause;
    }
  }

  async function writeQueued(): Promise<void> {
    file ??= await begin();
    const taken = queue.length;
    const bytes = Buffer.concat(queue);
    await file.appendFile(bytes);
    await file.datasync();
    queue = queue.slice(taken);
    syncedTo += taken;
    queuedBytes -= bytes.length;
    synced += bytes.length;
    onDisk += bytes.length;
    if (onDisk >= diskBytes) onDisk = await bytesOf(folder);
    if (synced < segmentBytes) return;
    const full = file;
    file = undefined;
    await full.close();
  }

  /** Leaves nothing torn behind where the disk still allows it; where not, the reader steps over it. */
  async function abandon(): Promise<void> {
    const left = file;
    file = undefined;
    if (!left) return;
    const isClean = await left.truncate(synced).then(
      () => true,
      () => false,
    );
    await left.close().catch((cause: Error) => warn(`spool: closing a segment: ${cause.message}`));
    if (isClean && synced === 0) empty.push(number);
  }

  /** Until nothing is queued; answers each flush as soon as its own part is on disk. */
  async function writeAll(): Promise<void> {
    isWriting = true;
    while (queue.length > 0) {
      if (await tryWriting()) settle(({ sequence: last }) => last <= syncedTo, true);
      else if (closing.signal.aborted) break;
      else {
        const pauseMs = Math.min(LAST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 10));
        await sleep(pauseMs, undefined, { signal: closing.signal }).catch(() => undefined);
      }
    }
    isWriting = false;
    settle(() => true, queue.length === 0);
  }

  function settle(isDue: (one: (typeof waiting)[number]) => boolean, isSynced: boolean): void {
    const due = waiting.filter(isDue);
    waiting = waiting.filter((one) => !isDue(one));
    for (const { resolve } of due) resolve(isSynced);
  }

  async function tryWriting(): Promise<boolean> {
    try {
      await writeQueued();
      if (failures > 0) warn(`spool: the disk takes records again after ${failures} failures`);
      failures = 0;
      return true;
    } catch (cause) {
      await abandon();
      failures += 1;
      if (failures === 1)
        warn(`spool: ${(cause as Error).message}; trying again, senders wait and datagrams may be dropped`);
      return false;
    }
  }

  function flush(): Promise<boolean> {
    clearTimeout(timer);
    timer = undefined;
    if (queue.length === 0) return Promise.resolve(true);
    const synced = new Promise<boolean>((resolve) => waiting.push({ sequence, resolve }));
    if (!isWriting) void writeAll();
    return synced;
  }

  const isFull = () => queuedBytes >= queueBytes || onDisk >= diskBytes;

  async function room(signal: AbortSignal): Promise<boolean> {
    while (isFull() || failures > 0) {
      if (signal.aborted) return false;
      if (onDisk < diskBytes) await Promise.race([flush(), aborted(signal)]);
      else {
        await sleep(ROOM_MS, undefined, { signal }).catch(() => undefined);
        onDisk = await bytesOf(folder);
      }
    }
    return !signal.aborted;
  }

  try {
    await generationOf(folder);
    number = (await segmentsOf(folder)).at(-1) ?? 0;
    onDisk = await bytesOf(folder);
    file = await begin();
  } catch (cause) {
    throw errors.remote('spool', `open ${folder}`, cause, 'free space there and check the rights');
  }
  const opening = number;

  return {
    get queuedBytes() {
      return queuedBytes;
    },
    get isFull() {
      return isFull();
    },
    get isFailing() {
      return failures > 0;
    },
    append(frame) {
      sequence += 1;
      const bytes = encodeFrame(frame, { opening, sequence });
      queue.push(bytes);
      queuedBytes += bytes.length;
      // A write that is under way takes what was queued meanwhile along.
      if (!isWriting) timer ??= setTimeout(() => void flush(), SYNC_MS);
    },
    flush,
    room: (signal) => room(signal ? AbortSignal.any([signal, closing.signal]) : closing.signal),
    async close() {
      closing.abort();
      if (!(await flush()))
        warn(`spool: ${queue.length} records (${queuedBytes} bytes) could not be written and are lost`);
      await file?.close();
    },
  };
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
