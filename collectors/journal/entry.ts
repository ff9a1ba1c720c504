/** One entry of the journal: the export format (`KEY=value`, or a length and bytes) and JSON (`journalctl -o json`). */
import type { RawRecord, RecordCutter } from '../collector.ts';
import { isObject, parseObject } from '../json/parse-object.ts';

const LF = 10;
const EQUALS = 61;
const BRACE = 123;
/** How much of an over-long entry is kept as evidence. */
const KEPT_BYTES = 65_536;
/** A length above it is no length. */
const MAX_FIELD_BYTES = 2 ** 40;

/**
 * Cuts entries: one ends at a blank line, or at the end of its line when it is JSON. Bytes of binary fields are counted,
 * not looked at, so that a blank line inside one ends nothing.
 */
export function journalCutter(start: number, maxBytes: number): RecordCutter {
  let entryStart = start;
  let position = start;
  let kept: Uint8Array[] = [];
  let size = 0;
  let lineBytes = 0;
  let hasEquals = false;
  let isJson = false;
  let mode: 'line' | 'length' | 'data' = 'line';
  let length: number[] = [];
  let left = 0;

  const keep = (bytes: Uint8Array) => {
    const room = maxBytes + 1 - size;
    if (room > 0) kept.push(bytes.length <= room ? bytes : bytes.subarray(0, room));
    size += bytes.length;
    position += bytes.length;
  };
  const close = (): RawRecord[] => {
    const raw = Buffer.concat(kept);
    const record = { raw, position: String(entryStart), size };
    const isBlank = size <= 1;
    kept = [];
    entryStart = position;
    size = lineBytes = 0;
    hasEquals = isJson = false;
    mode = 'line';
    if (isBlank) return [];
    if (record.size <= maxBytes) return [{ raw, position: record.position }];
    return [
      {
        ...record,
        raw: raw.subarray(0, KEPT_BYTES),
        broken: `record of ${record.size} bytes is over the limit of ${maxBytes}`,
      },
    ];
  };

  /** Takes what belongs to the current line; gives where it ended, or the end of the bytes. */
  function line(bytes: Uint8Array, at: number, given: RawRecord[]): number {
    const lf = bytes.indexOf(LF, at);
    const end = lf < 0 ? bytes.length : lf;
    if (size === 0) isJson = bytes[at] === BRACE;
    hasEquals ||= bytes.subarray(at, end).includes(EQUALS);
    lineBytes += end - at;
    keep(bytes.subarray(at, lf < 0 ? end : end + 1));
    if (lf < 0) return end;
    if (isJson || lineBytes === 0) given.push(...close());
    else if (!hasEquals) {
      mode = 'length';
      length = [];
    }
    lineBytes = 0;
    hasEquals = false;
    return end + 1;
  }

  return {
    get offset() {
      return entryStart;
    },
    get midLine() {
      return size > 0;
    },
    push(bytes) {
      const given: RawRecord[] = [];
      for (let at = 0; at < bytes.length; ) {
        if (mode === 'line') at = line(bytes, at, given);
        else if (mode === 'length') {
          length.push(bytes[at]!);
          keep(bytes.subarray(at, at + 1));
          at += 1;
          if (length.length < 8) continue;
          const said = length.reduceRight((sum, byte) => sum * 256 + byte, 0);
          // No length: what follows is looked at as lines again, and the entry will not be read.
          mode = said > MAX_FIELD_BYTES ? 'line' : 'data';
          left = said + 1;
        } else {
          const end = Math.min(bytes.length, at + left);
          keep(bytes.subarray(at, end));
          left -= end - at;
          at = end;
          if (left === 0) mode = 'line';
        }
      }
      return given;
    },
    end: () => (size > 0 ? close() : []),
  };
}

export type JournalFields = ReadonlyMap<string, string>;
/** Bytes that are no UTF-8 become U+FFFD; they are never a reason to lose an entry. */
const utf8 = new TextDecoder('utf-8');
const MAX_FIELDS = 256;

function jsonFields(text: string): JournalFields | string {
  const parsed = parseObject(text);
  if (!isObject(parsed)) return parsed;
  const fields = new Map<string, string>();
  for (const [name, value] of Object.entries(parsed).slice(0, MAX_FIELDS)) {
    // Bytes come as a list of numbers; a field that stands several times as a list of texts.
    if (Array.isArray(value))
      fields.set(
        name,
        value.every((one) => typeof one === 'number')
          ? utf8.decode(Uint8Array.from(value as number[]))
          : value.filter((one) => typeof one === 'string').join('\n'),
      );
    else if (typeof value === 'string') fields.set(name, value);
  }
  return fields;
}

function exportFields(raw: Buffer): JournalFields | string {
  const fields = new Map<string, string>();
  for (let at = 0; at < raw.length; ) {
    const lf = raw.indexOf(LF, at);
    const end = lf < 0 ? raw.length : lf;
    const line = raw.subarray(at, end);
    at = end + 1;
    if (line.length === 0) continue;
    const equals = line.indexOf(EQUALS);
    const name = utf8.decode(equals < 0 ? line : line.subarray(0, equals));
    if (!/^[A-Z_][A-Z0-9_]{0,63}$/.test(name)) return 'record holds a line that is no field of the journal';
    if (fields.size >= MAX_FIELDS) return `record holds more than ${MAX_FIELDS} fields`;
    if (equals >= 0) {
      if (!fields.has(name)) fields.set(name, utf8.decode(line.subarray(equals + 1)));
      continue;
    }
    if (at + 8 > raw.length) return `field ${name} ends before its length`;
    const size = Number(raw.readBigUInt64LE(at));
    if (at + 8 + size > raw.length) return `field ${name} ends before its ${size} bytes`;
    if (!fields.has(name)) fields.set(name, utf8.decode(raw.subarray(at + 8, at + 8 + size)));
    at += 8 + size + 1;
  }
  return fields;
}

/** The fields of an entry, or a sentence that says why it cannot be read. */
export const journalFields = (raw: Uint8Array): JournalFields | string =>
  raw[0] === BRACE ? jsonFields(utf8.decode(raw)) : exportFields(Buffer.from(raw));
