/** One generation of a file: what tells it apart from its successors, and how far it is read. */
import { createHash } from 'node:crypto';
import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Framing } from '../collector.ts';
import { type LineCutter, lineCutter } from './lines.ts';

const HEAD_BYTES = 1_024;

/** Saved in the checkpoint. The head (first bytes, hashed) catches a file replaced or truncated and grown again under one inode. */
export interface SavedGeneration {
  generation: number;
  offset: number;
  inode: string;
  head: { length: number; hash: string };
  /** What records before the offset handed on to those behind it. */
  carried?: string;
}

export interface Generation extends SavedGeneration {
  handle: FileHandle;
  cutter: LineCutter;
  /** Next byte to read; `offset` is the start of the first record not given out. */
  readAt: number;
  /** Since when nothing new was seen (epoch ms); undefined while it grows. */
  idleSince: number | undefined;
}

export type Cut = (start: number, carried?: string) => LineCutter;
export const cutLines =
  (maxBytes: number, framing: Extract<Framing, { kind: 'lines' }>): Cut =>
  (start, carried) =>
    lineCutter(start, maxBytes, framing, carried);

async function hashHead(handle: FileHandle, length: number): Promise<{ length: number; hash: string }> {
  const { bytesRead, buffer } = await handle.read(Buffer.alloc(length), 0, length, 0);
  return {
    length: bytesRead,
    hash: createHash('sha256').update(buffer.subarray(0, bytesRead)).digest('hex').slice(0, 16),
  };
}

const inodeOf = (info: { dev: bigint; ino: bigint }) => `${info.dev}:${info.ino}`;

/** `dev:ino` of a path, undefined when there is no such file. */
export async function inodeAt(path: string): Promise<{ inode: string; size: number } | undefined> {
  try {
    const info = await stat(path, { bigint: true });
    return info.isFile() ? { inode: inodeOf(info), size: Number(info.size) } : undefined;
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
  const head = await hashHead(handle, Math.min(HEAD_BYTES, Number(info.size)));
  return {
    generation,
    offset,
    inode: inodeOf(info),
    head,
    handle,
    cutter: cut(offset, carried),
    readAt: offset,
    idleSince: undefined,
  };
}

/** True while the bytes read before are still the file's bytes; also lengthens a short head as the file grows. */
export async function isUnchanged(one: Generation, size: number): Promise<boolean> {
  if (size < one.readAt) return false;
  const head = await hashHead(one.handle, one.head.length);
  if (head.hash !== one.head.hash) return false;
  if (one.head.length < HEAD_BYTES && size > one.head.length)
    one.head = await hashHead(one.handle, Math.min(HEAD_BYTES, size));
  return true;
}

/** A file of the folder that may hold a generation: the followed file itself, or what rotation made of it. */
export interface Candidate {
  path: string;
  inode: string;
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
        size: Number(info.size),
        changedMs: Number(info.mtimeMs),
      });
  }
  return found.sort((a, b) => a.changedMs - b.changedMs);
}

/**
 * Finds a saved generation again: by its inode, under whatever name, or as a copy that `copytruncate` left behind. Undefined
 * when it is gone, or was truncated without a copy.
 */
export async function findAgain(
  among: readonly Candidate[],
  saved: SavedGeneration,
  cut: Cut,
): Promise<Generation | undefined> {
  const byInode = among.filter(({ inode }) => inode === saved.inode);
  const copies = among.filter(
    ({ inode, size }) => inode !== saved.inode && saved.head.length > 0 && size >= saved.offset,
  );
  for (const candidate of [...byInode, ...copies]) {
    const found = await openGeneration(candidate.path, saved.generation, saved.offset, cut, saved.carried);
    if (
      candidate.size >= saved.offset &&
      (await hashHead(found.handle, saved.head.length)).hash === saved.head.hash
    )
      return found;
    await found.handle.close();
  }
  return undefined;
}

export const save = ({ generation, offset, inode, head, cutter }: Generation): SavedGeneration => ({
  generation,
  offset,
  inode,
  head,
  ...(cutter.carried === undefined ? {} : { carried: cutter.carried }),
});
