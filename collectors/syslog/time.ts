/** Reads the time stamps that syslog senders write; says what had to be assumed. */

/** What is fixed at first read of a source (see `NormaliseContext`). */
export interface TimeContext {
  anchor: string;
  zoneMinutes: number;
}

export interface SyslogTime {
  /** Epoch milliseconds. */
  ms: number;
  /** `assumed-year`, `assumed-zone`; empty when the record says everything. */
  assumed: string[];
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAY_MS = 86_400_000;
const ISO = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2}):(\d{2})(?:[.,](\d{1,9}))?(Z|z|[+-]\d{2}:?\d{2})?$/;
const BSD = /^([A-Za-z]{3}) {1,2}(\d{1,2})(?: (\d{4}))? (\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?$/;

/** Epoch milliseconds of a wall-clock time, or undefined when there is no such day or hour (31 February, 25:00). */
function wall(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
): number | undefined {
  // A leap second is written as 60; it becomes the first second of the next minute.
  if (hour > 23 || minute > 59 || second > 60) return undefined;
  const ms = Date.UTC(year, month, day, hour, minute, second);
  const date = new Date(Date.UTC(year, month, day));
  return date.getUTCMonth() === month && date.getUTCDate() === day ? ms : undefined;
}

const millis = (fraction: string | undefined) =>
  fraction === undefined ? 0 : Number(fraction.slice(0, 3).padEnd(3, '0'));

/** Minutes east of UTC of `Z`, `+01:00`, `-0330`. */
export function zoneMinutesOf(zone: string): number {
  if (zone === 'Z' || zone === 'z') return 0;
  const digits = zone.replace(/[^0-9]/g, '');
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2, 4) || '0');
  return zone.startsWith('-') ? -minutes : minutes;
}

/** `2026-11-21T20:05:07.515841+00:00`, also without zone (then the context's zone is assumed). */
export function isoTime(text: string, context: TimeContext): SyslogTime | undefined {
  const parts = ISO.exec(text);
  if (parts === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction, zone] = parts;
  const ms = wall(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  if (ms === undefined) return undefined;
  const minutes = zone === undefined ? context.zoneMinutes : zoneMinutesOf(zone);
  return {
    ms: ms + millis(fraction) - minutes * 60_000,
    assumed: zone === undefined ? ['assumed-zone'] : [],
  };
}

/**
 * `Nov 21 20:05:07`, also with a year. Without one: the latest year that does not put the record more than a day
 * after the anchor, so that December's lines read in January belong to the year before.
 */
export function bsdTime(text: string, context: TimeContext): SyslogTime | undefined {
  const parts = BSD.exec(text);
  if (parts === null) return undefined;
  const [, name, day, year, hour, minute, second, fraction] = parts;
  const month = MONTHS.indexOf(name!.toLowerCase());
  const at = (ofYear: number): number | undefined => {
    const ms =
      month < 0 ? undefined : wall(ofYear, month, Number(day), Number(hour), Number(minute), Number(second));
    return ms === undefined ? undefined : ms + millis(fraction) - context.zoneMinutes * 60_000;
  };
  if (year !== undefined) {
    const ms = at(Number(year));
    return ms === undefined ? undefined : { ms, assumed: ['assumed-zone'] };
  }
  const anchorMs = Date.parse(context.anchor);
  const anchorYear = new Date(Number.isNaN(anchorMs) ? 0 : anchorMs).getUTCFullYear();
  // Eight years back reach the leap year before a skipped one (1896, 1904).
  for (let candidate = anchorYear + 1; candidate > anchorYear - 9; candidate -= 1) {
    const ms = at(candidate);
    if (ms !== undefined && ms <= anchorMs + DAY_MS) return { ms, assumed: ['assumed-year', 'assumed-zone'] };
  }
  return undefined;
}
