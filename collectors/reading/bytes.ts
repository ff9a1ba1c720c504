/** The bytes of a file, read where they are needed: a file need not be held whole. */
import { readSync } from 'node:fs';

export interface Bytes {
  readonly length: number;
  /** Fewer where the file ends before `end`. */
  slice(start: number, end: number): Buffer;
}

export function heldBytes(file: Uint8Array): Bytes {
  const buffer = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  return { length: buffer.length, slice: (start, end) => buffer.subarray(start, end) };
}

/** Of an open file. Reading waits: a part is small, and most often in the system's memory. */
export function fileBytes(descriptor: number, length: number): Bytes {
  return {
    length,
    slice(start, end) {
      const size = Math.max(0, Math.min(end, length) - start);
      const buffer = Buffer.alloc(size);
      return buffer.subarray(0, readSync(descriptor, buffer, 0, size, start));
    },
  };
}
