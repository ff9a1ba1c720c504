/** The policy data of incidents: grouping, entities, severity, clocks. `load-policies.ts` reads it. */
import type { Entity, Level } from '../core/documents.ts';

export type EntityType = Entity['type'];
export type Criticality = 'unknown' | 'low' | 'normal' | 'high';

export interface GroupingPolicy {
  version: string;
  window_hours: number;
  listed_entities: number;
}

export interface EntityPolicy {
  version: string;
  strong: EntityType[];
  weak: EntityType[];
  user_names: 'bare' | 'qualified';
  title: EntityType[];
  ignored: Partial<Record<EntityType, string[]>>;
}

export interface SeverityPolicy {
  version: string;
  matrix: Record<Criticality, Record<Level, Level>>;
  assets: { type: EntityType; name: string; criticality: Criticality }[];
}

/** What has to happen for a clock to start. `{sent}` is the moment another step was notified. */
export type ClockStart = 'significant' | 'impact-ended' | 'breach-known' | { sent: string };

export interface ClockStep {
  id: string;
  authority: string;
  title: { pt: string; en: string };
  starts: ClockStart;
  limit: { hours: number } | { working_days: number };
  owed: 'always' | 'when-needed' | 'unless-no-risk';
  /** Not owed when the incident was resolved so fast after its detection. */
  waived?: { resolved_within_hours: number; source: string };
  /** The article that the limit comes from. */
  source: string;
  checked: string;
}

export interface ClockPolicy {
  version: string;
  zone: string;
  holidays: {
    source: string;
    checked: string;
    days: ({ day: string; name: string } | { easter: number; name: string })[];
  };
  steps: ClockStep[];
}

export interface IncidentPolicies {
  grouping: GroupingPolicy;
  entity: EntityPolicy;
  severity: SeverityPolicy;
  clocks: ClockPolicy;
}
