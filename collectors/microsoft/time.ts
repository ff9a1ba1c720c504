/** The time of Microsoft's records: ISO in UTC, with or without `Z`, up to seven decimals. */
import { isoOf } from '../../core/iso-time.ts';

const ISO = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2})?$/;

/** ISO with milliseconds, or undefined when there is no such time. */
export function utcTime(text: string | undefined): string | undefined {
  const [, day, clock, fraction, zone] = ISO.exec(text ?? '') ?? [];
  if (day === undefined) return undefined;
  const ms = Date.parse(`${day}T${clock}.${(fraction ?? '0').slice(0, 3).padEnd(3, '0')}${zone ?? 'Z'}`);
  return Number.isNaN(ms) ? undefined : isoOf(ms);
}
