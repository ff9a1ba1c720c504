/** Whether the ledger balances: read = stored + duplicate + dead-lettered, and stored = evaluated. */
import type { LedgerLine } from './store.ts';

/** What must be zero: records read that are neither stored, duplicate nor dead-lettered, and stored ones not evaluated. */
export const difference = (line: LedgerLine): number =>
  Math.abs(line.read - line.stored - line.duplicate - line.deadLettered) +
  Math.abs(line.stored - line.evaluated);

/** Over all lines; one hour's surplus never hides another's loss. */
export const totalDifference = (lines: readonly LedgerLine[]): number =>
  lines.reduce((sum, line) => sum + difference(line), 0);
