/** Alerts that need not be looked at. */
import type { Change, Entity } from './detection.ts';

/** An agreement that alerts need not be looked at: proposed by one person, approved by another, for a time that ends. */
export interface Exception {
  /** Readable: `EXC-2026-000003`. */
  id: string;
  why: string;
  scope: ExceptionScope;
  /** Event time that is covered, ISO UTC: from (inclusive) until (exclusive). Never before the approval. */
  from: string;
  until: string;
  /** Ticket or change in the ITSM. */
  ticket?: string;
  state: 'proposed' | 'active' | 'refused' | 'ended';
  proposedBy: string;
  proposed: string;
  /** Who approved or refused it. */
  decidedBy?: string;
  decided?: string;
  history: Change[];
}

/** Everything that is named must hold. */
export interface ExceptionScope {
  /** Empty: every rule. */
  rules: { id: string; title: string }[];
  /** The analyst's query line, asked of the event behind the alert. */
  where?: string;
  /** All of them are involved, in whatever part. */
  entities: Entity[];
}
