/** One line of PostgreSQL's `jsonlog`, with every secret hidden and the 64-bit query id kept as text. */
import { type AuditRecord, auditRecord, csvFields, csvLine } from './audit.ts';
import { hide, maskSql } from './mask.ts';

export interface LogRecord {
  /** Text values by PostgreSQL's key; numbers as text. */
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
/** A comma or brace before the key: inside a JSON text the quotes would be escaped. */
const QUERY_ID = /[,{]\s*"query_id"\s*:\s*(-?\d{1,20})/;
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

/** The record, or a sentence that says what is wrong with the line. */
export function logRecord(line: string): LogRecord | string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return 'line is no JSON: PostgreSQL must log with log_destination = jsonlog (version 15 or later)';
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    return 'line is JSON, but no object';
  const fields: Record<string, string> = {};
  const queryId = QUERY_ID.exec(line)?.[1];
  for (const [key, value] of Object.entries(parsed)) {
    if (typeof value === 'string' || typeof value === 'number') fields[key.slice(0, 64)] = String(value);
  }
  if (fields['timestamp'] === undefined || fields['message'] === undefined) {
    return 'JSON object lacks "timestamp" or "message": not a line of jsonlog';
  }
  if (queryId !== undefined) fields['query_id'] = queryId;

  const message = maskMessage(fields['message']);
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
  const numeric = (key: string) => typeof (parsed as Record<string, unknown>)[key] === 'number';
  const original = `{${Object.entries(fields)
    .map(([key, value]) => `${JSON.stringify(key)}:${numeric(key) ? value : JSON.stringify(value)}`)
    .join(',')}}`;
  return {
    fields,
    original,
    ...(message.audit === undefined ? {} : { audit: message.audit }),
    ...(sql === undefined ? {} : { sql }),
  };
}

/** Where a secret may begin in a line that cannot be read: quotes and escapes are not to be trusted there. */
const SECRET_BEGINS =
  /(?:passw|passphrase|pwd|secret|token|crypt|api_?key|identified|:\/\/|\b(?:create|alter)\b.{0,200}?\b(?:role|user|group)\b)/is;

/** The line without secrets: as the event keeps it, or cut where a secret may begin when it is no record. */
export function maskLine(line: string): string {
  const record = logRecord(line);
  if (typeof record !== 'string') return record.original;
  const at = SECRET_BEGINS.exec(line);
  return at === null ? line : `${line.slice(0, at.index + at[0].length)} <masked>`;
}
