/** Brings an incident's counters, span, severity and title in line with its alerts. Safe to repeat and with several writers. */
import { isDeepStrictEqual } from 'node:util';
import type { Incident } from '../core/documents.ts';
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
  { reopen = false } = {},
): Promise<Stored<Incident>> {
  return updateIncident(context, id, async (incident) => {
    const merged = await members(context, id);
    const alerts = await alertsOf(context, [id, ...merged.map((member) => member.id)]);
    const at = isoNow(context);
    const counted = summarise(
      incident,
      alerts.map(({ body }) => body),
      context.keys,
      context.policies,
      at,
    );
    const grew = counted.alertCount > incident.alertCount || counted.eventCount > incident.eventCount;
    const next =
      reopen && grew && incident.state === 'closed' && !incident.mergedInto ? reopened(counted, at) : counted;
    return isDeepStrictEqual(next, incident) ? undefined : next;
  });
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
