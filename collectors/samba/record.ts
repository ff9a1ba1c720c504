/** Cuts a Samba log record into its header and text, and reads values out of untrusted JSON. */
import { isoOf } from '../../core/iso-time.ts';
import type { NormaliseContext } from '../collector.ts';

export interface Header {
  /** ISO, or undefined when the digits are no date. */
  at: string | undefined;
  level: number;
  file: string;
  line: number;
  function: string;
  /** Where the text after the header begins. */
  end: number;
}

const header =
  /^\[(\d{4})\/(\d\d)\/(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?,\s*(\d{1,2})(?:,[^\]]*)?\]\s*(\S{1,400}):(\d{1,7})\(([^)\n]{0,400})\)/;

/** Debug header lines carry local time without a zone: the source's zone is assumed and said so in `vigia.clock`. */
export function readHeader(line: string, context: NormaliseContext): Header | undefined {
  const found = header.exec(line);
  if (!found) return undefined;
  const part = (index: number) => Number(found[index]);
  const fraction = Number((found[7] ?? '').padEnd(3, '0').slice(0, 3));
  const utc = Date.UTC(part(1), part(2) - 1, part(3), part(4), part(5), part(6), fraction);
  return {
    at: isoTime(utc - context.zoneMinutes * 60_000),
    level: part(8),
    file: found[9]!,
    line: part(10),
    function: found[11]!,
    end: found[0].length,
  };
}

/** `2026-11-21T19:54:32.919662+0000` in UTC, to the millisecond; undefined when it is no time. */
export function readTimestamp(written: string | undefined): string | undefined {
  const found = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d):?(\d\d)?$/.exec(
    written ?? '',
  );
  if (!found) return undefined;
  const zone = found[4] === 'Z' ? 'Z' : `${found[4]}:${found[5] ?? '00'}`;
  return isoTime(Date.parse(`${found[1]}T${found[2]}.${(found[3] ?? '').padEnd(3, '0').slice(0, 3)}${zone}`));
}

export type Json = { readonly [name: string]: unknown };

export const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A text or number as text; anything else, an empty text included, counts as absent. */
export function text(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export const number = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined;

/** Leaves out what is absent, so that an event holds only what the record says. */
export function present<T extends object>(fields: T): Present<T> {
  const kept: Record<string, unknown> = {};
  for (const name of Object.keys(fields)) {
    const value = (fields as Record<string, unknown>)[name];
    if (value === undefined || value === null) continue;
    if (typeof value === 'object' && Object.keys(value).length === 0) continue;
    kept[name] = value;
  }
  return kept as Present<T>;
}
export type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined | null> };

/** Of few values looking through them is cheaper than a set; a record may name thousands. */
const FEW = 8;

export function unique(values: readonly (string | undefined)[]): string[] {
  const given = values.filter((value): value is string => value !== undefined && value !== '');
  if (given.length > FEW) return [...new Set(given)];
  return given.filter((value, index) => given.indexOf(value) === index);
}

function isoTime(ms: number): string | undefined {
  return Number.isNaN(ms) || Math.abs(ms) > 8.64e15 ? undefined : isoOf(ms);
}
