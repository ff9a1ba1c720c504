/** Typed values of a record become the text (or exact number) that Event Viewer shows. */
import { isoOf } from '../../core/iso-time.ts';
import { Malformed, utf16 } from './cursor.ts';
import type { Value } from './xml.ts';

/** Value types as the format numbers them; bit 7 marks an array. */
export const nullType = 0x00;
export const binXmlType = 0x21;
export const arrayFlag = 0x80;

/** Where a value lies in the chunk. */
export interface ValueAt {
  readonly type: number;
  readonly start: number;
  readonly size: number;
}

/** Decodes one value that is neither an array nor embedded BinXML. */
export function decode(bytes: Buffer, { type, start, size }: ValueAt): Value {
  if (size === 0) return '';
  const end = start + size;
  switch (type) {
    case 0x01:
    case 0x23:
      return untilNul(utf16(bytes, start, end - (size & 1)));
    case 0x02:
      return untilNul(ansi.decode(bytes.subarray(start, end)));
    case 0x03:
    case 0x05:
    case 0x07:
    case 0x09:
      return signed(bytes, start, size);
    case 0x04:
    case 0x06:
    case 0x08:
    case 0x0a:
      return unsigned(bytes, start, size);
    case 0x0b:
      return finite(sized(bytes, start, size, 4).readFloatLE(start));
    case 0x0c:
      return finite(sized(bytes, start, size, 8).readDoubleLE(start));
    case 0x0d:
      return unsigned(bytes, start, size) === 0 ? 'false' : 'true';
    case 0x0e:
      return bytes.toString('hex', start, end).toUpperCase();
    case 0x0f:
      return guid(sized(bytes, start, size, 16), start);
    case 0x11:
      return fileTimeText(sized(bytes, start, size, 8).readBigUInt64LE(start));
    case 0x12:
      return systemTime(sized(bytes, start, size, 16), start);
    case 0x13:
      return sid(bytes, start, size);
    case 0x10:
    case 0x14:
    case 0x15:
      return hex(bytes, start, size);
    default:
      throw new Malformed(`unknown value type 0x${type.toString(16)}`, start);
  }
}

const ansi = new TextDecoder('windows-1252');

/** Fields often carry their terminator, and Windows shows nothing after it. */
function untilNul(text: string): string {
  const nul = text.indexOf('\0');
  return nul < 0 ? text : text.slice(0, nul);
}

function sized(bytes: Buffer, start: number, size: number, wanted: number): Buffer {
  if (size !== wanted) throw new Malformed(`a value of ${wanted} bytes is said to have ${size}`, start);
  return bytes;
}

function signed(bytes: Buffer, start: number, size: number): Value {
  if (size === 8) return exact(bytes.readBigInt64LE(start));
  if (size > 4 || size === 3) throw new Malformed(`an integer of ${size} bytes`, start);
  return bytes.readIntLE(start, size);
}

function unsigned(bytes: Buffer, start: number, size: number): Value {
  if (size === 8) return exact(bytes.readBigUInt64LE(start));
  if (size > 4 || size === 3) throw new Malformed(`an integer of ${size} bytes`, start);
  return bytes.readUIntLE(start, size);
}

function exact(value: bigint): Value {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value.toString();
}

function finite(value: number): Value {
  return Number.isFinite(value) ? value : String(value);
}

function hex(bytes: Buffer, start: number, size: number): string {
  if (size === 8) return `0x${bytes.readBigUInt64LE(start).toString(16)}`;
  return `0x${sized(bytes, start, size, 4).readUInt32LE(start).toString(16)}`;
}

function guid(bytes: Buffer, start: number): string {
  const part = (from: number, to: number) => bytes.toString('hex', start + from, start + to);
  const first = bytes.readUInt32LE(start).toString(16).padStart(8, '0');
  const second = bytes
    .readUInt16LE(start + 4)
    .toString(16)
    .padStart(4, '0');
  const third = bytes
    .readUInt16LE(start + 6)
    .toString(16)
    .padStart(4, '0');
  return `{${first}-${second}-${third}-${part(8, 10)}-${part(10, 16)}}`;
}

/** 100-nanosecond steps between 1601 and 1970. */
const epochFileTime = 116_444_736_000_000_000n;

/** Milliseconds since 1970, rounded down; before 1970 they are negative. */
export function fileTimeMs(fileTime: bigint): number {
  const steps = fileTime - epochFileTime;
  const ms = steps / 10_000n;
  return Number(steps < 0n && ms * 10_000n !== steps ? ms - 1n : ms);
}

/** `2021-01-01T00:00:00.1234567Z`, all seven digits. */
export function fileTimeText(fileTime: bigint): string {
  const ms = fileTimeMs(fileTime);
  const rest = String(fileTime % 10_000n).padStart(4, '0');
  return `${isoOf(ms).slice(0, -1)}${rest}Z`;
}

/** SYSTEMTIME is shown as stored, even when it is no date. */
function systemTime(bytes: Buffer, start: number): string {
  const part = (index: number, width: number) =>
    String(bytes.readUInt16LE(start + index * 2)).padStart(width, '0');
  return `${part(0, 4)}-${part(1, 2)}-${part(3, 2)}T${part(4, 2)}:${part(5, 2)}:${part(6, 2)}.${part(7, 3)}Z`;
}

/** Bytes of the SID that starts here. */
export function sidSize(bytes: Buffer, start: number): number {
  return 8 + 4 * (bytes[start + 1] ?? 0);
}

function sid(bytes: Buffer, start: number, size: number): string {
  if (size < 8 || sidSize(bytes, start) > size) throw new Malformed(`a SID of ${size} bytes`, start);
  let text = `S-${bytes[start]}-${bytes.readUIntBE(start + 2, 6)}`;
  for (let at = start + 8; at < start + sidSize(bytes, start); at += 4) text += `-${bytes.readUInt32LE(at)}`;
  return text;
}
