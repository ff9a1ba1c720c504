/** Incidents: raising them from alerts, working on them, and what the law wants told about them. */
import type { Alert, Incident } from '../core/documents.ts';
import type { Store, Stored, Version } from '../core/store.ts';
import { applyChange, type ChangeKind, type IncidentChange } from './changes.ts';
import { type Clock, clocksOf } from './clocks.ts';
import { type Context, findIncident, isoNow, updateIncident } from './context.ts';
import { oneOf } from './inputs.ts';
import { keysOf } from './keys.ts';
import { type IncidentFilter, type IncidentPage, list } from './list.ts';
import { mergeInto, split } from './merge.ts';
import type { IncidentPolicies } from './policies.ts';
import { type Raised, raise } from './raise.ts';
import { type ShownIncident, type ShowOptions, show } from './show.ts';

export { allowedChanges, type ChangeKind, type IncidentChange, VERDICTS } from './changes.ts';
export { type Clock, type ClockFacts, type ClockState, clocksOf } from './clocks.ts';
export type { IncidentFilter, IncidentPage } from './list.ts';
export { loadIncidentPolicies } from './load-policies.ts';
export type { ClockPolicy, IncidentPolicies } from './policies.ts';
export type { Raised } from './raise.ts';
export type { ShownIncident, ShowOptions } from './show.ts';
export type { Timeline, TimelineEntry } from './timeline.ts';

/** Who changes, and the version they saw: given and stale, the change is refused as a conflict. */
export interface Author {
  by: string;
  version?: Version;
}

export interface Incidents {
  /**
   * Puts stored alerts into incidents; safe to repeat, also after a crash and beside other writers. Call it again for
   * an alert that grew or was withdrawn: its incident is counted again.
   */
  raise(alerts: readonly Pick<Alert, 'id' | 'from'>[]): Promise<Raised>;
  /** By id or number, like all below. */
  change<K extends ChangeKind>(
    incident: string,
    change: Extract<IncidentChange, { kind: K }>,
    author: Author,
  ): Promise<Stored<Incident>>;
  /** Returns the incident merged into. */
  merge(incident: string, into: string, author: Author & { reason: string }): Promise<Stored<Incident>>;
  /** Undoes a merge; returns the incident that stands alone again. */
  split(incident: string, author: Author & { reason: string }): Promise<Stored<Incident>>;
  list(filter?: IncidentFilter): Promise<IncidentPage>;
  show(incident: string, options?: ShowOptions): Promise<ShownIncident>;
  /** From the decision on significance and the moments that people recorded. */
  clocks(incident: Incident): Clock[];
}

export interface IncidentsOptions {
  store: Pick<Store, 'documents' | 'events'>;
  policies: IncidentPolicies;
  /** Epoch milliseconds. */
  now(): number;
}

/** `const incidents = incidents({store, policies: await loadIncidentPolicies('policies'), now: Date.now})`. */
export function incidents({ store, policies, now }: IncidentsOptions): Incidents {
  const context: Context = {
    documents: store.documents,
    events: store.events,
    policies,
    keys: keysOf(policies.entity),
    now,
  };
  // One raise at a time in this process: two batches about one person must find each other's incident.
  let last: Promise<unknown> = Promise.resolve();
  return {
    raise(alerts) {
      const next = last.then(() => raise(context, alerts));
      last = next.catch(() => {
        // The caller of that raise has the error; the next one starts all the same.
      });
      return next;
    },
    async change(incident, change, { by, version }) {
      if (change.kind === 'notified') {
        const steps = policies.clocks.steps.map((step) => step.id);
        oneOf((change as { step: string }).step, steps, 'step of the statutory clocks');
      }
      const { id } = await findIncident(context, incident);
      return updateIncident(
        context,
        id,
        (body) => applyChange(body, change, { by, at: isoNow(context) }),
        version,
      );
    },
    async merge(incident, into, { version, ...why }) {
      const [from, to] = [await findIncident(context, incident), await findIncident(context, into)];
      return mergeInto(context, from.id, to.id, why, version);
    },
    async split(incident, { version, ...why }) {
      return split(context, (await findIncident(context, incident)).id, why, version);
    },
    list: (filter) => list(context, filter),
    show: (incident, options) => show(context, incident, options),
    clocks: (incident) => clocksOf(incident, incident.legal ?? {}, policies.clocks, now()),
  };
}
