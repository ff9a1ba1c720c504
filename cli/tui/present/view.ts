/** What presenting needs besides the state: words, times, and how data becomes visible. */
import type { Level } from '../../../core/documents.ts';
import { type Shown, visible } from '../../../core/visible.ts';
import type { Console } from '../store/console.ts';
import type { State } from '../store/state.ts';
import { type Piece, piece, sign } from './line.ts';

export interface View {
  c: Console;
  s: State;
  columns: number;
  say: Console['say'];
  /** Outside text, visible; in ASCII mode control pictures become `^[`. */
  data(text: string): Shown;
  /** Other days leave the seconds out, unless they are asked for. */
  time(iso: string, precision?: 'seconds'): Shown;
  /** Date, time and zone in full. */
  moment(iso: string): Shown;
  age(iso: string): Shown;
}

export function viewOf(c: Console): View {
  const { state: s, say } = c;
  const data = (text: string): Shown => {
    const shown = visible(text);
    return s.ascii
      ? (shown.replace(
          /[\u2400-\u241f]/g,
          (one) => `^${String.fromCharCode(one.charCodeAt(0) - 0x2400 + 0x40)}`,
        ) as Shown)
      : shown;
  };
  return {
    c,
    s,
    columns: s.size.columns,
    say,
    data,
    time: (iso, precision) => timeOf(iso, s, say.locale, precision),
    moment: (iso) => momentOf(iso, s, say.locale),
    age: (iso) => spanOf(s.now - Date.parse(iso)),
  };
}

const two = (count: number) => String(count).padStart(2, '0');

/** `19:04:12` on the same day, `21 nov 19:04` on others. */
function timeOf(iso: string, { now, utc }: State, locale: string, precision?: 'seconds'): Shown {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return visible(iso);
  const part = utc
    ? {
        day: date.getUTCDate(),
        hour: date.getUTCHours(),
        minute: date.getUTCMinutes(),
        second: date.getUTCSeconds(),
      }
    : { day: date.getDate(), hour: date.getHours(), minute: date.getMinutes(), second: date.getSeconds() };
  const today = new Date(now);
  const isToday = utc
    ? date.toISOString().slice(0, 10) === today.toISOString().slice(0, 10)
    : date.toDateString() === today.toDateString();
  const seconds = `:${two(part.second)}`;
  if (isToday) return sign(`${two(part.hour)}:${two(part.minute)}${seconds}`);
  const month = monthOf(locale, utc).format(date).replace('.', '');
  return sign(`${two(part.day)} ${month} ${two(part.hour)}:${two(part.minute)}${precision ? seconds : ''}`);
}

const months = new Map<string, Intl.DateTimeFormat>();
function monthOf(locale: string, utc: boolean): Intl.DateTimeFormat {
  const key = `${locale} ${utc}`;
  const known =
    months.get(key) ??
    new Intl.DateTimeFormat(locale, { month: 'short', ...(utc ? { timeZone: 'UTC' } : {}) });
  months.set(key, known);
  return known;
}

function momentOf(iso: string, s: State, locale: string): Shown {
  const date = new Date(iso);
  return Number.isNaN(date.getTime())
    ? visible(iso)
    : sign(s.utc ? date.toISOString() : `${date.toISOString()} (${timeOf(iso, s, locale)} ${zoneOf(s)})`);
}

export function zoneOf({ utc, now }: Pick<State, 'utc' | 'now'>): Shown {
  if (utc) return sign('UTC');
  const parts = new Intl.DateTimeFormat('en-IE', { timeZoneName: 'short' }).formatToParts(now);
  return visible(parts.find(({ type }) => type === 'timeZoneName')?.value ?? '');
}

/** At most five cells: `49m`, `2h10`, `1d02`, `12d`; negative spans begin with `-`. */
export function spanOf(ms: number): Shown {
  if (!Number.isFinite(ms)) return sign('?');
  const minutes = Math.floor(Math.abs(ms) / 60_000);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  const text =
    hours === 0
      ? `${minutes}m`
      : days === 0
        ? `${hours}h${two(minutes % 60)}`
        : days < 10
          ? `${days}d${two(hours % 24)}`
          : `${days}d`;
  return sign(ms < 0 && minutes > 0 ? `-${text}` : text);
}

/** `03:12` hours and minutes left, `2d03` when it is more than a day, `-00:12` overdue. */
export function leftOf(ms: number): Shown {
  const minutes = Math.floor(Math.abs(ms) / 60_000);
  const text =
    minutes >= 1_440
      ? `${Math.floor(minutes / 1_440)}d${two(Math.floor(minutes / 60) % 24)}`
      : `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
  return sign(ms < 0 ? `-${text}` : text);
}

const SYMBOLS: Readonly<Record<Level, readonly [string, string]>> = {
  critical: ['◆ ', '!!'],
  high: ['▲ ', '! '],
  medium: ['● ', '* '],
  low: ['○ ', '- '],
  informational: ['· ', '. '],
};

/** Symbol, word and colour: any two of them suffice. Six cells. */
export const severityOf = ({ s, say }: View, level: Level): Piece =>
  piece(sign(`${SYMBOLS[level][s.ascii ? 1 : 0]}${say(`short.${level}`)}`), level);

/** `INC-0412` of this year, `INC-25-0412` of others; the full number stands in the detail. */
export function shortNumber(number: string, now: number): Shown {
  const [, kind, year, digits] = /^([A-Z]{3})-(\d{4})-0*(\d+)$/.exec(number) ?? [];
  if (!kind || !year || !digits) return visible(number);
  const count = digits.padStart(4, '0');
  return sign(
    Number(year) === new Date(now).getUTCFullYear()
      ? `${kind}-${count}`
      : `${kind}-${year.slice(2)}-${count}`,
  );
}
