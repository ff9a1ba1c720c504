/** Names of elements, attributes and entities: stored once per chunk, each with a checksum of its own. */

import { spend } from './budget.ts';
import { type Cursor, Malformed, skip, u32, utf16 } from './cursor.ts';
import type { Chunk } from './node.ts';

/** Reads a name; where it is used first in a chunk it also stands here, and is stepped over. */
export function readName(cursor: Cursor, chunk: Chunk): string {
  const at = cursor.pos;
  const offset = u32(cursor);
  const name = nameAt(chunk, offset);
  if (name === undefined) throw new Malformed(`no valid name at ${offset}`, at);
  if (offset === cursor.pos) skip(cursor, 10 + chunk.bytes.readUInt16LE(offset + 6) * 2);
  return name;
}

/** The name stored at an offset of the chunk, or nothing when its size or checksum say it is none. */
function nameAt(chunk: Chunk, offset: number): string | undefined {
  const known = chunk.names.get(offset);
  if (known !== undefined) return known;
  const { bytes } = chunk;
  if (offset + 10 > bytes.length) return undefined;
  const start = offset + 8;
  const end = start + bytes.readUInt16LE(offset + 6) * 2;
  if (end === start || end + 2 > bytes.length || bytes.readUInt16LE(end) !== 0) return undefined;
  spend(chunk.budget, end - start, offset);
  if (checksum(bytes, start, end) !== bytes.readUInt16LE(offset + 4)) return undefined;
  const name = utf16(bytes, start, end);
  chunk.names.set(offset, name);
  return name;
}

function checksum(bytes: Buffer, start: number, end: number): number {
  let sum = 0;
  for (let at = start; at < end; at += 2) sum = (Math.imul(sum, 65599) + bytes.readUInt16LE(at)) | 0;
  return sum & 0xffff;
}
