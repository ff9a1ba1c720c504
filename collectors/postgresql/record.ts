/** One log record of PostgreSQL, whatever format it was written in, with every secret hidden. */
import { type AuditRecord, auditRecord, csvFields, csvLine } from './audit.ts';
import { hide, maskSql } from './mask.ts';

/** A line taken apart. Each format has a parser that makes it, or a sentence that says what is wrong with the line. */
export interface LogLine {
  /** Text values by the keys of `jsonlog`; numbers as text. */
  fields: Readonly<Record<string, string>>;
  /** The line again, with these values in it. */
  write(fields: Readonly<Record<string, string>>): string;
}
export type ParseLine = (line: string) => LogLine | string;

export interface LogRecord {
  /** Text values by the keys of `jsonlog`. */
  fields: Record<string, string>;
  /** The line, secrets hidden. */
  original: string;
  audit?: AuditRecord;
  /** SQL of the record, wherever it stood: audit text, `statement:` message, `statement` of an error. */
  sql?: string;
}

/** `statement: …`, `execute name: …`, also behind a duration. */
const STATEMENT =
  /^(?:duration: [\d.]+ ms {2})?(?:statement|(?:execute|parse|bind)(?: fetch from)? [^:]{1,200}): /;
/** Keys whose text may quote SQL or values. */
const SQL_KEYS = ['statement', 'internal_query'];
const TEXT_KEYS = ['detail', 'hint', 'context'];
/** Statements whose bound values may be secrets are told by their text only. */
const SECRET_WORD = /passw|passphrase|pwd|secret|token|crypt|api_?key/i;

interface MaskedText {
  text: string;
  secrets: string[];
  audit?: AuditRecord;
  sql?: string;
}

function maskAudit(text: string): MaskedText {
  const fields = csvFields(text);
  const masked = maskSql(fields[7] ?? '');
  if (fields.length > 7) fields[7] = masked.text;
  const secrets = [...masked.secrets];
  if (fields[8] !== undefined && fields[8] !== '<none>' && SECRET_WORD.test(masked.text)) {
    secrets.push(...csvFields(fields[8]).filter((value) => value.length >= 4));
    fields[8] = '<masked>';
  }
  const audit = auditRecord(fields);
  const same = { text: csvLine(fields), secrets };
  return audit === undefined
    ? same
    : { ...same, audit, ...(audit.statement === undefined ? {} : { sql: audit.statement }) };
}

function maskMessage(message: string): MaskedText {
  if (message.startsWith('AUDIT: ')) {
    const masked = maskAudit(message.slice(7));
    return { ...masked, text: `AUDIT: ${masked.text}` };
  }
  const prefix = STATEMENT.exec(message)?.[0];
  if (prefix === undefined) return maskSql(message);
  const masked = maskSql(message.slice(prefix.length));
  return { text: prefix + masked.text, secrets: masked.secrets, sql: masked.text };
}

/** Values bound to `$1`… of a statement about secrets, as `log_parameter_max_length` writes them. */
const maskParameters = (detail: string) =>
  detail.replace(/^((?:parameters|Parameters): )[\s\S]*$/, '$1<masked>');

/** The record of a line that was taken apart, secrets hidden. */
export function logRecord({ fields: written, write }: LogLine): LogRecord {
  const fields = { ...written };
  const message = maskMessage(fields['message']!);
  const secrets = [...message.secrets];
  fields['message'] = message.text;
  for (const key of SQL_KEYS) {
    if (fields[key] === undefined) continue;
    const masked = maskSql(fields[key]);
    fields[key] = masked.text;
    secrets.push(...masked.secrets);
  }
  const sql = message.sql ?? fields['statement'];
  for (const key of TEXT_KEYS) {
    if (fields[key] === undefined) continue;
    if (sql !== undefined && SECRET_WORD.test(sql)) fields[key] = maskParameters(fields[key]);
    fields[key] = maskSql(fields[key]).text;
  }
  // Not in SQL (masked above) nor in names: `PASSWORD 'postgres'` must not hide who `postgres` is.
  const quoting =
    message.sql === undefined && message.audit === undefined ? ['message', ...TEXT_KEYS] : TEXT_KEYS;
  for (const key of quoting) if (fields[key] !== undefined) fields[key] = hide(fields[key], secrets);
  return {
    fields,
    original: write(fields),
    ...(message.audit === undefined ? {} : { audit: message.audit }),
    ...(sql === undefined ? {} : { sql }),
  };
}

/** Where a secret may begin in a line that cannot be read: quotes and escapes are not to be trusted there. */
const SECRET_BEGINS =
  /(?:passw|passphrase|pwd|secret|token|crypt|api_?key|identified|:\/\/|\b(?:create|alter)\b.{0,200}?\b(?:role|user|group)\b)/is;

/** The line without secrets: as the event keeps it, or cut where a secret may begin when it is no record. */
export function maskLine(line: string, parse: ParseLine): string {
  const parsed = parse(line);
  if (typeof parsed !== 'string') return logRecord(parsed).original;
  const at = SECRET_BEGINS.exec(line);
  return at === null ? line : `${line.slice(0, at.index + at[0].length)} <masked>`;
}
