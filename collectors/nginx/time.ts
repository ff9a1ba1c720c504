/** The time of a web request: ISO with zone, epoch seconds, or `21/Nov/2026:20:06:39 +0000`. */
import { bsdTime, isoTime, type SyslogTime, type TimeContext, zoneMinutesOf } from '../syslog/time.ts';

const LOCAL = /^(\d{2})\/([A-Za-z]{3})\/(\d{4}):(\d{2}:\d{2}:\d{2}) ([+-]\d{4})$/;

export function requestTime(text: string, context: TimeContext): SyslogTime | undefined {
  // `$msec`: seconds with milliseconds; JSON numbers drop the last zeros.
  if (/^\d{9,11}(?:\.\d{1,3})?$/.test(text)) return { ms: Math.round(Number(text) * 1_000), assumed: [] };
  const [, day, month, year, clock, zone] = LOCAL.exec(text) ?? [];
  if (zone === undefined) return isoTime(text, context);
  const wall = bsdTime(`${month} ${day} ${year} ${clock}`, { ...context, zoneMinutes: zoneMinutesOf(zone) });
  return wall === undefined ? undefined : { ms: wall.ms, assumed: [] };
}
