/** Java text layouts: Spring Boot, Logback and Log4j patterns, WildFly, Tomcat; the first line says everything, what follows belongs to it. */

import type { AppRecord } from '../application/record.ts';
import { splitTrace } from '../application/trace.ts';

const ISO = String.raw`\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}(?:[.,]\d{1,9})?(?:Z|[+-]\d{2}:?\d{2})?`;
const TOMCAT = String.raw`\d{2}-[A-Z][a-z]{2}-\d{4} \d{2}:\d{2}:\d{2}(?:\.\d{1,3})?`;
const TIME = `(?<time>${ISO}|${TOMCAT})`;
const LEVEL = '(?<level>[A-Z]{3,7})';
const THREAD = String.raw`\[(?<thread>[^\]]{0,256})\]`;
const LOGGER = String.raw`(?<logger>[\w.$#/-]{1,256})`;
const REST = String.raw`(?<message>[\s\S]*)$`;

/** Tried in this order: the more brackets a layout has, the earlier. */
const LAYOUTS: readonly RegExp[] = [
  // Spring Boot: time LEVEL pid --- [application] [thread] [trace-span] logger : message
  String.raw`^${TIME} {1,4}${LEVEL} {1,4}(?<pid>\d{1,10}) --- (?<groups>(?:\[[^\]]{0,256}\] ?){1,4}) {0,4}${LOGGER} {0,64}: ?${REST}`,
  // WildFly: time LEVEL [logger] (thread) message
  String.raw`^${TIME} {1,4}${LEVEL} {1,4}\[${LOGGER}\] \((?<thread>[^)]{0,256})\) ${REST}`,
  // Log4j and Logback: time [thread] LEVEL logger - message
  `^${TIME} {1,4}${THREAD} {1,4}${LEVEL} {1,4}${LOGGER} {0,4}(?:- |: )${REST}`,
  // time LEVEL [thread] logger - message
  `^${TIME} {1,4}${LEVEL} {1,4}${THREAD} ${LOGGER} {0,64}(?:- |: |)${REST}`,
].map((source) => new RegExp(source));

const START = new RegExp(`^(?:${ISO}|${TOMCAT})(?: |\\s\\[)`);

/** True where a record begins: a time at the start of the line. */
export const startsRecord = (line: string): boolean => START.test(line);

/** `[shop] [nio-8080-exec-9] [trace-span]`, or the one bracket of older versions: `[nio-8080-exec-9]`. */
function springGroups(text: string): Pick<AppRecord, 'service' | 'thread' | 'trace' | 'span'> {
  const groups = [...text.matchAll(/\[([^\]]{0,256})\]/g)].map(([, inner]) => inner!.trim());
  const last = groups.at(-1) ?? '';
  const [, trace, span] = /^([0-9a-f]{16,32})-([0-9a-f]{16})$/.exec(last) ?? [];
  if (trace !== undefined) groups.pop();
  const thread = groups.at(-1);
  const service = groups.length > 1 ? groups[0] : undefined;
  return {
    ...(service === undefined || service === '' ? {} : { service }),
    ...(thread === undefined || thread === '' ? {} : { thread }),
    ...(trace === undefined ? {} : { trace, span: span! }),
  };
}

/** The record, or a sentence that says what is wrong with its first line. */
export function textRecord(text: string): AppRecord | string {
  for (const layout of LAYOUTS) {
    const groups = layout.exec(text)?.groups;
    if (groups === undefined) continue;
    const { message, error } = splitTrace(groups['message']!.trimEnd());
    return {
      time: groups['time']!,
      level: groups['level']!,
      logger: groups['logger']!,
      ...(groups['thread'] === undefined || groups['thread'] === ''
        ? {}
        : { thread: groups['thread'].trim() }),
      ...(groups['pid'] === undefined ? {} : { pid: groups['pid'] }),
      ...(groups['groups'] === undefined ? {} : springGroups(groups['groups'])),
      message,
      ...(error === undefined ? {} : { error }),
      values: {},
    };
  }
  return 'record begins like none of: ECS JSON; Spring Boot; "time [thread] LEVEL logger - message"; "time LEVEL [thread] logger - message"; WildFly; Tomcat';
}
