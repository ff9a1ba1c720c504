/**
 * How one pushed record lies in a spool segment: a header of fixed size, then peer, reason, key and bytes. The checksum tells a
 * frame that was written whole from the rest of one that a power cut or a full disk left behind.
 */
import { crc32 } from 'node:zlib';

/** Grows when the layout changes. */
const FORMAT = 3;
/** Format 2 had no key, and zero where its length stands now. */
const OLDEST = 2;
const HEADER_BYTES = 36;
/** More than any listener hands over: a length above it is no length. */
const MAX_FRAME_BYTES = 64 * 1_024 * 1_024;

/** What is received. */
export interface SpoolFrame {
  bytes: Uint8Array;
  /** Epoch milliseconds. */
  receivedMs: number;
  peer: string;
  /** Set when the record could not be taken whole; `bytes` then holds its beginning and `size` says how long it was. */
  broken?: string;
  size?: number;
  /** What tells the record from others when its sender may send it again: takes the place of `Place` in its position. */
  key?: string;
}

/**
 * The lasting place of a record: the number of the segment that its process began with, and a count from 1. A frame that
 * is written again after a failure keeps it, so that a reader that saw both takes it once.
 */
export interface Place {
  opening: number;
  sequence: number;
}

export const isAfter = (one: Place, other: Place): boolean =>
  one.opening > other.opening || (one.opening === other.opening && one.sequence > other.sequence);

/** `u8 format, u32 checksum of what follows, u32 length, u32 size, u48 ms, u48 opening, u48 sequence, u16 peer, u16 reason, u8 key`. */
export function encodeFrame(frame: SpoolFrame, { opening, sequence }: Place): Uint8Array {
  const peer = Buffer.from(frame.peer).subarray(0, 0xffff);
  const broken = Buffer.from(frame.broken ?? '').subarray(0, 0xffff);
  const key = Buffer.from(frame.key ?? '').subarray(0, 0xff);
  const { bytes } = frame;
  const buffer = Buffer.alloc(HEADER_BYTES + peer.length + broken.length + key.length + bytes.length);
  buffer.writeUInt8(FORMAT, 0);
  buffer.writeUInt32LE(bytes.length, 5);
  buffer.writeUInt32LE(frame.size ?? bytes.length, 9);
  buffer.writeUIntLE(Math.trunc(frame.receivedMs), 13, 6);
  buffer.writeUIntLE(opening, 19, 6);
  buffer.writeUIntLE(sequence, 25, 6);
  buffer.writeUInt16LE(peer.length, 31);
  buffer.writeUInt16LE(broken.length, 33);
  buffer.writeUInt8(key.length, 35);
  let at = HEADER_BYTES;
  for (const part of [peer, broken, key, bytes]) {
    buffer.set(part, at);
    at += part.length;
  }
  buffer.writeUInt32LE(crc32(buffer.subarray(5)), 1);
  return buffer;
}

export type Decoded =
  | { kind: 'frame'; frame: SpoolFrame; place: Place; end: number }
  /** The buffer ends inside the frame, which needs `bytes` from its start. */
  | { kind: 'incomplete'; bytes: number }
  | { kind: 'damaged' };

/** Reads the frame that starts at `at`. */
export function decodeFrame(buffer: Buffer, at: number): Decoded {
  const left = buffer.length - at;
  if (left > 0 && !(buffer[at]! >= OLDEST && buffer[at]! <= FORMAT)) return { kind: 'damaged' };
  if (left < HEADER_BYTES) return { kind: 'incomplete', bytes: HEADER_BYTES };
  const length = buffer.readUInt32LE(at + 5);
  const peerStart = at + HEADER_BYTES;
  const brokenStart = peerStart + buffer.readUInt16LE(at + 31);
  const keyStart = brokenStart + buffer.readUInt16LE(at + 33);
  const start = keyStart + buffer.readUInt8(at + 35);
  const end = start + length;
  if (end - at > MAX_FRAME_BYTES) return { kind: 'damaged' };
  if (end > buffer.length) return { kind: 'incomplete', bytes: end - at };
  if (crc32(buffer.subarray(at + 5, end)) !== buffer.readUInt32LE(at + 1)) return { kind: 'damaged' };
  const broken = buffer.toString('utf8', brokenStart, keyStart);
  const frame = {
    bytes: new Uint8Array(buffer.subarray(start, end)),
    receivedMs: buffer.readUIntLE(at + 13, 6),
    peer: buffer.toString('utf8', peerStart, brokenStart),
    ...(broken === '' ? {} : { broken, size: buffer.readUInt32LE(at + 9) }),
    ...(keyStart === start ? {} : { key: buffer.toString('utf8', keyStart, start) }),
  };
  const place = { opening: buffer.readUIntLE(at + 19, 6), sequence: buffer.readUIntLE(at + 25, 6) };
  return { kind: 'frame', frame, place, end };
}
