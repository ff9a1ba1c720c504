/** The shapes of loaded rules: detection rules, correlation rules and filters, as Sigma 2.1 defines them. */
import type { Condition } from '../../core/conditions/tree.ts';
import type { Level } from '../../core/documents.ts';
import type { YamlDocument } from '../../core/yaml.ts';
import type { Extensions } from './extensions/index.ts';

/** What a rule, filter or event says about its source; an attribute left out is a wildcard (S-1). */
export interface LogSource {
  product?: string;
  category?: string;
  service?: string;
}

/** What all three kinds have in common. */
export interface Metadata {
  /** As written, or derived from file and title where the rule has none. */
  id: string;
  title: string;
  name?: string;
  level: Level;
  status?: string;
  description: string;
  author?: string;
  falsepositives: string[];
  tags: string[];
  /** Relative to the folder that was loaded. */
  path: string;
  /** `own`: lies in our rules folder. Which matches become alerts differs (policies/alerting.yml). */
  origin: 'own' | 'imported';
  /** Covers the rule, its filters and the placeholder values it uses. */
  hash: string;
  /** Steps for the person who gets the alert: `vigia: {runbook: [...]}`. */
  runbook: string[];
  /** What `vigia` asks besides; only rules with a detection section have any. */
  extensions?: Extensions;
  /** The YAML behind it, for messages and checks; its value is read again each time it is asked for. */
  source: YamlDocument;
}

export interface DetectionRule extends Metadata {
  kind: 'rule';
  logsource: LogSource;
  /** `ecs` rules name ECS fields; others are translated. */
  taxonomy: string;
  /** Over the rule's own field names; `engine/compile.ts` resolves them. */
  condition: Condition;
  /** Ids of filters joined to the condition. */
  filters: string[];
  /** Fed into correlations that do not ask for alerts of their own. */
  feedsOnly: boolean;
}

export type CorrelationType =
  | 'event_count'
  | 'value_count'
  | 'value_sum'
  | 'value_avg'
  | 'value_percentile'
  | 'value_median'
  | 'temporal'
  | 'temporal_ordered';

/** Bounds on the measured number; several at once form a range. */
export interface Bounds {
  gt?: number;
  gte?: number;
  lt?: number;
  lte?: number;
  eq?: number;
  neq?: number;
}

/** A boolean expression over rule names (R-17, Sigma 2.2). */
export type RuleExpression =
  | { op: 'rule'; id: string }
  | { op: 'and' | 'or'; of: RuleExpression[] }
  | { op: 'not'; of: RuleExpression };

export interface CorrelationRule extends Metadata {
  kind: 'correlation';
  type: CorrelationType;
  /** Ids of the referred rules, in the order written. */
  rules: string[];
  groupBy: string[];
  timespanMs: number;
  bounds: Bounds;
  /** Fields that are counted or summed (value_*). */
  valueFields: string[];
  /** Of value_percentile: which one, 0 to 100. */
  percentile: number;
  expression?: RuleExpression;
  /** Alias → rule id → field. */
  aliases: Record<string, Record<string, string>>;
  generate: boolean;
}

export type Rule = DetectionRule | CorrelationRule;

/** A rule that cannot run here, and why: never silently ignored. */
export interface Refusal {
  id: string;
  title: string;
  path: string;
  reason: string;
}
