/** Bounds-checked little-endian reading: every other file of the EVTX reader takes its bytes from here. */

/** Thrown inside the reader for bytes that cannot be what they claim; caught per record and reported as damage. */
export class Malformed extends Error {
  /** Where in the chunk reading stopped. */
  readonly at: number;
  constructor(reason: string, at: number) {
    super(reason);
    this.name = 'Malformed';
    this.at = at;
  }
}

/** A window on a chunk: `pos` moves, nothing at or after `end` is read. Offsets count from the chunk's start. */
export interface Cursor {
  readonly bytes: Buffer;
  pos: number;
  readonly end: number;
}

/** A cursor over part of a chunk; a window that leaves the chunk is malformed. */
export function cursorAt(bytes: Buffer, start: number, size: number): Cursor {
  const end = start + size;
  if (start > bytes.length || end > bytes.length) {
    throw new Malformed(`${size} bytes at ${start} reach past the end of the chunk`, start);
  }
  return { bytes, pos: start, end };
}

/** Moves over `count` bytes and returns where they begin. */
export function skip(cursor: Cursor, count: number): number {
  const start = cursor.pos;
  if (start + count > cursor.end) {
    throw new Malformed(`needs ${count} bytes where ${cursor.end - start} are left`, start);
  }
  cursor.pos = start + count;
  return start;
}

/** Reads one byte. */
export function u8(cursor: Cursor): number {
  return cursor.bytes[skip(cursor, 1)]!;
}

/** Reads a 16-bit number. */
export function u16(cursor: Cursor): number {
  return cursor.bytes.readUInt16LE(skip(cursor, 2));
}

/** Reads a 32-bit number. */
export function u32(cursor: Cursor): number {
  return cursor.bytes.readUInt32LE(skip(cursor, 4));
}

/** Decodes UTF-16; half a surrogate pair becomes U+FFFD, since no store or terminal could hold it. */
export function utf16(bytes: Buffer, start: number, end: number): string {
  const text = bytes.toString('utf16le', start, end);
  return text.isWellFormed() ? text : text.toWellFormed();
}
