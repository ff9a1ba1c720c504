/** Which ledger hours a time range touches. */
import { timeRange } from './time-range.ts';

const HOUR_MS = 3_600_000;
const hourOf = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 13);

/** First and last hour, both inclusive, as `LedgerLine.hour`; an hour that the range only touches counts. */
export function ledgerHours(range: { from?: string; to?: string } = {}): { first: string; last: string } {
  const { fromMs, toMs } = timeRange(range);
  return {
    first: range.from === undefined ? '' : hourOf(fromMs),
    last: range.to === undefined ? '9999' : hourOf(Math.ceil(toMs / HOUR_MS) * HOUR_MS - HOUR_MS),
  };
}
