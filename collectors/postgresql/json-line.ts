/** A line of `jsonlog` taken apart; the 64-bit query id is kept as text. */
import type { LogLine } from './record.ts';

/** A comma or brace before the key: inside a JSON text the quotes would be escaped. */
const QUERY_ID = /[,{]\s*"query_id"\s*:\s*(-?\d{1,20})/;

export function jsonLine(line: string): LogLine | string {
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
  if (fields['timestamp'] === undefined || fields['message'] === undefined)
    return 'JSON object lacks "timestamp" or "message": not a line of jsonlog';
  if (queryId !== undefined) fields['query_id'] = queryId;
  const isNumber = (key: string) => typeof (parsed as Record<string, unknown>)[key] === 'number';
  return {
    fields,
    write: (masked) =>
      `{${Object.entries(masked)
        .map(([key, value]) => `${JSON.stringify(key)}:${isNumber(key) ? value : JSON.stringify(value)}`)
        .join(',')}}`,
  };
}
