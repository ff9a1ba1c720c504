/** What a person works on. */
import type { Change, Entity, Level } from './detection.ts';

export type IncidentState = 'new' | 'acknowledged' | 'contained' | 'waiting' | 'closed';
export type Verdict = 'true-positive' | 'benign' | 'false-positive' | 'duplicate' | 'exercise';

/** What a person works on. Alerts carry the incident's id; the incident holds counters, never a list of alerts. */
export interface Incident {
  id: string;
  /** Readable: `INC-2026-000412`. */
  number: string;
  title: string;
  severity: Level;
  state: IncidentState;
  verdict?: Verdict;
  created: string;
  /** Event time of the first and last event of its alerts. */
  from: string;
  to: string;
  owner?: string;
  /** The most frequent first; as many as the grouping policy lists, `entityCount` is the exact number. */
  entities: Entity[];
  entityCount?: number;
  /** Shared with other incidents' entities for grouping: `type:name`, lower case. */
  keys: string[];
  alertCount: number;
  eventCount: number;
  tags: string[];
  notes: { at: string; by: string; text: string }[];
  /** Set when a person decided whether the incident is significant in law. */
  significance?: { decided: boolean; at: string; by: string; reason: string };
  /** What people recorded for the statutory clocks, ISO UTC; `sent` holds the step ids of `policies/clocks.yml`. */
  legal?: { impactEndedAt?: string; breachKnownAt?: string; sent?: Record<string, string> };
  wakeAt?: string;
  mergedInto?: string;
  history: Change[];
}
