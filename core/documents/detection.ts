/** What detection makes: matches of rules, and alerts that a person may need to see. */

export type Level = 'informational' | 'low' | 'medium' | 'high' | 'critical';
export const LEVELS: readonly Level[] = ['informational', 'low', 'medium', 'high', 'critical'];
export const atLeast = (level: Level, floor: Level): boolean =>
  LEVELS.indexOf(level) >= LEVELS.indexOf(floor);

/** Somebody or something an event is about. */
export interface Entity {
  type: 'user' | 'host' | 'address' | 'group' | 'database' | 'process' | 'file';
  /** As written in the event; compared ignoring case. */
  name: string;
}

/** The rule behind a match or alert. The Detection Rule License 1.1 asks for author, id and source. */
export interface RuleRef {
  id: string;
  title: string;
  level: Level;
  /** Content hash over rule, filters and placeholder values. */
  hash: string;
  author?: string;
  /** File the rule was loaded from, relative to its rule folder. */
  path?: string;
  status?: string;
  tags: string[];
}

/** One rule satisfied by one event; the input of correlations. Create only. */
export interface Match {
  id: string;
  rule: RuleRef;
  event: { id: string; at: string; dataset: string };
  /** `correlation rule id|hash of group values`, one per correlation that refers to the rule. */
  groups: string[];
  /** Per correlation rule id: the group-by values (null = the event lacks the field) and the values to count or sum. */
  group: Record<string, { by: (string | null)[]; values: (string | number | null)[] }>;
  entities: Entity[];
  /** Exceptions that cover this match, for its own rule or for a correlation above it. */
  exceptions?: string[];
  /** What the rule's further conditions found, in words. */
  detail?: string;
}

/** One change of one field, by one person or part. */
export interface Change {
  at: string;
  by: string;
  field: string;
  from: unknown;
  to: unknown;
  reason?: string;
}

/** A match or correlation result that a person may need to see. */
export interface Alert {
  id: string;
  /** `absence`: what was expected did not come; `blind`: nothing was read, so that nobody can tell; `own`: about Vigia's own work. */
  kind: 'event' | 'correlation' | 'absence' | 'blind' | 'own';
  rule: RuleRef;
  /** Event time of the first and last event behind it (ISO, UTC). */
  from: string;
  to: string;
  created: string;
  /** Ids of the events behind it, oldest first; up to `EVIDENCE_LIMIT`, the rest is found through the matches. */
  events: string[];
  eventCount: number;
  datasets: string[];
  entities: Entity[];
  /** Of a correlation, and of rules judged from many matches: its entry in `Match.groups`, the group-by fields with their values, and what was measured when it first held. */
  group?: { key: string; by: Record<string, string | null>; value: number };
  /** One sentence that says what was found, where the title of the rule cannot. */
  detail?: string;
  incident?: string;
  /** `suppressed`: an exception covers it; kept and counted, but part of no incident. */
  state: 'open' | 'withdrawn' | 'suppressed';
  /** Of a suppressed alert: the exception that covers it. */
  exception?: string;
  /** Made by re-evaluating stored events: starts no clock and no automation. */
  backfill?: boolean;
  history: Change[];
}
export const EVIDENCE_LIMIT = 1_000;
