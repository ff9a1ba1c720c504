/** One generation of a file: what tells it apart from its successors, and how far it is read. */
import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Framing } from '../collector.ts';
import { type LineCutter, lineCutter } from './lines.ts';

const HEAD_BYTES = 1_024;
/** How much before the place of reading is compared with what was read there. */
export const TAIL_BYTES = 256;

/** A run of bytes, hashed. */
interface Print {
  length: number;
  hash: string;
}

/** Saved in the checkpoint. Head and tail (the first bytes, and the last ones read) catch a file replaced, or truncated and grown again, under one inode. */
export interface SavedGeneration {
  generation: number;
  offset: number;
  inode: string;
  /** When the file was made, where the file system tells: inodes are used again. */
  born?: string;
  head: Print;
  tail?: Print & { to: number };
  /** What records before the offset handed on to those behind it. */
  carried?: string;
}

export interface Generation extends SavedGeneration {
  handle: FileHandle;
  cutter: LineCutter;
  /** Next byte to read; `offset` is the start of the first record not given out. */
  readAt: number;
  /** The bytes before `readAt`, as they were read; empty until something was. */
  before: Uint8Array;
  /** Since when nothing new was seen (epoch ms); undefined while it grows. */
  idleSince: number | undefined;
}

export type Cut = (start: number, carried?: string) => LineCutter;
/** How records of a file that grows are cut. */
export type Growing = Extract<Framing, { kind: 'lines' | 'records' }>;

export const cutRecords =
  (maxBytes: number, framing: Growing): Cut =>
  (start, carried) =>
    framing.kind === 'records' ? framing.cut(start, maxBytes) : lineCutter(start, maxBytes, framing, carried);

const printOf = (bytes: Uint8Array): Print => ({
  length: bytes.length,
  hash: createHash('sha256').update(bytes).digest('hex').slice(0, 16),
});

async function bytesAt(handle: FileHandle, from: number, length: number): Promise<Buffer> {
  const { bytesRead, buffer } = await handle.read(Buffer.alloc(length), 0, length, from);
  return buffer.subarray(0, bytesRead);
}

const inodeOf = (info: BigIntStats) => `${info.dev}:${info.ino}`;
/** Where the time of birth is not kept, systems give that of the last change. */
const bornOf = ({ birthtimeNs, ctimeNs }: BigIntStats) =>
  birthtimeNs > 0n && birthtimeNs !== ctimeNs ? String(birthtimeNs) : undefined;

/** `dev:ino` of a path, undefined when there is no such file. */
export async function inodeAt(path: string): Promise<string | undefined> {
  try {
    const info = await stat(path, { bigint: true });
    return info.isFile() ? inodeOf(info) : undefined;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw cause;
  }
}

export async function openGeneration(
  path: string,
  generation: number,
  offset: number,
  cut: Cut,
  carried?: string,
): Promise<Generation> {
  const handle = await open(path, 'r');
  const info = await handle.stat({ bigint: true });
  const born = bornOf(info);
  return {
    generation,
    offset,
    inode: inodeOf(info),
    ...(born === undefined ? {} : { born }),
    head: printOf(await bytesAt(handle, 0, Math.min(HEAD_BYTES, offset))),
    handle,
    cutter: cut(offset, carried),
    readAt: offset,
    before: await bytesAt(handle, Math.max(0, offset - TAIL_BYTES), Math.min(TAIL_BYTES, offset)),
    idleSince: undefined,
  };
}

/**
 * What follows `readAt`, at most `most` bytes. Undefined when the bytes before it are no longer those that were read: the
 * file was truncated, and perhaps written again. One call reads both, so that nothing can happen between them.
 */
export async function readOn(one: Generation, most: number): Promise<Uint8Array | undefined> {
  const known = one.before.length;
  const { bytesRead, buffer } = await one.handle.read(
    Buffer.allocUnsafe(known + most),
    0,
    known + most,
    one.readAt - known,
  );
  if (bytesRead < known || !buffer.subarray(0, known).equals(one.before)) return undefined;
  const fresh = buffer.subarray(known, bytesRead);
  if (fresh.length === 0) return fresh;
  one.readAt += fresh.length;
  one.before = Uint8Array.from(buffer.subarray(Math.max(0, bytesRead - TAIL_BYTES), bytesRead));
  if (one.head.length < HEAD_BYTES)
    one.head = printOf(await bytesAt(one.handle, 0, Math.min(HEAD_BYTES, one.readAt)));
  return fresh;
}

/** What was read last no longer stands there: the file was truncated. */
export async function isCut({ handle, readAt, before }: Generation): Promise<boolean> {
  return !(await bytesAt(handle, readAt - before.length, before.length)).equals(before);
}

/** The file at `path` holds what `one` holds, and perhaps more: `copytruncate` copied it and has yet to cut it off. */
export async function isUncutCopy(one: Candidate, path: string): Promise<boolean> {
  const opened = await Promise.all([one.path, path].map((file) => open(file, 'r').catch(() => undefined)));
  const [copy, original] = opened;
  try {
    if (!copy || !original) return false;
    const from = Math.max(0, one.size - TAIL_BYTES);
    for (const [at, length] of [
      [0, Math.min(HEAD_BYTES, one.size)],
      [from, one.size - from],
    ] as const)
      if (!(await bytesAt(copy, at, length)).equals(await bytesAt(original, at, length))) return false;
    return true;
  } finally {
    for (const handle of opened) await handle?.close();
  }
}

/** A file of the folder that may hold a generation: the followed file itself, or what rotation made of it. */
export interface Candidate {
  path: string;
  inode: string;
  born: string | undefined;
  size: number;
  changedMs: number;
}

const COMPRESSED = /\.(gz|bz2|xz|zst|lz4|zip)$/i;

/** The followed file, and files named after it (`app.log.1`, `app.log-20261121`), oldest change first. */
export async function candidates(path: string): Promise<Candidate[]> {
  const [folder, name] = [dirname(path), basename(path)];
  const found: Candidate[] = [];
  for (const entry of await readdir(folder).catch(() => [])) {
    if (entry !== name && !(entry.startsWith(name) && /^[.\-_]/.test(entry.slice(name.length)))) continue;
    if (COMPRESSED.test(entry)) continue;
    const info = await stat(join(folder, entry), { bigint: true }).catch(() => undefined);
    if (info?.isFile())
      found.push({
        path: join(folder, entry),
        inode: inodeOf(info),
        born: bornOf(info),
        size: Number(info.size),
        changedMs: Number(info.mtimeMs),
      });
  }
  return found.sort((a, b) => a.changedMs - b.changedMs);
}

/** The very file, whatever its name is now. */
export const isFile = (one: Candidate, saved: SavedGeneration): boolean =>
  one.inode === saved.inode &&
  (saved.born === undefined || one.born === undefined || one.born === saved.born);

/**
 * Finds a saved generation again: by its inode, under whatever name, or as a copy that `copytruncate` left behind. Undefined
 * when it is gone, or was truncated without a copy. What lies at the followed path itself is a copy (of a folder that was
 * moved) only when enough was read to tell: a new file may well begin with the same few lines.
 */
export async function findAgain(
  path: string,
  among: readonly Candidate[],
  saved: SavedGeneration,
  cut: Cut,
): Promise<Generation | undefined> {
  const isIt = (one: Candidate) => isFile(one, saved);
  const mayBeCopy = (one: Candidate) =>
    !isIt(one) && saved.head.length > 0 && (one.path !== path || saved.offset >= HEAD_BYTES);
  for (const candidate of [...among.filter(isIt), ...among.filter(mayBeCopy)]) {
    if (candidate.size < saved.offset) continue;
    const found = await openGeneration(
      candidate.path,
      saved.generation,
      saved.offset,
      cut,
      saved.carried,
    ).catch((cause: NodeJS.ErrnoException) => {
      // Renamed since it was listed.
      if (cause.code === 'ENOENT') return undefined;
      throw cause;
    });
    if (!found) continue;
    if (await hasRead(found, saved)) return found;
    await found.handle.close();
  }
  return undefined;
}

/** The file begins with the bytes that were read, and holds those that were read last. */
async function hasRead({ handle }: Generation, { head, tail }: SavedGeneration): Promise<boolean> {
  if (printOf(await bytesAt(handle, 0, head.length)).hash !== head.hash) return false;
  return !tail || printOf(await bytesAt(handle, tail.to - tail.length, tail.length)).hash === tail.hash;
}

export const save = ({
  generation,
  offset,
  inode,
  born,
  head,
  readAt,
  before,
  cutter,
}: Generation): SavedGeneration => ({
  generation,
  offset,
  inode,
  ...(born === undefined ? {} : { born }),
  head,
  ...(before.length > 0 ? { tail: { to: readAt, ...printOf(before) } } : {}),
  ...(cutter.carried === undefined ? {} : { carried: cutter.carried }),
});
