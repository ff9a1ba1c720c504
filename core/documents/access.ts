/** Privileged access for a time. */
import type { Change } from './detection.ts';
import type { Plan, StepOutcome } from './run.ts';

/** Somebody may use privileged access for a time. Written by whoever gives it, read by rules that look for use without. */
export interface Grant {
  id: string;
  /** The account that uses it, as events name it. */
  who: string;
  /** Other names that events give that account: its SID, its distinguished name. */
  whoAlso?: string[];
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
