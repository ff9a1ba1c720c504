/** What Vigia itself did on a target. */

/** One change, as the events of its target show it. */
export interface ShownChange {
  /** Every word that `event.action` may say for it. */
  did?: string[];
  /** Every name of what was changed, or of who got it or lost it. */
  to?: string[];
  /** Every name of the group or role that was given or taken. */
  role?: string[];
  /** The statement, secrets hidden as events hide them. */
  statement?: string[];
}

/** One call that changes a target, written before it is sent: what explains the events that it makes. */
export interface Deed {
  /** Step of a run or id of an access. */
  under: string;
  /** Vigia's own account, by every name that events give it. */
  by: string[];
  /** Host, database or directory, as its events name it. */
  system: string;
  /** Other names of the same system. */
  also?: string[];
  /** When it was sent, and when its answer is no longer waited for (ISO UTC). */
  from: string;
  to: string;
  shows: ShownChange[];
}
