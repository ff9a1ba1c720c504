/**
 * Alerts become incidents. Repeating it changes nothing, and a process killed between any two writes leaves nothing doubled:
 * an alert is claimed for an incident first (its id is a hash of its first alert), the incident is created after, counters
 * are recomputed last. An alert claimed for an incident that does not exist yet is finished by whoever raises it next.
 */
import { and, type Condition, isIn } from '../core/conditions/tree.ts';
import type { Alert, Incident, IncidentState } from '../core/documents.ts';
import { errors } from '../core/errors.ts';
import { hashId } from '../core/ids.ts';
import type { Stored } from '../core/store.ts';
import { type Context, findAll, findIncident, isConflict, isoNow } from './context.ts';
import { mergeInto } from './merge.ts';
import { recount, rootOf } from './recount.ts';
import { summarise, VIGIA } from './summary.ts';

export const OPEN: readonly IncidentState[] = ['new', 'acknowledged', 'contained', 'waiting'];
const HOUR_MS = 3_600_000;

export interface Raised {
  /** Ids of incidents that did not exist before. */
  created: string[];
  /** Ids of all incidents that these alerts belong to. */
  touched: string[];
}

export const incidentId = (firstAlert: string): string => hashId('incident', firstAlert);

/** Alerts in order of event time; each is read again, so that what is raised is what is stored. */
export async function raise(
  context: Context,
  alerts: readonly Pick<Alert, 'id' | 'from'>[],
): Promise<Raised> {
  const open: OpenIncidents = new Map();
  const created = new Set<string>();
  const ordered = [...alerts].sort((a, b) =>
    a.from === b.from ? (a.id < b.id ? -1 : 1) : a.from < b.from ? -1 : 1,
  );
  const claimed = new Set<string>();
  for (const { id } of ordered) {
    const incident = await place(context, id, open, created);
    if (incident !== undefined) claimed.add(incident);
  }
  const touched = new Set<string>();
  for (const id of claimed) touched.add(await rootOf(context, id));
  for (const id of touched) await recount(context, id, { reopen: true });
  return { created: [...created], touched: [...touched] };
}

/** Incidents that this call has put alerts into: their stored keys and span are behind until the recount. */
type OpenIncidents = Map<string, { keys: Set<string>; from: number; to: number }>;

/** Claims the alert for an incident, which exists on return; undefined when there is nothing to raise. */
async function place(
  context: Context,
  alertId: string,
  open: OpenIncidents,
  created: Set<string>,
): Promise<string | undefined> {
  for (;;) {
    const stored = await context.documents.get('alert', alertId);
    if (!stored) throw errors.notFound('alert', alertId);
    const alert = stored.body;
    if (alert.incident !== undefined) {
      const existed = await context.documents.get('incident', alert.incident);
      return existed ? alert.incident : create(context, alert.incident, alert, open, created);
    }
    if (alert.state === 'withdrawn') return undefined;
    const keys = context.keys.of(alert.entities, alert.rule.id);
    const found = known(context, keys, alert, open) ?? (await findOpen(context, keys, alert))[0];
    const target = found === undefined ? incidentId(alert.id) : typeof found === 'string' ? found : found.id;
    const claimed: Alert = {
      ...alert,
      incident: target,
      history: [
        ...alert.history,
        { at: isoNow(context), by: VIGIA, field: 'incident', from: null, to: target },
      ],
    };
    try {
      await context.documents.update('alert', alertId, claimed, stored.version);
    } catch (error) {
      if (isConflict(error)) continue;
      throw error;
    }
    if (found === undefined) return create(context, target, claimed, open, created);
    remember(open, target, keys, claimed);
    return target;
  }
}

function known(
  context: Context,
  keys: readonly string[],
  alert: Alert,
  open: OpenIncidents,
): string | undefined {
  const windowMs = context.policies.grouping.window_hours * HOUR_MS;
  for (const [id, incident] of open) {
    const inWindow =
      incident.to >= Date.parse(alert.from) - windowMs && incident.from <= Date.parse(alert.to) + windowMs;
    if (inWindow && keys.some((key) => incident.keys.has(key))) return id;
  }
  return undefined;
}

function remember(
  open: OpenIncidents,
  id: string,
  keys: readonly string[],
  { from, to }: Pick<Alert, 'from' | 'to'>,
): void {
  const incident = open.get(id) ?? { keys: new Set<string>(), from: Date.parse(from), to: Date.parse(to) };
  for (const key of keys) incident.keys.add(key);
  incident.from = Math.min(incident.from, Date.parse(from));
  incident.to = Math.max(incident.to, Date.parse(to));
  open.set(id, incident);
}

/** Open incidents that share a key within the window, most shared keys first, then the oldest. */
async function findOpen(
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
  const found = await findAll(context.documents, 'incident', { where });
  const wanted = new Set(keys);
  const shared = (incident: Incident) => incident.keys.filter((key) => wanted.has(key)).length;
  return found.sort((a, b) => shared(b.body) - shared(a.body) || (isOlder(a.body, b.body) ? -1 : 1));
}

/** The same order for every writer, because it depends on stored values only. */
const isOlder = (a: Incident, b: Incident): boolean =>
  a.created === b.created ? a.id < b.id : a.created < b.created;

/** Creates the incident; when another writer raised one for the same entity at the same moment, the younger joins the older. */
async function create(
  context: Context,
  id: string,
  alert: Alert,
  open: OpenIncidents,
  created: Set<string>,
): Promise<string> {
  const at = isoNow(context);
  const year = at.slice(0, 4);
  const number = `INC-${year}-${String(await context.documents.nextNumber(`incident-${year}`)).padStart(6, '0')}`;
  const empty: Incident = {
    id,
    number,
    title: alert.rule.title,
    severity: 'informational',
    state: 'new',
    created: at,
    from: alert.from,
    to: alert.to,
    entities: [],
    keys: [],
    alertCount: 0,
    eventCount: 0,
    tags: [],
    notes: [],
    history: [],
  };
  const first = { ...summarise(empty, [alert], context.keys, context.policies, at), history: [] };
  const outcome = await context.documents.create('incident', id, first);
  if (outcome === 'created') created.add(id);
  const incident = outcome === 'created' ? first : (await findIncident(context, id)).body;
  const rivals = (await findOpen(context, incident.keys, alert))
    .map(({ body }) => body)
    .filter((rival) => rival.id !== id);
  const oldest = rivals.reduce<Incident | undefined>(
    (best, rival) => (best && isOlder(best, rival) ? best : rival),
    undefined,
  );
  remember(open, id, incident.keys, alert);
  if (!oldest) return id;
  const [from, into] = isOlder(oldest, incident) ? [id, oldest.id] : [oldest.id, id];
  await mergeInto(context, from, into, {
    by: VIGIA,
    reason: 'raised at the same moment for the same entity',
  });
  return into;
}
