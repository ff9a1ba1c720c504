/** One execution of a playbook: its plan, its steps, its journal, its evidence. */
import type { Change } from './detection.ts';

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
    /** A person of a chain, before and after the call; and that none of them answered. */
    | 'calling'
    | 'called'
    | 'unheard'
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
