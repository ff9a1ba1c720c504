/**
 * A record of PostgreSQL's plain text log (`stderr`) taken apart: a line with the prefix, then DETAIL, STATEMENT … with the
 * same prefix, each of them going on in lines that start with a tab.
 */
import type { LogLine } from './record.ts';

/** What may follow the time and `[pid]` in log_line_prefix, each by its own mark. */
const PARTS: Readonly<Record<string, RegExp>> = {
  user: /(?:^|[\s,])user=([^,]*)|(?:^|\s)([^\s@]+)@/,
  dbname: /(?:^|[\s,])db=([^,]*)|(?:^|\s)[^\s@]+@(\S+)/,
  remote_host: /(?:^|[\s,])(?:client|host)=([^,\s(]*)|(?:^|\s)from ([^\s(]+)/,
  remote_port: /(?:^|[\s,])(?:client|host)=[^,\s(]*\((\d{1,5})\)|(?:^|\s)from [^\s(]+\((\d{1,5})\)/,
  application_name: /(?:^|[\s,])app=(.*)$/,
};
const KEYS: Readonly<Record<string, string>> = {
  DETAIL: 'detail',
  HINT: 'hint',
  QUERY: 'internal_query',
  CONTEXT: 'context',
  LOCATION: 'location',
  BACKTRACE: 'backtrace',
  STATEMENT: 'statement',
};
const PREFIX = String.raw`^(\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(?:\.\d{1,6})? \S{1,40}) \[(\d+)(?:-(\d+))?\]:? (.*?)`;
const HEAD = new RegExp(String.raw`${PREFIX}(DEBUG\d?|INFO|NOTICE|WARNING|ERROR|LOG|FATAL|PANIC): {2}`);
const MORE = new RegExp(`${PREFIX}(${Object.keys(KEYS).join('|')}): {2}`);
const POSITION = / at character \d{1,10}$/;
const isError = (severity: string) => /^(?:ERROR|FATAL|PANIC)$/.test(severity);
/** What belongs to the record before: its text goes on, or it is told more about. */
export const continuesText = (line: string): boolean =>
  line.startsWith('\t') || (MORE.test(line) && !HEAD.test(line));

/** The part of that name in the prefix; PostgreSQL writes `[unknown]` where there is none. */
function partOf(prefix: string, pattern: RegExp): string | undefined {
  const [, ...groups] = pattern.exec(prefix) ?? [];
  const found = groups.find((group) => group !== undefined)?.trim();
  return found === '' || found === '[unknown]' ? undefined : found;
}

export function textRecord(text: string): LogLine | string {
  const head = HEAD.exec(text);
  if (head === null)
    return 'line lacks the prefix "2026-11-21 19:58:20.687 UTC [pid] ": log_line_prefix must start with "%m [%p] "';
  const [, timestamp, pid, line, prefix, severity] = head as unknown as string[];
  const fields: Record<string, string> = { timestamp: timestamp!, pid: pid!, error_severity: severity! };
  if (line !== undefined) fields['line_num'] = line;
  for (const [name, pattern] of Object.entries(PARTS)) {
    const value = partOf(prefix!, pattern);
    if (value !== undefined) fields[name] = value;
  }
  const pieces: { key: string; head: string; lines: string[] }[] = [];
  for (const row of text.split('\n')) {
    const start = pieces.length === 0 ? head : row.startsWith('\t') ? null : MORE.exec(row);
    if (start !== null)
      pieces.push({ key: KEYS[start[5]!] ?? 'message', head: start[0], lines: [row.slice(start[0].length)] });
    else pieces.at(-1)!.lines.push(row.slice(row.startsWith('\t') ? 1 : 0));
  }
  for (const { key, lines } of pieces) fields[key] = lines.join('\n');
  // The other formats have a column for it.
  const position = isError(severity!) ? (POSITION.exec(fields['message']!)?.[0] ?? '') : '';
  fields['message'] = fields['message']!.slice(0, fields['message']!.length - position.length);
  return {
    fields,
    write: (masked) =>
      pieces
        .map(({ key, head: before }) => {
          const value = key === 'message' ? masked[key]! + position : masked[key]!;
          return before + value.replaceAll('\n', '\n\t');
        })
        .join('\n'),
  };
}
