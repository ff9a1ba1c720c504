/** The time range of a query in epoch milliseconds, checked. */
import { errors } from '../core/errors.ts';
import type { Range } from '../core/store.ts';

export interface TimeRange {
  /** Inclusive. */
  fromMs: number;
  /** Exclusive. */
  toMs: number;
}

export function timeRange(range: Range): TimeRange {
  return {
    fromMs: range.from === undefined ? Number.MIN_SAFE_INTEGER : timeOf('from', range.from),
    toMs: range.to === undefined ? Number.MAX_SAFE_INTEGER : timeOf('to', range.to),
  };
}

function timeOf(name: string, text: string): number {
  const timeMs = Date.parse(text);
  if (Number.isNaN(timeMs))
    throw errors.usage(
      `${name}: ${JSON.stringify(text)} is not a time`,
      'write ISO 8601, for example 2026-11-21T19:00:00Z',
    );
  return timeMs;
}
