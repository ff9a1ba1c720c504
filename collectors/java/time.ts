/** Times in Java logs: ISO with a point or comma, and Tomcat's `21-Nov-2026 09:00:00.123`. */
import { bsdTime, isoTime, type SyslogTime, type TimeContext } from '../syslog/time.ts';

const TOMCAT = /^(\d{2})-([A-Z][a-z]{2})-(\d{4}) (.*)$/;

export function javaTime(text: string, context: TimeContext): SyslogTime | undefined {
  const [, day, month, year, clock] = TOMCAT.exec(text) ?? [];
  return clock === undefined ? isoTime(text, context) : bsdTime(`${month} ${day} ${year} ${clock}`, context);
}
