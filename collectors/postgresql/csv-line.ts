/** A record of `csvlog` taken apart: columns of PostgreSQL 13 to 18 by position, under the names that `jsonlog` gives them. */
import { csvFields } from './audit.ts';
import type { LogLine } from './record.ts';
import { connectionOf } from './table-row.ts';

/** Table 20.3 of the PostgreSQL documentation ("Using CSV-Format Log Output"); `leader_pid` and `query_id` came with 14. */
const COLUMNS = [
  ...['timestamp', 'user', 'dbname', 'pid', 'connection_from', 'session_id', 'line_num', 'ps'],
  ...['session_start', 'vxid', 'txid', 'error_severity', 'state_code', 'message', 'detail', 'hint'],
  ...['internal_query', 'internal_position', 'context', 'statement', 'cursor_position', 'location'],
  ...['application_name', 'backend_type', 'leader_pid', 'query_id'],
];
const FEWEST = COLUMNS.indexOf('backend_type') + 1;
/** Columns that are written without quotes. */
const BARE = new Set(['timestamp', 'pid', 'session_id', 'line_num', 'session_start', 'vxid', 'txid']);
for (const name of ['error_severity', 'state_code', 'internal_position', 'cursor_position']) BARE.add(name);
for (const name of ['leader_pid', 'query_id']) BARE.add(name);

const TIME = String.raw`^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}\.\d{3} [^\s,"]{1,40},`;
/**
 * Statements hold line breaks, and whoever writes one may write lines that look like records. Between the quotes of a column
 * quotes are doubled and the last is followed by a comma: an odd number of quotes before anything else only opens a column.
 */
const BEGINS = new RegExp(
  String.raw`${TIME}(?:"(?:"")*(?!["',])|,,\d+,(?:"[^"]*")?,[\da-f.]+,\d+,(?:"[^"]*")?,[^,"]+,[^,"]*,\d+,[A-Z0-9]+,[A-Z0-9]{5},"(?:"")*(?![",]))`,
);
const STARTS = new RegExp(TIME);
const SEVERITY = /^(?:DEBUG\d?|INFO|NOTICE|WARNING|ERROR|LOG|FATAL|PANIC)$/;
export const beginsCsv = (line: string): boolean => BEGINS.test(line);

const quoted = (value: string) => `"${value.replaceAll('"', '""')}"`;

export function csvRecord(text: string): LogLine | string {
  const columns = csvFields(text);
  if (columns.length < FEWEST || columns.length > COLUMNS.length)
    return `record has ${columns.length} columns, a csvlog of PostgreSQL 13 or later has ${FEWEST} to ${COLUMNS.length}`;
  const fields: Record<string, string> = {};
  columns.forEach((value, at) => {
    // What a column lacks `jsonlog` leaves out; the state of success as well.
    const name = COLUMNS[at]!;
    if (value === '' || (name === 'state_code' && value === '00000')) return;
    if (name === 'connection_from') Object.assign(fields, connectionOf(value));
    else fields[name] = value;
  });
  // Of a line cut at its start the columns are others, and a statement would be taken for a name.
  if (!STARTS.test(text) || !SEVERITY.test(fields['error_severity'] ?? ''))
    return 'record does not start with a time, or its twelfth column is no severity: not a whole record of csvlog';
  fields['message'] ??= '';
  return {
    fields,
    write(masked) {
      if (Object.entries(masked).every(([name, value]) => fields[name] === value)) return text;
      return columns
        .map((value, at) => {
          const now = masked[COLUMNS[at]!] ?? value;
          return now === '' || BARE.has(COLUMNS[at]!) ? now : quoted(now);
        })
        .join(',');
    },
  };
}
