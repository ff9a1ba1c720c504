/** Maintenance windows of `policies/windows.yml`: weekly hours in local time, without the days on which nothing may change. */

export interface MaintenanceWindow {
  readonly id: string;
  readonly title: string;
  readonly days: readonly Weekday[];
  /** Local time, on a quarter of an hour; `to` at or before `from` is on the next day. */
  readonly from: string;
  readonly to: string;
}

/** No window opens on these days, and none goes on into them. */
export interface Freeze {
  readonly id: string;
  readonly why: string;
  /** Day of every month, or one date. */
  readonly month_days?: readonly number[];
  readonly dates?: readonly string[];
}

export interface Windows {
  readonly zone: string;
  readonly windows: readonly MaintenanceWindow[];
  readonly freezes: readonly Freeze[];
}

export const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

const QUARTER_MS = 900_000;
const DAY_MS = 86_400_000;
/** Longest look ahead. */
const HORIZON_DAYS = 92;

interface Local {
  readonly date: string;
  readonly day: Weekday;
  readonly minutes: number;
}

/** Wall-clock reading in the zone; changes of daylight saving are the zone's. */
function clockOf(zone: string): (ms: number) => Local {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    weekday: 'short',
  });
  return (ms) => {
    const part = Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, value]));
    return {
      date: `${part['year']}-${part['month']}-${part['day']}`,
      day: String(part['weekday']).toLowerCase() as Weekday,
      minutes: Number(part['hour']) * 60 + Number(part['minute']),
    };
  };
}

const minutesOf = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));

export function isOpen({ zone, freezes }: Windows, window: MaintenanceWindow, ms: number): boolean {
  const read = clockOf(zone);
  return opened(read, freezes, window, ms);
}

function opened(
  read: (ms: number) => Local,
  freezes: readonly Freeze[],
  { days, from, to }: MaintenanceWindow,
  ms: number,
): boolean {
  const now = read(ms);
  if (isFrozen(freezes, now.date)) return false;
  const [start, end] = [minutesOf(from), minutesOf(to)];
  if (end > start) return days.includes(now.day) && now.minutes >= start && now.minutes < end;
  // Over midnight: the evening belongs to its own day, the night to the day before.
  if (now.minutes >= start) return days.includes(now.day);
  return now.minutes < end && days.includes(read(ms - DAY_MS).day);
}

const isFrozen = (freezes: readonly Freeze[], date: string): boolean =>
  freezes.some(
    ({ dates = [], month_days = [] }) => dates.includes(date) || month_days.includes(Number(date.slice(8))),
  );

/** ISO time of the next opening at or after `ms`; undefined when the window stays shut for the next three months. */
export function nextOpening(
  { zone, freezes }: Windows,
  window: MaintenanceWindow,
  ms: number,
): string | undefined {
  const read = clockOf(zone);
  // Windows begin on a quarter of an hour, and every zone is a multiple of it away from UTC.
  const first = Math.ceil(ms / QUARTER_MS) * QUARTER_MS;
  for (let at = first; at < ms + HORIZON_DAYS * DAY_MS; at += QUARTER_MS)
    if (opened(read, freezes, window, at)) return new Date(at).toISOString();
  return undefined;
}

/** The soonest moment at which a step may begin: now, or what it says itself. */
export const notBeforeMs = ({ notBefore }: { readonly notBefore?: string }, now: number): number =>
  notBefore === undefined ? now : Math.max(now, Date.parse(notBefore));
