/** The time of an event as a store takes it. */
import type { Event } from '../core/event.ts';

const ISO = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;

/** Epoch milliseconds; undefined when `@timestamp` is no complete ISO 8601 time. */
export function eventTimeMs(event: Event): number | undefined {
  const text = event['@timestamp'];
  const timeMs = typeof text === 'string' && ISO.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(timeMs) ? undefined : timeMs;
}
