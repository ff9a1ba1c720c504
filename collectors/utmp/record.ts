/** The login records of Linux (utmp(5), 384 bytes each as on x86-64): cut, and read into fields. */
import type { RawRecord, RecordCutter } from '../collector.ts';

export const RECORD_BYTES = 384;

export type UtmpType =
  | 'empty'
  | 'run-level'
  | 'boot'
  | 'new-time'
  | 'old-time'
  | 'init'
  | 'login'
  | 'user'
  | 'dead'
  | 'accounting';
const TYPES: readonly UtmpType[] = [
  ...(['empty', 'run-level', 'boot', 'new-time', 'old-time', 'init', 'login', 'user', 'dead'] as const),
  'accounting',
];

export interface UtmpRecord {
  type: UtmpType;
  pid: number;
  line: string;
  user: string;
  host: string;
  session: number;
  /** Epoch milliseconds; undefined where the record has none. */
  ms?: number;
  address?: string;
}

/** Position of a record is its byte offset. */
export function utmpCutter(start: number): RecordCutter {
  let offset = start;
  let open: Uint8Array = new Uint8Array();
  return {
    get offset() {
      return offset;
    },
    get midLine() {
      return open.length > 0;
    },
    push(bytes) {
      const all = open.length === 0 ? bytes : Buffer.concat([open, bytes]);
      const records: RawRecord[] = [];
      let at = 0;
      for (; at + RECORD_BYTES <= all.length; at += RECORD_BYTES)
        records.push({ raw: all.slice(at, at + RECORD_BYTES), position: String(offset + at) });
      offset += at;
      open = all.slice(at);
      return records;
    },
    end() {
      if (open.length === 0) return [];
      const raw = open;
      const position = String(offset);
      offset += raw.length;
      open = new Uint8Array();
      return [{ raw, position, broken: `${raw.length} bytes are no whole login record of ${RECORD_BYTES}` }];
    },
  };
}

const utf8 = new TextDecoder('utf-8');

/** The record, or a sentence that says why it is none. */
export function utmpRecord(raw: Uint8Array): UtmpRecord | string {
  if (raw.length !== RECORD_BYTES) return `login record of ${raw.length} bytes, not ${RECORD_BYTES}`;
  const view = Buffer.from(raw.buffer, raw.byteOffset, raw.length);
  const type = TYPES[view.readInt16LE(0)];
  if (type === undefined)
    return `login record of unknown type ${view.readInt16LE(0)}: is this the file of a machine with records of 384 bytes?`;
  const text = (from: number, to: number) => {
    const bytes = view.subarray(from, to);
    const end = bytes.indexOf(0);
    return utf8.decode(end < 0 ? bytes : bytes.subarray(0, end));
  };
  const seconds = view.readUInt32LE(340);
  const address = addressOf(view.subarray(348, 364));
  return {
    type,
    pid: view.readInt32LE(4),
    line: text(8, 40),
    user: text(44, 76),
    host: text(76, 332),
    session: view.readInt32LE(336),
    ...(seconds === 0 ? {} : { ms: seconds * 1_000 + Math.trunc(view.readUInt32LE(344) / 1_000) }),
    ...(address === undefined ? {} : { address }),
  };
}

/** IPv4 stands in the first four bytes, IPv6 fills all. */
function addressOf(bytes: Buffer): string | undefined {
  if (bytes.every((byte) => byte === 0)) return undefined;
  if (bytes.subarray(4).every((byte) => byte === 0)) return bytes.subarray(0, 4).join('.');
  const groups = Array.from({ length: 8 }, (_, n) => bytes.readUInt16BE(2 * n).toString(16));
  // The URL parser writes an address in its one short form.
  return new URL(`http://[${groups.join(':')}]/`).hostname.slice(1, -1);
}
