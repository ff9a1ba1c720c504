/** Cuts a growing run of bytes into lines, bounded: an over-long line is reported once with its size, never held in memory. */
import type { Framing, RawRecord } from '../collector.ts';
import { carryingCutter } from './carrying.ts';
import { joinedCutter } from './joined.ts';

const LF = 10;
const CR = 13;
/** How much of an over-long line is kept as evidence. */
const KEPT_BYTES = 65_536;

export interface LineCutter {
  /** Takes the bytes that follow; gives the records now complete. */
  push(bytes: Uint8Array): RawRecord[];
  /** The records still open at the end of the source. */
  end(): RawRecord[];
  /** Where reading goes on: everything before it was given as part of a record. */
  readonly offset: number;
  /** What is handed on to the records from there on (`carries` of the framing). */
  readonly carried?: string | undefined;
  /** True while the last line lacks its line break. */
  readonly midLine: boolean;
}

const isBlank = (line: Uint8Array) => line.every((byte) => byte === 32 || byte === 9 || byte === CR);
const withoutCr = (line: Uint8Array) => (line.at(-1) === CR ? line.subarray(0, -1) : line);
const join = (parts: readonly Uint8Array[]) => (parts.length === 1 ? parts[0]! : Buffer.concat(parts));

type LineFraming = Omit<Extract<Framing, { kind: 'lines' }>, 'kind'>;

/** `continues(line, before)` glues a line to the record that ends with `before` so far, complete when the next one starts; `stands(line)` needs no waiting. */
export function lineCutter(
  start: number,
  maxBytes: number,
  { carries, ...framing }: LineFraming = {},
  carried?: string,
): LineCutter {
  if (carries) return carryingCutter(lineCutter(start, maxBytes, framing), carries, carried);
  const { continues, stands, joins } = framing;
  if (joins) return joinedCutter(lineCutter(start, maxBytes, {}), maxBytes, joins);
  let open: Uint8Array[] = [];
  let openBytes = 0;
  /** Bytes of the current line that were dropped because it is too long. */
  let dropped = 0;
  let lineStart = start;
  let pending: { position: number; parts: Uint8Array[]; bytes: number } | undefined;

  const hold = (bytes: Uint8Array) => {
    const room = maxBytes + 2 - openBytes;
    const kept = bytes.length <= room ? bytes : bytes.subarray(0, Math.max(room, 0));
    if (kept.length > 0) open.push(kept);
    openBytes += kept.length;
    dropped += bytes.length - kept.length;
  };

  const record = (position: number, raw: Uint8Array, size: number): RawRecord =>
    size <= maxBytes
      ? { raw, position: String(position) }
      : {
          raw: raw.slice(0, KEPT_BYTES),
          position: String(position),
          size,
          broken: `record of ${size} bytes is over the limit of ${maxBytes}`,
        };

  const flush = (): RawRecord[] => {
    if (!pending) return [];
    const { position, parts, bytes } = pending;
    pending = undefined;
    return [record(position, join(parts), bytes)];
  };

  const close = (end: number): RawRecord[] => {
    const raw = withoutCr(join(open.length > 0 ? open : [new Uint8Array()]));
    const size = raw.length + dropped;
    const position = lineStart;
    open = [];
    openBytes = 0;
    dropped = 0;
    lineStart = end;
    if (!continues) return isBlank(raw) && size === raw.length ? [] : [record(position, raw, size)];
    if (
      pending &&
      (isBlank(raw) || continues(raw, pending.parts.at(-1)!)) &&
      pending.bytes + size < maxBytes
    ) {
      pending.parts.push(Uint8Array.of(LF), raw);
      pending.bytes += size + 1;
      return [];
    }
    const done = flush();
    if (stands?.(raw)) done.push(record(position, raw, size));
    else if (!isBlank(raw)) pending = { position, parts: [raw], bytes: size };
    return done;
  };

  return {
    get offset() {
      return pending?.position ?? lineStart;
    },
    get midLine() {
      return openBytes + dropped > 0;
    },
    push(bytes) {
      const records: RawRecord[] = [];
      let from = 0;
      let at = lineStart + openBytes + dropped;
      for (let lf = bytes.indexOf(LF, from); lf >= 0; lf = bytes.indexOf(LF, from)) {
        hold(bytes.subarray(from, lf));
        at += lf - from + 1;
        records.push(...close(at));
        from = lf + 1;
      }
      if (from < bytes.length) hold(bytes.subarray(from));
      return records;
    },
    end() {
      const records = openBytes + dropped > 0 ? close(lineStart + openBytes + dropped) : [];
      return [...records, ...flush()];
    },
  };
}
