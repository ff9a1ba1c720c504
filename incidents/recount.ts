/** Brings an incident's counters, span, severity and title in line with its alerts. Safe to repeat and with several writers. */
import { isDeepStrictEqual } from 'node:util';
import type { Alert, Incident } from '../core/documents.ts';
import { isConflict } from '../core/errors.ts';
import type { Stored } from '../core/store.ts';
import { alertsOf, type Context, isoNow, members, updateIncident } from './context.ts';
import { summarise, VIGIA } from './summary.ts';

/** The incident into which this one was merged, at the end of the chain. */
export async function rootOf(context: Context, id: string): Promise<string> {
  const seen = new Set([id]);
  for (let at = id; ; ) {
    const into = (await context.documents.get('incident', at))?.body.mergedInto;
    if (into === undefined || seen.has(into)) return at;
    seen.add(into);
    at = into;
  }
}

/**
 * Alerts are read inside the retry, so that the last writer has seen what all others wrote. With `reopen`, an incident
 * that was closed comes back when its alerts have grown since: nobody would see them there.
 */
export async function recount(
  context: Context,
  id: string,
  options: { reopen?: boolean } = {},
): Promise<Stored<Incident>> {
  return updateIncident(context, id, async (incident) => {
    const merged = await members(context, [id]);
    const alerts = await alertsOf(context, [id, ...merged.map((member) => member.id)]);
    return counted(
      context,
      incident,
      alerts.map(({ body }) => body),
      options,
    );
  });
}

/** The same for many at once, with one search for all; an incident that somebody changed meanwhile is counted alone. */
export async function recountAll(
  context: Context,
  ids: readonly string[],
  options: { reopen?: boolean } = {},
): Promise<void> {
  // Read before their alerts are: a version that still stands afterwards has been counted with all of them.
  const incidents = await Promise.all(ids.map((id) => context.documents.get('incident', id)));
  const [merged, own] = await Promise.all([members(context, ids), alertsOf(context, ids)]);
  const into = new Map(merged.map(({ id, body }) => [id, body.mergedInto!]));
  const rootIn = (id: string): string => {
    const next = into.get(id);
    return next === undefined || ids.includes(id) ? id : rootIn(next);
  };
  const alerts = merged.length === 0 ? own : await alertsOf(context, [...ids, ...into.keys()]);
  const byRoot = Map.groupBy(alerts, ({ body }) => rootIn(body.incident!));
  await Promise.all(
    incidents.map(async (stored) => {
      if (!stored) return;
      const counting = (byRoot.get(stored.id) ?? []).map(({ body }) => body);
      const next = counted(context, stored.body, counting, options);
      if (next === undefined) return;
      try {
        await context.documents.update('incident', stored.id, next, stored.version);
      } catch (error) {
        if (!isConflict(error)) throw error;
        await recount(context, stored.id, options);
      }
    }),
  );
}

/** The incident with its alerts counted; undefined when nothing differs. */
function counted(
  context: Context,
  incident: Incident,
  alerts: readonly Alert[],
  { reopen = false }: { reopen?: boolean },
): Incident | undefined {
  const at = isoNow(context);
  const next = summarise(incident, alerts, context.keys, context.policies, at);
  const grew = next.alertCount > incident.alertCount || next.eventCount > incident.eventCount;
  const final =
    reopen && grew && incident.state === 'closed' && !incident.mergedInto ? reopened(next, at) : next;
  return isDeepStrictEqual(final, incident) ? undefined : final;
}

function reopened({ verdict: _, ...incident }: Incident, at: string): Incident {
  const change = {
    at,
    by: VIGIA,
    field: 'state',
    from: 'closed',
    to: 'new',
    reason: 'its alerts grew after it was closed',
  };
  return { ...incident, state: 'new', history: [...incident.history, change] };
}
