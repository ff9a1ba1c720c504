/** Working days and local dates: which days count, and when a local day ends. Pure; the holidays are policy data. */
import { errors } from '../core/errors.ts';
import type { ClockPolicy } from './policies.ts';

const DAY_MS = 86_400_000;

/** A calendar day as its midnight in UTC, so that adding days knows no summer time. */
type Day = number;
const dayOf = (year: number, month: number, day: number): Day => Date.UTC(year, month - 1, day);

/** Easter Sunday of the Gregorian calendar, by the computus for any year. */
export function easterSunday(year: number): Day {
  const a = year % 19;
  const b = Math.floor(year / 100);
  const c = year % 100;
  const d = (19 * a + b - Math.floor(b / 4) - Math.floor((b - Math.floor((b + 8) / 25) + 1) / 3) + 15) % 30;
  const e = (32 + 2 * (b % 4) + 2 * Math.floor(c / 4) - d - (c % 4)) % 7;
  const f = Math.floor((a + 11 * d + 22 * e) / 451);
  const of31 = d + e - 7 * f + 114;
  return dayOf(year, Math.floor(of31 / 31), (of31 % 31) + 1);
}

export interface Calendar {
  /** End of the last of `count` working days after the day of this moment (which does not count), epoch ms. */
  afterWorkingDays(startMs: number, count: number): number;
  /** Is the local day of this moment a working day? */
  isWorkingDay(atMs: number): boolean;
}

export function calendarOf({ zone, holidays }: Pick<ClockPolicy, 'zone' | 'holidays'>): Calendar {
  const local = localTime(zone);
  const byYear = new Map<number, Set<Day>>();
  const holidaysOf = (year: number): Set<Day> => {
    const known = byYear.get(year);
    if (known) return known;
    const easter = easterSunday(year);
    const days = new Set(
      holidays.days.map((holiday) => {
        if ('easter' in holiday) return easter + holiday.easter * DAY_MS;
        const [month = 0, day = 0] = holiday.day.split('-').map(Number);
        return dayOf(year, month, day);
      }),
    );
    byYear.set(year, days);
    return days;
  };
  const works = (day: Day): boolean => {
    const date = new Date(day);
    const weekday = date.getUTCDay();
    return weekday !== 0 && weekday !== 6 && !holidaysOf(date.getUTCFullYear()).has(day);
  };
  return {
    isWorkingDay: (atMs) => works(local.day(atMs)),
    afterWorkingDays(startMs, count) {
      let day = local.day(startMs);
      for (let left = count; left > 0; ) {
        day += DAY_MS;
        if (works(day)) left--;
      }
      return local.endOf(day);
    },
  };
}

function localTime(zone: string) {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch (cause) {
    throw errors.usage(
      `${JSON.stringify(zone)} is no time zone: ${(cause as Error).message}`,
      'write it as Europe/Lisbon',
    );
  }
  /** What a clock on the wall there shows, read as if it were UTC. */
  const wall = (atMs: number): number => {
    const part = Object.fromEntries(
      format.formatToParts(atMs).map(({ type, value }) => [type, Number(value)]),
    );
    return Date.UTC(
      part['year']!,
      part['month']! - 1,
      part['day']!,
      part['hour']!,
      part['minute']!,
      part['second']!,
    );
  };
  return {
    day: (atMs: number): Day => Math.floor(wall(atMs) / DAY_MS) * DAY_MS,
    /** The last second of the local day: the offset is looked up twice, as it may change during the day. */
    endOf(day: Day): number {
      const wanted = day + DAY_MS - 1_000;
      const guess = wanted - (wall(wanted) - wanted);
      return wanted - (wall(guess) - guess);
    },
  };
}
