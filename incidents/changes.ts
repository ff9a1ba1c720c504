/** What people may do to an incident: one table of changes, each pure, each leaving a line of history per field. */
import {
  type Change,
  type Incident,
  type IncidentState,
  LEVELS,
  type Level,
  type Verdict,
} from '../core/documents.ts';
import { errors } from '../core/errors.ts';
import { futureTime, oneOf, pastTime, required } from './inputs.ts';

export type IncidentChange =
  | { kind: 'acknowledge' }
  | { kind: 'assign'; to: string | null }
  | { kind: 'note'; text: string }
  | { kind: 'severity'; severity: Level; reason: string }
  | { kind: 'wait'; until: string; reason?: string }
  | { kind: 'wake' }
  | { kind: 'contain'; reason?: string }
  | { kind: 'close'; verdict: Verdict; reason: string }
  | { kind: 'reopen'; reason: string }
  | { kind: 'significance'; decided: boolean; reason: string }
  /** The moments that start or stop statutory clocks; `at` is when it happened, ISO. */
  | { kind: 'impact-ended'; at: string; reason?: string }
  | { kind: 'breach-known'; at: string; reason?: string }
  | { kind: 'notified'; step: string; at: string; reason?: string };
export type ChangeKind = IncidentChange['kind'];
type Of<K extends ChangeKind> = Extract<IncidentChange, { kind: K }>;

export interface By {
  by: string;
  /** ISO, UTC. */
  at: string;
}

export const VERDICTS: readonly Verdict[] = [
  'true-positive',
  'benign',
  'false-positive',
  'duplicate',
  'exercise',
];

const WORKED: readonly IncidentState[] = ['new', 'acknowledged', 'contained', 'waiting'];
const ANY: readonly IncidentState[] = [...WORKED, 'closed'];

interface Rule<K extends ChangeKind> {
  /** States in which the change is allowed. */
  from: readonly IncidentState[];
  apply(incident: Incident, change: Of<K>, by: By): Incident;
}

const CHANGES: { [K in ChangeKind]: Rule<K> } = {
  acknowledge: {
    from: ['new', 'waiting'],
    apply: (incident, _, by) => {
      const { wakeAt: _wakeAt, ...awake } = set(incident, 'state', 'acknowledged', by);
      return awake.owner === undefined ? set(awake, 'owner', by.by, by) : awake;
    },
  },
  assign: {
    from: WORKED,
    apply: (incident, { to }, by) => {
      if (to !== null) return set(incident, 'owner', required(to, 'the new owner'), by);
      const { owner: _owner, ...rest } = set(incident, 'owner', undefined, by);
      return rest;
    },
  },
  note: {
    from: ANY,
    apply: (incident, { text }, by) => ({
      ...incident,
      notes: [...incident.notes, { at: by.at, by: by.by, text: required(text, 'the note') }],
    }),
  },
  severity: {
    from: WORKED,
    apply: (incident, { severity, reason }, by) =>
      set(incident, 'severity', oneOf(severity, LEVELS, 'severity'), by, required(reason, 'a reason')),
  },
  wait: {
    from: ['new', 'acknowledged', 'contained'],
    apply: (incident, { until, reason }, by) => {
      const wakeAt = futureTime(until, by.at);
      return { ...set(incident, 'state', 'waiting', by, reason ?? `until ${wakeAt}`), wakeAt };
    },
  },
  wake: {
    from: ['waiting'],
    apply: (incident, _, by) => {
      const before = incident.history.findLast(
        (change) => change.field === 'state' && change.to === 'waiting',
      )?.from;
      const { wakeAt: _wakeAt, ...awake } = set(
        incident,
        'state',
        (before ?? 'acknowledged') as IncidentState,
        by,
      );
      return awake;
    },
  },
  contain: {
    from: ['new', 'acknowledged', 'waiting'],
    apply: (incident, { reason }, by) => {
      const { wakeAt: _wakeAt, ...contained } = set(incident, 'state', 'contained', by, reason);
      return contained;
    },
  },
  close: {
    from: WORKED,
    apply: (incident, { verdict, reason }, by) => {
      const why = required(reason, 'a reason');
      const judged = set(incident, 'verdict', oneOf(verdict, VERDICTS, 'verdict'), by, why);
      const { wakeAt: _wakeAt, ...closed } = set(judged, 'state', 'closed', by, why);
      return closed;
    },
  },
  reopen: {
    from: ['closed'],
    apply: (incident, { reason }, by) => {
      if (incident.mergedInto !== undefined)
        throw errors.usage(
          `${incident.number} was merged into another incident`,
          'undo the merge with split',
        );
      const why = required(reason, 'a reason');
      const { verdict: _verdict, ...open } = set(incident, 'verdict', undefined, by, why);
      return set(open, 'state', 'acknowledged', by, why);
    },
  },
  significance: {
    // Also after closing: the duty to notify does not end with our work.
    from: ANY,
    apply: (incident, { decided, reason }, by) => {
      const why = required(reason, 'a reason');
      if (typeof decided !== 'boolean') throw errors.usage('significance is decided with true or false');
      return {
        ...log(incident, 'significance', incident.significance?.decided, decided, by, why),
        significance: { decided, at: by.at, by: by.by, reason: why },
      };
    },
  },
  'impact-ended': {
    from: ANY,
    apply: (incident, { at, reason }, by) =>
      legal(incident, 'impactEndedAt', pastTime(at, by.at), by, reason),
  },
  'breach-known': {
    from: ANY,
    apply: (incident, { at, reason }, by) =>
      legal(incident, 'breachKnownAt', pastTime(at, by.at), by, reason),
  },
  notified: {
    from: ANY,
    apply: (incident, { step, at, reason }, by) => {
      const id = required(step, 'the step');
      const sentAt = pastTime(at, by.at);
      const sent = { ...incident.legal?.sent, [id]: sentAt };
      const logged = log(incident, `legal.sent.${id}`, incident.legal?.sent?.[id], sentAt, by, reason);
      return { ...logged, legal: { ...incident.legal, sent } };
    },
  },
};

function legal(
  incident: Incident,
  field: 'impactEndedAt' | 'breachKnownAt',
  to: string,
  by: By,
  reason?: string,
): Incident {
  const logged = log(incident, `legal.${field}`, incident.legal?.[field], to, by, reason);
  return { ...logged, legal: { ...incident.legal, [field]: to } };
}

/** The incident after the change; a usage error says which changes its state allows. */
export function applyChange<K extends ChangeKind>(incident: Incident, change: Of<K>, by: By): Incident {
  // The kind may come from outside: a name such as `toString` is no change.
  const rule = Object.hasOwn(CHANGES, change.kind) ? (CHANGES[change.kind] as Rule<K>) : undefined;
  if (!rule)
    throw errors.usage(
      `${JSON.stringify(change.kind)} is no change of an incident`,
      `use one of ${Object.keys(CHANGES).join(', ')}`,
    );
  if (!rule.from.includes(incident.state)) {
    throw errors.usage(
      `${incident.number} is ${incident.state}: ${change.kind} is not possible`,
      `possible now: ${allowedChanges(incident.state).join(', ')}`,
    );
  }
  return rule.apply(incident, change, by);
}

/** What the state allows, for screens that show what a key would do. */
export const allowedChanges = (state: IncidentState): ChangeKind[] =>
  (Object.keys(CHANGES) as ChangeKind[]).filter((kind) => CHANGES[kind].from.includes(state));

/** Adds the line of history. */
export function log(
  incident: Incident,
  field: string,
  from: unknown,
  to: unknown,
  { by, at }: By,
  reason?: string,
): Incident {
  const line: Change = { at, by, field, from: from ?? null, to: to ?? null, ...(reason ? { reason } : {}) };
  return { ...incident, history: [...incident.history, line] };
}

/** Sets one field and logs it; a field that has the value already leaves no line. */
export function set<F extends 'state' | 'owner' | 'severity' | 'verdict' | 'mergedInto'>(
  incident: Incident,
  field: F,
  to: Incident[F] | undefined,
  by: By,
  reason?: string,
): Incident {
  if (incident[field] === to) return incident;
  return { ...log(incident, field, incident[field], to, by, reason), [field]: to };
}
