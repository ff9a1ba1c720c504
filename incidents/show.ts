/** One incident with everything that explains it: alerts, timeline, what was merged into it. */
import type { Alert, Incident, JournalEntry } from '../core/documents.ts';
import type { Event } from '../core/event.ts';
import type { Version } from '../core/store.ts';
import { alertsOf, type Context, findIncident, members } from './context.ts';
import { type Timeline, timelineOf } from './timeline.ts';

export interface ShowOptions {
  /** Journal entries of the runs of this incident. */
  journal?: readonly JournalEntry[];
  /** How many events the timeline holds at most (the oldest); 200 when left out. The counts stay exact. */
  maxEvents?: number;
}

export interface ShownIncident {
  incident: Incident;
  version: Version;
  /** By event time, withdrawn ones included. */
  alerts: Alert[];
  /** Incidents merged into this one. */
  merged: Incident[];
  timeline: Timeline;
}

export async function show(
  context: Context,
  idOrNumber: string,
  options: ShowOptions = {},
): Promise<ShownIncident> {
  const stored = await findIncident(context, idOrNumber);
  const merged = (await members(context, [stored.id])).map(({ body }) => body);
  const incidents = [stored.body, ...merged];
  const alerts = (
    await alertsOf(
      context,
      incidents.map(({ id }) => id),
    )
  ).map(({ body }) => body);
  const ids = [...new Set(alerts.filter(({ state }) => state === 'open').flatMap((alert) => alert.events))];
  const events = await oldest(context, ids, options.maxEvents ?? 200);
  const timeline = timelineOf({
    incidents,
    alerts,
    events,
    totalEvents: alerts
      .filter(({ state }) => state === 'open')
      .reduce((sum, alert) => sum + Math.max(0, alert.eventCount - alert.events.length), ids.length),
    journal: options.journal ?? [],
  });
  return { incident: stored.body, version: stored.version, alerts, merged, timeline };
}

/** Event ids begin with the record's own time, so that their text order is time order. */
async function oldest(context: Context, ids: string[], limit: number): Promise<Event[]> {
  const events = await context.events.get(ids.sort().slice(0, limit));
  return events.filter((event) => event !== undefined);
}
