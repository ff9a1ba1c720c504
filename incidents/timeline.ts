/** One stream of what happened in an incident: rule hits, events, people, playbook runs. Pure; texts are as outside wrote them. */
import type { Alert, Incident, JournalEntry } from '../core/documents.ts';
import type { Event } from '../core/event.ts';
import { VIGIA } from './summary.ts';

export interface TimelineEntry {
  /** When it happened (ISO, UTC). */
  at: string;
  /** When Vigia learned of it, where that differs. */
  learned?: string;
  kind: 'rule' | 'event' | 'change' | 'note' | 'run';
  /** Person, `vigia`, or the host an event comes from. */
  by: string;
  /** One line; outside text: make it visible before it reaches a screen or a file. */
  text: string;
  /** What the entry is about: id of the alert, event or run. */
  id?: string;
  /** Number of the merged incident it comes from. */
  incident?: string;
}

export interface Timeline {
  entries: TimelineEntry[];
  /** Distinct events behind the alerts, and how many of them are in `entries` (the oldest). */
  events: { total: number; shown: number };
}

export interface TimelineParts {
  /** The incident and what was merged into it. */
  incidents: readonly Incident[];
  alerts: readonly Alert[];
  events: readonly Event[];
  totalEvents: number;
  journal: readonly JournalEntry[];
}

export function timelineOf({ incidents, alerts, events, totalEvents, journal }: TimelineParts): Timeline {
  const root = incidents[0];
  const entries = [
    ...alerts.flatMap(ruleEntries),
    ...events.map(eventEntry),
    ...incidents.flatMap((incident) =>
      [...changeEntries(incident), ...noteEntries(incident)].map((entry) =>
        incident === root ? entry : { ...entry, incident: incident.number },
      ),
    ),
    ...journal.map(runEntry),
  ];
  // A stable sort: at equal times the order above stands, so a rule hit comes before its events.
  entries.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  return { entries, events: { total: totalEvents, shown: events.length } };
}

function ruleEntries(alert: Alert): TimelineEntry[] {
  const count = `${alert.eventCount} event${alert.eventCount === 1 ? '' : 's'}`;
  const fired: TimelineEntry = {
    at: alert.from,
    learned: alert.created,
    kind: 'rule',
    by: VIGIA,
    text: `${alert.rule.level}: ${alert.rule.title} (${count}${alert.from === alert.to ? '' : `, last ${alert.to}`})`,
    id: alert.id,
  };
  const withdrawn = alert.history.filter((change) => change.field === 'state');
  return [
    fired,
    ...withdrawn.map(
      (change): TimelineEntry => ({
        at: change.at,
        kind: 'rule',
        by: change.by,
        text: `${alert.rule.title}: ${String(change.from)} → ${String(change.to)}${change.reason ? ` (${change.reason})` : ''}`,
        id: alert.id,
      }),
    ),
  ];
}

function eventEntry(event: Event): TimelineEntry {
  const { code, action, dataset } = event.event;
  const target = event.user?.target as { name?: string } | undefined;
  const about = event.message ?? [
    action,
    event.user?.name,
    target?.name,
    event.group?.name,
    event.source?.ip,
  ];
  const parts = [code ?? (event.message === undefined ? undefined : action), ...[about].flat()];
  const hosts = [event.host?.name, event.winlog?.computer_name, event.vigia?.source?.id];
  return {
    at: event['@timestamp'],
    learned: event.event.created,
    kind: 'event',
    by: hosts.find((host) => typeof host === 'string' && host !== '') ?? event.event.dataset,
    text: parts.filter((part) => part !== undefined).join(' ') || dataset,
    id: event.event.id,
  };
}

const shown = (value: unknown) => (value === null || value === undefined ? '–' : String(value));

function changeEntries(incident: Incident): TimelineEntry[] {
  return incident.history.map((change) => ({
    at: change.at,
    kind: 'change',
    by: change.by,
    text: `${change.field}: ${shown(change.from)} → ${shown(change.to)}${change.reason ? ` (${change.reason})` : ''}`,
  }));
}

const noteEntries = (incident: Incident): TimelineEntry[] =>
  incident.notes.map((note) => ({ at: note.at, kind: 'note', by: note.by, text: note.text }));

const runEntry = (entry: JournalEntry): TimelineEntry => ({
  at: entry.at,
  kind: 'run',
  by: entry.by,
  text: entry.step === undefined ? entry.entry : `step ${entry.step + 1}: ${entry.entry}`,
  id: entry.run,
});
