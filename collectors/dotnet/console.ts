/** The console layout of .NET: `info: Category[id]`, then the message and any exception indented by six blanks; a time before it where one is configured. */
import type { AppRecord } from '../application/record.ts';
import { splitTrace } from '../application/trace.ts';

const HEAD =
  /^(?:(?<time>\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:?\d{2})?) )?(?<level>trce|dbug|info|warn|fail|crit): (?<logger>[^\s[\]]{1,256})\[(?<code>-?\d{1,10})\](?: (?<message>.*))?$/;

export const startsConsoleRecord = (line: string): boolean => HEAD.test(line);

export function consoleRecord(text: string): AppRecord | string {
  const [first = '', ...rest] = text.split('\n');
  const groups = HEAD.exec(first)?.groups;
  if (groups === undefined)
    return 'record begins neither like CLEF JSON nor like "info: Category[0]" of the .NET console';
  const body = [...(groups['message'] === undefined ? [] : [groups['message']]), ...rest]
    .map((line) => line.replace(/^ {6}/, ''))
    .join('\n')
    .trimEnd();
  const { message, error } = splitTrace(body);
  return {
    ...(groups['time'] === undefined ? {} : { time: groups['time'] }),
    level: groups['level']!,
    logger: groups['logger']!,
    ...(groups['code'] === '0' ? {} : { code: groups['code']! }),
    message,
    ...(error === undefined ? {} : { error }),
    values: {},
  };
}
