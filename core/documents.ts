/** The documents that the parts of Vigia exchange, and the kinds under which the store keeps them (design section 5). */
import type { Access, Grant } from './documents/access.ts';
import type { Deed } from './documents/deed.ts';
import type { Checkpoint, DeadLetter, Progress } from './documents/delivery.ts';
import type { Alert, Match } from './documents/detection.ts';
import type { Exception } from './documents/exception.ts';
import type { Incident } from './documents/incident.ts';
import type { Indicator, IndicatorList } from './documents/indicator.ts';
import type { Advisory, PatchHost, PatchTask } from './documents/patch.ts';
import type { AuditEntry, Token } from './documents/person.ts';
import type { RuleState } from './documents/rule-state.ts';
import type { Evidence, JournalEntry, Run } from './documents/run.ts';

export * from './documents/access.ts';
export * from './documents/deed.ts';
export * from './documents/delivery.ts';
export * from './documents/detection.ts';
export * from './documents/exception.ts';
export * from './documents/incident.ts';
export * from './documents/indicator.ts';
export * from './documents/patch.ts';
export * from './documents/person.ts';
export * from './documents/rule-state.ts';
export * from './documents/run.ts';

/** Every document kind with its shape. Ids: see design section 5. */
export interface Documents {
  match: Match;
  alert: Alert;
  incident: Incident;
  exception: Exception;
  'dead-letter': DeadLetter;
  checkpoint: Checkpoint;
  progress: Progress;
  indicator: Indicator;
  'indicator-list': IndicatorList;
  grant: Grant;
  access: Access;
  deed: Deed;
  'rule-state': RuleState;
  audit: AuditEntry;
  token: Token;
  run: Run;
  journal: JournalEntry;
  /** Create-only markers, for instance `run/step/plan hash/started`. */
  marker: { at: string; by: string; data: Record<string, unknown> };
  evidence: Evidence;
  'patch-host': PatchHost;
  'patch-task': PatchTask;
  advisory: Advisory;
}
export type Kind = keyof Documents;
export const KINDS: readonly Kind[] = [
  'match',
  'alert',
  'incident',
  'exception',
  'dead-letter',
  'checkpoint',
  'progress',
  'rule-state',
  'indicator',
  'indicator-list',
  'grant',
  'access',
  'deed',
  'audit',
  'token',
  'run',
  'journal',
  'marker',
  'evidence',
  'patch-host',
  'patch-task',
  'advisory',
];
