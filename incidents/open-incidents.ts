/** Which open incident an alert joins: one that shares a strong entity within the window. */
import { and, type Condition, isIn } from '../core/conditions/tree.ts';
import type { Alert, Incident, IncidentState } from '../core/documents.ts';
import { findAll } from '../core/find-all.ts';
import type { Stored } from '../core/store.ts';
import type { Context } from './context.ts';

export const OPEN: readonly IncidentState[] = ['new', 'acknowledged', 'contained', 'waiting'];
const HOUR_MS = 3_600_000;

/** Incidents that alerts of this call may join: those of the store, and those that this call opens. */
export type OpenIncidents = Map<string, { keys: Set<string>; from: number; to: number; created: string }>;

/** Open incidents of the store that share a key with any of the alerts, near enough in time for at least one. */
export async function openFor(context: Context, stored: readonly Stored<Alert>[]): Promise<OpenIncidents> {
  const loose = stored.map(({ body }) => body).filter((alert) => alert.incident === undefined);
  const open: OpenIncidents = new Map();
  if (loose.length === 0) return open;
  const keys = new Set(loose.flatMap((alert) => context.keys.of(alert.entities, alert.rule.id)));
  const span = spanOf(loose);
  for (const { id, body } of await findOpen(context, [...keys], span)) remember(open, id, body.keys, body);
  return open;
}

/** Within the window, most shared keys first, then the oldest. */
export function choose(
  context: Context,
  keys: readonly string[],
  alert: Pick<Alert, 'from' | 'to'>,
  open: OpenIncidents,
): string | undefined {
  const windowMs = context.policies.grouping.window_hours * HOUR_MS;
  const [from, to] = [Date.parse(alert.from) - windowMs, Date.parse(alert.to) + windowMs];
  let best: { id: string; shared: number; created: string } | undefined;
  for (const [id, incident] of open) {
    if (incident.to < from || incident.from > to) continue;
    const shared = keys.filter((key) => incident.keys.has(key)).length;
    if (shared === 0 || (best && shared < best.shared)) continue;
    const isBetter = !best || shared > best.shared || isOlder({ id, created: incident.created }, best);
    if (isBetter) best = { id, shared, created: incident.created };
  }
  return best?.id;
}

export function remember(
  open: OpenIncidents,
  id: string,
  keys: readonly string[],
  { from, to, created }: Pick<Incident, 'from' | 'to' | 'created'>,
): void {
  const incident = open.get(id) ?? {
    keys: new Set<string>(),
    from: Date.parse(from),
    to: Date.parse(to),
    created,
  };
  for (const key of keys) incident.keys.add(key);
  incident.from = Math.min(incident.from, Date.parse(from));
  incident.to = Math.max(incident.to, Date.parse(to));
  open.set(id, incident);
}

/** From the first to the last moment of these alerts (at least one). */
export function spanOf(alerts: readonly Alert[]): Pick<Alert, 'from' | 'to'> {
  return {
    from: alerts.map(({ from }) => from).sort()[0]!,
    to: alerts
      .map(({ to }) => to)
      .sort()
      .at(-1)!,
  };
}

/** Open incidents that share a key within the window. */
export async function findOpen(
  context: Context,
  keys: readonly string[],
  span: Pick<Alert, 'from' | 'to'>,
): Promise<Stored<Incident>[]> {
  const windowMs = context.policies.grouping.window_hours * HOUR_MS;
  const earliest = new Date(Date.parse(span.from) - windowMs).toISOString();
  const latest = new Date(Date.parse(span.to) + windowMs).toISOString();
  const where: Condition = and(
    isIn('state', OPEN),
    isIn('keys', keys),
    { op: 'range', field: 'to', gte: earliest },
    { op: 'range', field: 'from', lte: latest },
  );
  return findAll(context.documents, 'incident', { where });
}

/** The same order for every writer, because it depends on stored values only. */
export const isOlder = (a: Pick<Incident, 'created' | 'id'>, b: Pick<Incident, 'created' | 'id'>): boolean =>
  a.created === b.created ? a.id < b.id : a.created < b.created;
