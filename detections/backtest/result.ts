/** What a back-test tells: how often each rule would have matched stored events, when, for example on which, and at what cost. */
import type { Level } from '../../core/documents.ts';

export interface BacktestRule {
  id: string;
  title: string;
  level: Level;
  path: string;
  matches: number;
  /** By day of event time, `2026-11-21`; days without a match are left out. */
  byDay: Record<string, number>;
  /** Ids of the first events found, at most `SAMPLES`. */
  samples: string[];
}

export const SAMPLES = 5;

/** `scan`: all events once, through the matcher with all rules. `queries`: one narrowed query for each rule. */
export type Way = 'scan' | 'queries';

export interface BacktestResult {
  from: string;
  to: string;
  /** False when it was cancelled or is still running: all counts are then of the part that was read. */
  complete: boolean;
  way: Way;
  /** Why this way: what either was estimated to cost. */
  because: string;
  /** Every rule, those without a match included. */
  rules: BacktestRule[];
  cost: {
    /** Events that the store fetched; with queries an event counts once for each rule that asked for it. */
    fetched: number;
    /** Events that the matcher decided on; the rest did not satisfy the narrowed query. */
    decided: number;
    /** Queries answered: slices of time when scanning, rules else. */
    done: number;
    planned: number;
    seconds: number;
  };
}
