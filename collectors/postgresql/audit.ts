/** pgAudit's text inside a log message: `AUDIT: SESSION,1,1,ROLE,ALTER ROLE,,,ALTER ROLE a SUPERUSER,<none>,0`. */

export interface AuditRecord {
  /** `session` or `object`. */
  kind: string;
  statementId: string;
  substatementId: string;
  /** READ, WRITE, FUNCTION, ROLE, DDL, MISC … */
  class: string;
  command: string;
  objectType?: string;
  object?: string;
  statement?: string;
  parameter?: string;
  rows?: number;
}

/** One CSV record; quoted fields may hold commas, quotes (doubled) and line breaks. */
export function csvFields(text: string): string[] {
  const fields: string[] = [];
  for (let at = 0; at <= text.length; ) {
    if (text[at] !== '"') {
      const end = text.indexOf(',', at);
      fields.push(text.slice(at, end < 0 ? text.length : end));
      at = end < 0 ? text.length + 1 : end + 1;
      continue;
    }
    let end = at + 1;
    while (end < text.length && (text[end] !== '"' || text[end + 1] === '"'))
      end += text[end] === '"' ? 2 : 1;
    fields.push(text.slice(at + 1, end).replaceAll('""', '"'));
    at = end + 2;
    if (end + 1 >= text.length) break;
  }
  return fields;
}

const csvField = (value: string) => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
export const csvLine = (fields: readonly string[]): string => fields.map(csvField).join(',');

/** pgAudit's marks for "there is nothing here" and "see the record before". */
const isMark = (value: string | undefined) =>
  value === undefined || value === '' || /^<[a-z ]+>$/.test(value);

/** The record, or undefined when the text is not pgAudit's. */
export function auditRecord(fields: readonly string[]): AuditRecord | undefined {
  const [kind, statementId, substatementId, cls, command, objectType, object, statement, parameter, rows] =
    fields;
  if (kind === undefined || cls === undefined || command === undefined) return undefined;
  return {
    kind: kind.toLowerCase(),
    statementId: statementId!,
    substatementId: substatementId!,
    class: cls,
    command,
    ...(isMark(objectType) ? {} : { objectType: objectType! }),
    ...(isMark(object) ? {} : { object: object! }),
    ...(isMark(statement) ? {} : { statement: statement! }),
    ...(isMark(parameter) ? {} : { parameter: parameter! }),
    ...(rows !== undefined && /^\d{1,15}$/.test(rows) ? { rows: Number(rows) } : {}),
  };
}
