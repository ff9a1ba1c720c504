/** What ingest asks of detection: the port between `collectors/run.ts` and `detections`, wired by `server`. */
import type { Alert, Match } from './documents.ts';
import type { Event } from './event.ts';

export interface Evaluation {
  matches: Match[];
  /** Single-event alerts; correlation alerts come later, from stored matches. */
  alerts: Alert[];
}

/** Evaluates every rule on every event, in order. Pure: the caller writes the result. */
export type Evaluate = (events: readonly Event[]) => Promise<Evaluation>;
