/** A row of a table that holds csvlog taken apart, and the statements that read such a table. */
import type { Trail } from '../collector.ts';
import type { LogLine } from './record.ts';

const WIDTH = 'YYYY-MM-DD"T"HH24:MI:SS.US';
const KEY = `(session_id || '/' || lpad(session_line_num::text, 19, '0')) COLLATE "C"`;
const quotedName = (name: string) =>
  name
    .split('.')
    .map((part) => `"${part}"`)
    .join('.');

/** The table of the PostgreSQL documentation ("Using CSV-Format Log Output"), filled by COPY or seen through file_fdw. */
export function logTableTrail(table = 'postgres_log'): Trail {
  const name = quotedName(table);
  return {
    state: `SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', '${WIDTH}') AS now,
      current_database() || '/' || '${name}'::regclass::oid || '/' || coalesce(pg_relation_filenode('${name}'), 0) AS identity`,
    page: `SELECT to_char(log_time AT TIME ZONE 'UTC', '${WIDTH}') AS at, ${KEY} AS key, user_name AS user,
      database_name AS dbname, process_id AS pid, connection_from, session_id, session_line_num AS line_num,
      command_tag AS ps, error_severity, sql_state_code AS state_code, message, detail, hint, internal_query, context,
      query AS statement, application_name, backend_type, query_id::text AS query_id
      FROM ${name}
      WHERE log_time >= $1::timestamp AT TIME ZONE 'UTC' AND (log_time, ${KEY}) > ($1::timestamp AT TIME ZONE 'UTC', $2)
      ORDER BY log_time, ${KEY} LIMIT $3`,
  };
}

/** `192.0.2.5:40`, `2001:db8::1:40`, `[local]`. */
export function connectionOf(text: string): Record<string, string> {
  const [, host, port] = /^(.*[^:]):(\d{1,5})$/s.exec(text) ?? [];
  return host === undefined ? { remote_host: text } : { remote_host: host, remote_port: port! };
}

export function tableRow(line: string): LogLine | string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return 'row is no JSON object';
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return 'row is no JSON object';
  const row = parsed as Record<string, unknown>;
  if (typeof row['at'] !== 'string' || typeof row['message'] !== 'string')
    return 'row lacks "at" or "message": not of a table that holds csvlog';
  const fields: Record<string, string> = { timestamp: `${row['at'].replace('T', ' ')} UTC` };
  for (const [name, value] of Object.entries(row)) {
    if (name === 'at' || name === 'key' || value === null || value === '') continue;
    if (name === 'state_code' && value === '00000') continue;
    if (name === 'connection_from') Object.assign(fields, connectionOf(String(value)));
    else fields[name.slice(0, 64)] = String(value);
  }
  return {
    fields,
    write: (masked) =>
      JSON.stringify(row, (name, value: unknown) =>
        typeof value === 'string' ? (masked[name] ?? value) : value,
      ),
  };
}
