/** The documents that the parts of Vigia exchange, and the kinds under which the store keeps them (design section 5). */

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

/** A record that cannot become an event, kept with the reason. */
export interface DeadLetter {
  id: string;
  at: string;
  source: string;
  collector: string;
  generation: number;
  position: string;
  stage: 'read' | 'normalise' | 'store';
  reason: string;
  /** The raw bytes in Base64, up to 64 KiB, masked where the collector masks; `size` is the whole. */
  raw: string;
  size: number;
  hash: string;
  state: 'waiting' | 'retried';
}

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

export type IndicatorKind = 'ip' | 'network' | 'domain' | 'url' | 'hash' | 'account';
export const INDICATOR_KINDS: readonly IndicatorKind[] = [
  'ip',
  'network',
  'domain',
  'url',
  'hash',
  'account',
];

/** Something that gives an attack away, as somebody shared it; rules name the list it is in. */
export interface Indicator {
  list: string;
  kind: IndicatorKind;
  /** In one spelling: lower case, no trailing dot, not defanged. */
  value: string;
  /** Who says so: a person, an organisation, a file. */
  source: string;
  added: string;
  /** An event at this time or later does not count. */
  expires?: string;
  /** `TLP:GREEN`: with whom it may be shared. */
  tlp?: string;
  note?: string;
}

/** Changes with every change of its indicators, so that whoever keeps them in memory knows when to read again. */
export interface IndicatorList {
  list: string;
  revision: number;
  changed: string;
  by: string;
}

/** Somebody may use privileged access for a time. Written by whoever gives it, read by rules that look for use without. */
export interface Grant {
  id: string;
  /** The account that uses it, as events name it. */
  who: string;
  /** Host, database or application, as its events name it. */
  system: string;
  /** Other names of the same system. */
  also?: string[];
  role: string;
  /** From (inclusive) to (exclusive), ISO UTC. */
  from: string;
  to: string;
  /** Taken back before its end. */
  revoked?: string;
  ticket?: string;
  /** Who gave it. */
  by: string;
}

/** One stay of a value: from the event that introduced it to the last sighting without a longer gap than the rule allows. */
export interface Stay {
  event: string;
  at: string;
  last: string;
  /** The source that brought it. */
  source: string;
  /** Introduced while the source was younger than the span: learnt, not alerted. */
  learnt?: boolean;
}

/** Event time, epoch ms, both ends included. */
export interface Span {
  fromMs: number;
  toMs: number;
}

/** What a rule remembers; derived from stored matches, so that it can be lost and made again. */
export type RuleState = { rule: { id: string } } & (
  | {
      /** Since when (event time) the rule has seen the events of a source. */
      kind: 'source';
      source: string;
      from: string;
    }
  | {
      kind: 'first-seen';
      /** Its entry in `Match.groups`. */
      key: string;
      /** The values of the group, by field. */
      of: Record<string, string | null>;
      stays: Stay[];
      /** Last sighting; may lag behind a little. */
      to: string;
    }
  | {
      kind: 'expected';
      key: string;
      /** The values of the group, by field. */
      of: Record<string, string | null>;
      /** The last event that came; without an id: none yet, and since when one is waited for. */
      last: { event: string; at: string; dataset: string; entities: Entity[] };
      /** Who brought it; empty when none did. */
      source: string;
      /** Time of the last sighting; may lag behind a little. */
      to: string;
      /** The gap after it was told: as what. */
      gap?: 'absence' | 'blind';
    }
  | {
      kind: 'baseline';
      key: string;
      /** The values of the group, by field. */
      of: Record<string, string | null>;
      /** The source that touched it last. */
      source: string;
      /** By the beginning of a bucket (epoch ms); buckets without matches are left out. */
      values: Record<string, number>;
      /** Since when `values` are complete, epoch ms. */
      sinceMs: number;
      /** Beginnings of the buckets that alerted. */
      told: number[];
      state: 'waiting' | 'settled';
      /** Event time whose buckets are to be counted anew; and that which somebody is counting. */
      dirty?: Span;
      settling?: Span;
    }
);
export type RuleStateOf<K extends RuleState['kind']> = Extract<RuleState, { kind: K }>;

/** How far a source is durably processed. */
export interface Checkpoint {
  source: string;
  collector: string;
  generation: number;
  /** Where to go on reading, as the collector wrote it. */
  position: string;
  /** What identifies the generation (device and inode, head hash …), as the collector wrote it. */
  identity?: string;
  /** Fixed at first read, so that a re-read gives the same times: year anchor and zone for records that lack them. */
  time: { anchor: string; zone: string };
  /** Number of the last batch published before this was written; a later batch record knows a later place. */
  batch: number;
  at: string;
}

/** Named state of a subscriber or rule: how far it has followed each writer, or what it remembers. */
export interface Progress {
  positions: Record<string, number>;
  at: string;
}

/** One entry of who did what; the hash covers the entry and its predecessor, one chain per writer. */
export interface AuditEntry {
  writer: string;
  sequence: number;
  at: string;
  who: string;
  action: string;
  target: string;
  details: Record<string, unknown>;
  previous: string;
  hash: string;
}

export type Role = 'viewer' | 'analyst' | 'responder' | 'approver' | 'admin' | 'auditor';

/** An API token; only its hash is kept. */
export interface Token {
  id: string;
  user: string;
  roles: Role[];
  hash: string;
  created: string;
  expires: string;
  revoked?: boolean;
}

export type Risk = 'read' | 'reversible' | 'destructive';
/** Distinct everywhere: not proven is never shown as done. */
export type StepOutcome = 'proven' | 'not-proven' | 'unknown' | 'refused' | 'skipped' | 'failed' | 'undone';
export type RunState =
  | 'waiting'
  | 'running'
  /** A step failed whose flow says to take back what was done: that is going on. */
  | 'compensating'
  | 'done'
  | 'not-proven'
  | 'failed'
  | 'refused'
  | 'void'
  | 'expired'
  | 'abandoned'
  | 'undone';

/** A thing that a step would touch, by an identity that survives renaming where the target has one. */
export interface PlannedTarget {
  /** `directory`, `postgresql` … as named in the settings. */
  system: string;
  /** Stable: objectGUID, role oid, … */
  identity: string;
  name: string;
}

/** What a step would do. `bound` is what an approval binds; `observed` is shown, not bound. */
export interface Plan {
  targets: PlannedTarget[];
  /** Sentences, `+ adds`, `~ changes`, `- takes away`. */
  changes: string[];
  stays: string[];
  undo: string;
  proof: string;
  /** Upper bounds of the blast radius, for example `{sessions: 10}`. */
  bounds: Record<string, number>;
  observed: Record<string, unknown>;
}

export interface PlannedStep {
  index: number;
  name: string;
  action: string;
  risk: Risk;
  input: Record<string, unknown>;
  plan: Plan;
  /** What the inventory says suffers with its targets; the counts are upper bounds that the approval binds. */
  radius?: { users: number; services: number; hosts: number; dependants: number; foremost: string[] };
  /** Decisions of the protected-asset policy that the approval binds, for instance `payroll: 2 approvals`. */
  protection?: string[];
  /** What the run does when the step is not proven; `compensate` takes back what the run did so far, last first. */
  onFailure: 'stop' | 'continue' | 'compensate';
  /** By which conditions of later steps mean it; the steps of one `for_each` share it. */
  id?: string;
  /** The query line over `input`, `incident` and `steps.ID.outcome`, decided when the turn of the step comes. */
  when?: string;
  /** Steps of one group with different numbers run beside each other. */
  branch?: { group: number; number: number };
  /** After this time nothing more is sent to the target, and the step counts as failed until the target is asked. */
  limitMs?: number;
  /** Maintenance window (`policies/windows.yml`) in which it may begin. */
  window?: string;
  /** ISO time before which it does not begin. */
  notBefore?: string;
}

/** One execution of a playbook. */
export interface Run {
  id: string;
  /** Readable: `RUN-2026-000017`. */
  number: string;
  flow: { id: string; title: string; hash: string };
  incident?: string;
  input: Record<string, unknown>;
  requestedBy: string;
  requested: string;
  state: RunState;
  steps: (PlannedStep & { outcome?: StepOutcome; detail?: string })[];
  /** SHA-256 over everything an approval binds. */
  planHash: string;
  approvals: { by: string; at: string; planHash: string }[];
  approvalsNeeded: number;
  expires: string;
  /** Nobody approved in the first hours: who was told as well, and may approve. */
  escalated?: { at: string; tell: string[] };
  /** Executed without the approvals that it lacked; open until somebody else has reviewed it in writing. */
  breakGlass?: {
    by: string;
    at: string;
    reason: string;
    planHash: string;
    reviewDue: string;
    review?: { by: string; at: string; run: string };
  };
  refusal?: { by: string; at: string; reason: string };
  /** Why nothing happens now: a window that is closed until `until`, a question that a person must answer, or the kill switch. */
  held?: { step: number; why: 'window' | 'question' | 'stopped'; detail: string; until?: string };
  history: Change[];
}

/** What a person gave to show that a step done by hand is done; kept whole, and never changed. */
export interface Evidence {
  run: string;
  step: number;
  at: string;
  by: string;
  name: string;
  size: number;
  sha256: string;
  /** Base64. */
  content: string;
}

/** One package that an update of a host would change. */
export interface PatchUpdate {
  name: string;
  /** The source package, by which advisories name it; the name itself where the host knows none. */
  source: string;
  /** Undefined: it would be newly installed. */
  from?: string;
  to: string;
  origin: string;
}

/** What a host has installed, what it is behind by, and what it waits for, as last looked at. */
export interface PatchHost {
  host: string;
  seen?: {
    at: string;
    by: 'ssh' | 'import';
    manager: 'apt' | 'dnf' | 'windows';
    installed: { name: string; version: string }[];
    updates: PatchUpdate[];
    /** Behind, but kept as they are by the host. */
    held: string[];
    /** When the host last renewed its lists. */
    listsAt?: string;
    /** Services that run from replaced files; and, in sentences, what else does. */
    stale: string[];
    left: string[];
    /** Why it needs a reboot. */
    reboot: string[];
  };
  /** The last look, when it failed. */
  failure?: { at: string; message: string };
}

export type PatchPriority = 'routine' | 'high' | 'emergency';

/** One package that one host is behind by, from when it was seen until it is gone; its priority follows from what is known. */
export interface PatchTask {
  id: string;
  host: string;
  package: string;
  source: string;
  from: string;
  to: string;
  state: 'open' | 'exempt' | 'done';
  priority: PatchPriority;
  /** Sentences: why this priority. */
  why: string[];
  vulnerabilities: string[];
  /** Incidents that are about one of the vulnerabilities. */
  incidents: string[];
  opened: string;
  history: Change[];
}

/** A vulnerability and the versions that mend it, as somebody published it. */
export interface Advisory {
  /** `CVE-2026-12345` */
  id: string;
  summary?: string;
  /** Known to be exploited: since when, and who says so. */
  exploited?: { since: string; source: string };
  /** By source package: the first version without it. */
  fixed: { ecosystem: string; package: string; version: string }[];
  source: string;
}

/** Append-only record of one run, or of one access: written before and after every call on a target. */
export interface JournalEntry {
  run: string;
  sequence: number;
  at: string;
  by: string;
  step?: number;
  entry:
    | 'requested'
    | 'taken-back'
    | 'session-started'
    | 'session-ended'
    | 'reviewed'
    | 'approved'
    | 'refused'
    | 'escalated'
    | 'break-glass'
    | 'reviewed'
    | 'step-started'
    | 'receipt'
    | 'verified'
    | 'asked'
    | 'answered'
    | 'held'
    | 'resumed'
    | 'compensating'
    | 'undo-started'
    | 'undo-receipt'
    | 'skipped'
    | 'abandoned'
    | 'finished'
    /** Of the kill switch, which has a journal of its own. */
    | 'stopped'
    | 'released';
  key?: string;
  data: Record<string, unknown>;
}

export type AccessState =
  | 'waiting'
  | 'approved'
  | 'active'
  /** Its time is over or somebody took it back; until the target says that it is gone. */
  | 'ending'
  | 'ended'
  /** Could not be given, and the target says that it is not there. */
  | 'failed'
  | 'refused'
  | 'expired'
  | 'withdrawn';

/** What a target says about access that was given: two questions, because taking a right away ends no session. */
export interface AccessProof {
  right: { outcome: 'proven' | 'not-proven' | 'unknown'; detail: string };
  sessions: { outcome: 'proven' | 'not-proven' | 'unknown'; detail: string };
}

/** What a session through our own gateway left behind. */
export interface Recording {
  /** Of this session, from whoever recorded. */
  id: string;
  by: string;
  from: string;
  /** Absent: the gateway has not said how it ended. */
  to?: string;
  /** The file where it was recorded; the hash is what counts. */
  file: string;
  bytes?: number;
  sha256?: string;
}

/** One request for privileged access with all that became of it: asked, approved, given, ended, reviewed. */
export interface Access {
  /** `ACC-2026-000017`; the grant that rules read has the same. */
  id: string;
  /** The person who gets it. */
  who: string;
  /** Target, as the settings name it, and what is given there: a group, a database role, an account of a host. */
  system: string;
  kind: string;
  role: string;
  /** The account on the target that holds it. */
  account: string;
  why: string;
  ticket?: string;
  minutes: number;
  /** Not before this time. */
  notBefore?: string;
  /** Public key that may log on, of a host. */
  key?: string;
  requestedBy: string;
  requested: string;
  state: AccessState;
  /** Line of `policies/access.yml` that decided who must consent and for how long. */
  policyLine: string;
  plan: Plan;
  /** What the target was found to be, as data of the provider. */
  found: unknown;
  /** SHA-256 over everything an approval binds. */
  planHash: string;
  approvals: { by: string; at: string; planHash: string }[];
  approvalsNeeded: number;
  /** Not given after this time. */
  expires: string;
  refusal?: { by: string; at: string; reason: string };
  /** Who wants it to end before its time. */
  takenBack?: { by: string; at: string; reason: string };
  /** `to` is when it ends; `outcome` what the target said when it had been given. */
  given?: { from: string; to: string; outcome: StepOutcome; detail: string };
  /** Attempts to end it, each made only after the target said that it is still there. */
  attempts: number;
  /** Why the last attempt did not come to its end, and when the next is made. */
  trouble?: { at: string; detail: string; next: string };
  ended?: { at: string; proof: AccessProof; lateMs?: number };
  recordings: Recording[];
  reviewBy?: string;
  review?: { by: string; at: string; verdict: 'in-order' | 'misused'; text: string };
  history: Change[];
}

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
