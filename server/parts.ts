/** The parts that a process is made of; `compose` makes them from settings, roles and routes use them. */
import type { Logger } from 'pino';
import type { AccessDesk } from '../access/index.ts';
import type { Audit } from '../core/audit.ts';
import type { AuditReport } from '../core/audit-verify.ts';
import type { Alert, Match } from '../core/documents.ts';
import type { Evaluate } from '../core/evaluate.ts';
import type { Exceptions } from '../core/exceptions/index.ts';
import type { Inventory } from '../core/inventory.ts';
import type { Metrics } from '../core/metrics.ts';
import type { Pseudonym } from '../core/personal-data.ts';
import type { Store } from '../core/store.ts';
import type {
  DetectionRule,
  GroupTrack,
  Known,
  Reach,
  Rule,
  Shadow,
  TrackLimits,
} from '../detections/index.ts';
import type { Incidents } from '../incidents/index.ts';
import type { Patching, Playbooks } from '../playbooks/index.ts';
import type { Backtests } from './backtests.ts';
import type { IndicatorLists } from './indicator-lists.ts';
import type { PatchTasks } from './patch-tasks.ts';
import type { Reports } from './reports.ts';
import type { Settings } from './settings.ts';
import type { Tokens } from './tokens.ts';

/** What detection offers to ingest and to the correlator. */
export interface Detection {
  evaluate: Evaluate;
  /** The correlation rule of that id, when it is loaded and its results become alerts. */
  correlation(id: string): GroupRule | undefined;
  /** How long correlations wait until their windows are over (`Reach.waitMs`), each once; 0 is among them. */
  waits: readonly number[];
  /** Rules whose alerts are judged from stored matches, as far as policy wants any. */
  judged: readonly DetectionRule[];
  /** What it knows besides rules and events. */
  known(): Promise<Known>;
  /** The loaded rule of that id or title. */
  rule(idOrTitle: string): { id: string; title: string } | undefined;
  /** Do its matches become alerts? `withoutShadow`: would they, were it not in shadow mode? */
  alerts(rule: Rule, withoutShadow?: boolean): boolean;
  /** The alerts that a correlation would make were it not in shadow mode. */
  inShadow(id: string, matches: readonly Match[]): Alert[];
  rules: readonly Rule[];
  shadow: Shadow;
  loaded: number;
  /** Rules that cannot run, each with the reason. */
  refused: readonly string[];
}

/** What the correlator needs of a correlation rule. */
export interface GroupRule extends Reach {
  track(limits: TrackLimits): GroupTrack;
}

export interface Parts {
  version: string;
  settings: Settings;
  store: Store;
  detection: Detection;
  exceptions: Exceptions;
  /** As it is now; the last that could be read when there are mistakes in it. */
  inventory: () => Inventory;
  /** Makes pseudonyms of citizens' identifiers, where a key is given. */
  pseudonym?: Pseudonym;
  backtests: Backtests;
  incidents: Incidents;
  indicators: IndicatorLists;
  playbooks: Playbooks;
  access: AccessDesk;
  patching: Patching;
  patchTasks: PatchTasks;
  reports: Reports;
  audit: Audit;
  verifyAudit(): Promise<AuditReport>;
  tokens: Tokens;
  metrics: Metrics;
  log: Logger;
  now: () => number;
  /** Runs an approved playbook in the background; `settled` waits for it. */
  execute(run: string): void;
  settled(): Promise<void>;
  /** State of store, sources, rules, for `health`. */
  report(): Promise<object>;
  close(): Promise<void>;
}
