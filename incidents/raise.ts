/**
 * Alerts become incidents. Repeating it changes nothing, and a process killed between any two writes leaves nothing doubled:
 * an alert is claimed for an incident first (its id is a hash of its first alert), the incident is created after, with what was
 * claimed for it; the counters of those that were there are recomputed last. An alert claimed for an incident that does not
 * exist yet is finished by whoever raises it next.
 */
import type { Alert, Incident } from '../core/documents.ts';
import { errors, isConflict } from '../core/errors.ts';
import { hashId } from '../core/ids.ts';
import type { Stored } from '../core/store.ts';
import { type Context, isoNow } from './context.ts';
import { mergeInto } from './merge.ts';
import {
  choose,
  findOpen,
  isOlder,
  type OpenIncidents,
  openFor,
  remember,
  spanOf,
} from './open-incidents.ts';
import { recountAll, rootOf } from './recount.ts';
import { summarise, VIGIA } from './summary.ts';

export interface Raised {
  /** Ids of incidents that did not exist before. */
  created: string[];
  /** Ids of all incidents that these alerts belong to. */
  touched: string[];
}

export const incidentId = (firstAlert: string): string => hashId('incident', firstAlert);

/**
 * Alerts in order of event time; each is read again, so that what is raised is what is stored. The store is asked once
 * for all alerts and once for all incidents, whatever their number: a search costs Elasticsearch a refresh.
 */
export async function raise(
  context: Context,
  alerts: readonly Pick<Alert, 'id' | 'from'>[],
): Promise<Raised> {
  const ordered = [...alerts].sort((a, b) =>
    a.from === b.from ? (a.id < b.id ? -1 : 1) : a.from < b.from ? -1 : 1,
  );
  const stored = await readAlerts(context, [...new Set(ordered.map(({ id }) => id))]);
  const open = await openFor(context, stored);
  const placed = await claimAll(context, stored, open);
  const fresh = new Map<string, Alert[]>();
  for (const { incident, alert } of placed.filter(({ isNew }) => isNew))
    fresh.set(incident, [...(fresh.get(incident) ?? []), alert]);
  const created = await createAll(context, fresh);
  await joinRivals(context, fresh);
  const claimed = [...new Set(placed.map(({ incident }) => incident))];
  const touched = new Set(await Promise.all(claimed.map((id) => rootOf(context, id))));
  // What was created here was counted then; whoever adds an alert to it counts again.
  await recountAll(context, [...touched.difference(new Set(created))], { reopen: true });
  return { created, touched: [...touched] };
}

async function readAlerts(context: Context, ids: readonly string[]): Promise<Stored<Alert>[]> {
  return Promise.all(
    ids.map(async (id) => {
      const stored = await context.documents.get('alert', id);
      if (!stored) throw errors.notFound('alert', id);
      return stored;
    }),
  );
}

interface Placed {
  incident: string;
  alert: Alert;
  /** The incident does not exist yet. */
  isNew: boolean;
}

/** A decision that has yet to be written into the alert; without `from` it stands there. */
type Decided = Placed & { from?: Stored<Alert> };

/**
 * Decides for one alert after the other, because each may join what the one before opened, then writes all decisions at
 * once. Alerts that somebody else changed meanwhile are read and decided again.
 */
async function claimAll(
  context: Context,
  alerts: readonly Stored<Alert>[],
  open: OpenIncidents,
): Promise<Placed[]> {
  const existing = new Set(open.keys());
  const placed: Placed[] = [];
  for (let waiting = [...alerts]; waiting.length > 0; ) {
    await addExisting(context, waiting, existing);
    const decided = waiting.flatMap((one) => decide(context, one, open, existing) ?? []);
    const written = await Promise.all(decided.map((one) => write(context, one)));
    placed.push(...decided.filter((_, index) => written[index]));
    const changed = decided.filter((_, index) => !written[index]);
    waiting = await readAlerts(
      context,
      changed.map(({ alert }) => alert.id),
    );
  }
  return placed;
}

/** Which incidents there are, of those that alerts say they belong to. */
async function addExisting(
  { documents }: Context,
  alerts: readonly Stored<Alert>[],
  existing: Set<string>,
): Promise<void> {
  const named = new Set(alerts.flatMap(({ body }) => body.incident ?? []));
  await Promise.all(
    [...named].map(async (id) => {
      if (!existing.has(id) && (await documents.get('incident', id))) existing.add(id);
    }),
  );
}

/** Undefined when there is nothing to raise. */
function decide(
  context: Context,
  stored: Stored<Alert>,
  open: OpenIncidents,
  existing: ReadonlySet<string>,
): Decided | undefined {
  const alert = stored.body;
  const keys = context.keys.of(alert.entities, alert.rule.id);
  const at = isoNow(context);
  if (alert.incident !== undefined) {
    remember(open, alert.incident, keys, { ...alert, created: at });
    return { incident: alert.incident, alert, isNew: !existing.has(alert.incident) };
  }
  if (alert.state !== 'open') return undefined;
  const incident = choose(context, keys, alert, open) ?? incidentId(alert.id);
  const change = { at, by: VIGIA, field: 'incident', from: null, to: incident };
  const claimed: Alert = { ...alert, incident, history: [...alert.history, change] };
  remember(open, incident, keys, { ...alert, created: at });
  return { incident, alert: claimed, isNew: !existing.has(incident), from: stored };
}

/** False when somebody else changed the alert. */
async function write({ documents }: Context, { alert, from }: Decided): Promise<boolean> {
  if (!from) return true;
  try {
    await documents.update('alert', from.id, alert, from.version);
    return true;
  } catch (error) {
    if (!isConflict(error)) throw error;
    return false;
  }
}

/** Creates the incidents, each from its alerts; returns the ids of those that did not exist. */
async function createAll(context: Context, fresh: ReadonlyMap<string, readonly Alert[]>): Promise<string[]> {
  // Numbers are handed out in the order in which they are asked for.
  const items = await Promise.all(
    [...fresh].map(async ([id, alerts]) => ({ id, body: await firstOf(context, id, alerts) })),
  );
  const outcomes = await context.documents.createMany('incident', items);
  return items.filter((_, index) => outcomes[index] === 'created').map(({ id }) => id);
}

async function firstOf(context: Context, id: string, claimed: readonly Alert[]): Promise<Incident> {
  const alerts = [...claimed].sort((a, b) => (a.from < b.from ? -1 : Number(a.from > b.from)));
  const first = alerts[0]!;
  const at = isoNow(context);
  const year = at.slice(0, 4);
  const number = `INC-${year}-${String(await context.documents.nextNumber(`incident-${year}`)).padStart(6, '0')}`;
  const empty: Incident = {
    id,
    number,
    title: first.rule.title,
    severity: 'informational',
    state: 'new',
    created: at,
    from: first.from,
    to: first.to,
    entities: [],
    keys: [],
    alertCount: 0,
    eventCount: 0,
    tags: [],
    notes: [],
    history: [],
  };
  return { ...summarise(empty, alerts, context.keys, context.policies, at), history: [] };
}

/** When another writer raised an incident for the same entity at the same moment, the younger joins the older. */
async function joinRivals(context: Context, fresh: ReadonlyMap<string, readonly Alert[]>): Promise<void> {
  if (fresh.size === 0) return;
  const alerts = [...fresh.values()].map(([first]) => first!);
  const keysOf = (alert: Alert) => context.keys.of(alert.entities, alert.rule.id);
  const span = spanOf(alerts);
  const found = await findOpen(context, [...new Set(alerts.flatMap(keysOf))], span);
  for (const [id, [first]] of fresh) {
    const alert = first!;
    const own = found.find((one) => one.id === id)?.body;
    if (!own) continue;
    const open: OpenIncidents = new Map();
    for (const { id: other, body } of found) {
      if (other === id) continue;
      // What later alerts of this call have in common did not bring the two together, and does not now.
      const [opening] = fresh.get(other) ?? [];
      remember(open, other, opening ? keysOf(opening) : body.keys, body);
    }
    const rival = found.find((one) => one.id === choose(context, keysOf(alert), alert, open))?.body;
    if (!rival) continue;
    const [from, into] = isOlder(rival, own) ? [id, rival.id] : [rival.id, id];
    await mergeInto(context, from, into, {
      by: VIGIA,
      reason: 'raised at the same moment for the same entity',
    });
  }
}
