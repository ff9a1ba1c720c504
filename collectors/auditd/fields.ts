/** Takes one record of the Linux audit log apart: `key=value` pairs, text quoted or in hexadecimal. Linear time, never throws. */

export interface Field {
  key: string;
  /** Decoded; NUL bytes between arguments are kept. */
  value: string;
  /** Where the value stands in the line as written. */
  start: number;
  end: number;
}

export interface AuditRecord {
  type: string;
  node?: string;
  /** Epoch seconds with milliseconds, and the number of the event on this host. */
  time: string;
  serial: string;
  fields: Field[];
}

const utf8 = new TextDecoder('utf-8');
const encoder = new TextEncoder();
/** Between the record and what auditd resolved in it (`log_format = ENRICHED`). */
const ENRICHED = '\u001d';

const HEAD =
  /^(?:node=(\S{1,255}) )?type=([A-Z][A-Z0-9_]{0,63}|UNKNOWN\[\d{1,5}\]) msg=audit\((\d{1,12}\.\d{3}):(\d{1,20})\):/;
/** `op=adding user to group acct="x"`: a bare value goes on until the next key. */
const PAIR =
  /([A-Za-z_][\w.-]{0,63}(?:\[\d{1,4}\])?)=("[^"]*"|\{[^}]*\}|[^\s"']*(?: (?![A-Za-z_][\w.-]{0,63}(?:\[\d{1,4}\])?=)[^\s"'=]+)*)/g;
/** Fields whose text auditd writes in hexadecimal when it holds blanks, quotes or control characters. */
const ENCODED =
  /^(?:proctitle|name|cwd|comm|exe|ocomm|acct|cmd|key|data|path|dir|file|unit|device|grp|new_group|watch|a\d{1,5}(?:\[\d{1,4}\])?)$/;

/** `1795291471.398:4844` of a line, or undefined: which event a record belongs to, host included. */
export function eventKey(line: string): string | undefined {
  const [, node, , time, serial] = HEAD.exec(line) ?? [];
  return time === undefined ? undefined : `${node ?? ''} ${time}:${serial}`;
}

export const recordType = (line: string): string | undefined => HEAD.exec(line)?.[2];

export const fromHex = (hex: string): string => utf8.decode(Buffer.from(hex, 'hex'));
export const toHex = (text: string): string =>
  Buffer.from(encoder.encode(text)).toString('hex').toUpperCase();

function decoded(type: string, key: string, written: string): string {
  if (written.startsWith('"'))
    return written.slice(1, written.endsWith('"') && written.length > 1 ? -1 : undefined);
  // Arguments of system calls are numbers in hexadecimal; those of EXECVE are text.
  const isText = ENCODED.test(key) && !(type === 'SYSCALL' && /^a\d/.test(key));
  return isText && written.length % 2 === 0 && /^[0-9A-F]+$/.test(written) ? fromHex(written) : written;
}

/** Adds the pairs between two places of the line to `fields`. */
function pairs(type: string, line: string, from: number, to: number, fields: Field[] = []): Field[] {
  for (const found of line.slice(from, to).matchAll(PAIR)) {
    const [, key, written] = found as unknown as [string, string, string];
    const start = from + found.index + key.length + 1;
    fields.push({ key, value: decoded(type, key, written), start, end: start + written.length });
  }
  return fields;
}

/** The record, or undefined when the line is none. */
export function auditRecord(line: string): AuditRecord | undefined {
  const head = HEAD.exec(line);
  if (head === null) return undefined;
  const [all, node, type, time, serial] = head as unknown as [
    string,
    string | undefined,
    string,
    string,
    string,
  ];
  const enrichedAt = line.indexOf(ENRICHED);
  const end = enrichedAt < 0 ? line.length : enrichedAt;
  // Programs write what they know inside msg='…'.
  const inner = line.slice(0, end).indexOf(" msg='", all.length - 1);
  const outerEnd = inner < 0 ? end : inner;
  const fields = pairs(type, line, all.length, outerEnd);
  if (inner >= 0) {
    const close = line.lastIndexOf("'", end - 1);
    pairs(type, line, inner + 6, close > inner + 5 ? close : end, fields);
  }
  if (enrichedAt >= 0) pairs(type, line, enrichedAt + 1, line.length, fields);
  return { type, ...(node === undefined ? {} : { node }), time, serial, fields };
}
