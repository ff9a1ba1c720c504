/** What people must hear about playbooks becomes an alert, and so an incident; each trouble once. */
import { and, equals } from '../core/conditions/tree.ts';
import type { Alert, Incident } from '../core/documents.ts';
import { findAll } from '../core/find-all.ts';
import { hashId } from '../core/ids.ts';
import type { Concern, ConcernKind } from '../playbooks/index.ts';
import type { Parts } from './parts.ts';

export const CONCERN_KINDS: readonly ConcernKind[] = [
  'stuck',
  'unanswered',
  'unheard',
  'unapproved',
  'break-glass',
  'unreviewed',
  'stopped',
  'not-started',
];

const alertOf = ({ kind, key, level, title, detail, since, user }: Concern, created: string): Alert => ({
  id: hashId('alert', 'own', kind, key),
  kind: 'own',
  rule: { id: `vigia.playbooks.${kind}`, title, level, hash: '', tags: [] },
  from: since,
  to: since,
  created,
  events: [],
  eventCount: 0,
  datasets: [],
  entities: user === undefined ? [] : [{ type: 'user', name: user }],
  detail,
  state: 'open',
  history: [],
});

/** Safe to repeat: an alert that is there is raised again only when it belongs to no incident yet. */
export async function tellConcern(
  { store, incidents, metrics, now }: Parts,
  concern: Concern,
): Promise<void> {
  const alert = alertOf(concern, new Date(now()).toISOString());
  const known = (await store.documents.get('alert', alert.id))?.body;
  if (known?.incident !== undefined) return;
  if ((await store.documents.create('alert', alert.id, alert)) === 'created')
    metrics.count('vigia_alerts_total', { level: alert.rule.level });
  await incidents.raise([alert]);
}

/** Escalations, reviews, and whatever stands still. */
export async function attendToRuns(parts: Parts): Promise<void> {
  const concerns = await parts.playbooks.attend();
  for (const concern of concerns) await tellConcern(parts, concern);
  for (const kind of CONCERN_KINDS)
    if (kind !== 'not-started')
      parts.metrics.set(
        'vigia_playbook_concerns',
        { kind },
        concerns.filter((concern) => concern.kind === kind).length,
      );
}

const MINUTE_MS = 60_000;

/** Incidents that are new, young, and rest on something that has just happened. */
export async function startAutomatic(parts: Parts): Promise<void> {
  const { store, playbooks, now } = parts;
  const { starts, fresh_minutes } = playbooks.automation();
  if (starts.length === 0) return;
  const since = new Date(now() - fresh_minutes * MINUTE_MS).toISOString();
  const where = and(equals('state', 'new'), { op: 'range', field: 'created', gte: since });
  for (const { body } of await findAll(store.documents, 'incident', { where }))
    if (await isFresh(parts, body)) await playbooks.startFor(body, (concern) => tellConcern(parts, concern));
}

/** Alerts made by looking at old events again start nothing. */
async function isFresh({ store }: Parts, { id }: Incident): Promise<boolean> {
  const alerts = await findAll(store.documents, 'alert', { where: equals('incident', id) });
  return alerts.some(({ body }) => body.state === 'open' && body.backfill !== true);
}
