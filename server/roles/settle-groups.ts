/** Settles the correlation groups that batches touched: creates, grows, merges or withdraws their alerts; one search for all. */
import { and, isIn } from '../../core/conditions/tree.ts';
import type { Alert } from '../../core/documents.ts';
import { VigiaError } from '../../core/errors.ts';
import { findAll } from '../../core/find-all.ts';
import type { Stored } from '../../core/store.ts';
import { suppressEpisode } from '../../detections/index.ts';
import type { Parts } from '../parts.ts';
import { type Episode, type Group, loadEpisodes } from './episodes.ts';

/** The alerts of every episode that the spans touch, and those withdrawn, as they now stand in the store. */
export async function settleGroups(
  parts: Parts,
  touched: ReadonlyMap<string, { from: string; to: string }>,
): Promise<Alert[]> {
  const groups: Group[] = [];
  for (const [key, span] of touched) {
    const rule = parts.detection.correlation(key.slice(0, key.lastIndexOf('|')));
    if (rule) groups.push({ key, rule, from: Date.parse(span.from), to: Date.parse(span.to) });
  }
  if (groups.length === 0) return [];
  const episodes = (await loadEpisodes(parts, groups)).filter(({ matches }) => matches.length > 0);
  const stored = await openAlerts(parts, episodes);
  const { exceptions } = await parts.detection.known();
  const settled: Alert[] = [];
  for (const { group, matches } of episodes) {
    const own = stored.filter(({ body }) => body.group?.key === group.key);
    const alerts = group.rule.settle(matches).map((alert) => suppressEpisode(alert, matches, exceptions));
    for (const alert of alerts)
      settled.push(
        await upsert(
          parts,
          alert,
          own.find(({ id }) => id === alert.id),
        ),
      );
    const kept = new Set(alerts.map(({ id }) => id));
    const [first, last] = [matches[0]!.event.at, matches.at(-1)!.event.at];
    for (const one of own) {
      if (kept.has(one.id) || one.body.from < first || one.body.from > last) continue;
      settled.push(...(await withdraw(parts, one)));
    }
  }
  return settled;
}

/** Alerts that these groups have, around the time of their episodes. */
async function openAlerts(parts: Parts, episodes: readonly Episode[]): Promise<Stored<Alert>[]> {
  if (episodes.length === 0) return [];
  const times = episodes.flatMap(({ matches }) => [matches[0]!.event.at, matches.at(-1)!.event.at]).sort();
  const where = and(
    isIn(
      'group.key',
      episodes.map(({ group }) => group.key),
    ),
    isIn('state', ['open', 'suppressed']),
    { op: 'range', field: 'from', gte: times[0]!, lte: times.at(-1)! },
  );
  return findAll(parts.store.documents, 'alert', { where });
}

async function upsert({ store, now }: Parts, alert: Alert, known: Stored<Alert> | undefined): Promise<Alert> {
  for (let stored = known; ; stored = await store.documents.get('alert', alert.id)) {
    if (!stored) {
      if ((await store.documents.create('alert', alert.id, alert)) === 'created') return alert;
      continue;
    }
    const { body } = stored;
    // What people may have seen is not hidden afterwards.
    const { exception: _, ...shown } = alert;
    const settled: Alert = body.state === 'open' ? { ...shown, state: 'open' } : alert;
    if (body.eventCount === alert.eventCount && body.to === alert.to && body.state === settled.state)
      return body;
    const change = {
      at: new Date(now()).toISOString(),
      by: 'correlation',
      field: 'eventCount',
      from: body.eventCount,
      to: alert.eventCount,
    };
    const grown: Alert = {
      ...settled,
      created: body.created,
      ...(body.incident ? { incident: body.incident } : {}),
      history: [...body.history, change],
    };
    const { version } = stored;
    if (await wrote(() => store.documents.update('alert', alert.id, grown, version))) return grown;
  }
}

/** The episode no longer exists: late events merged it into another or moved its start. */
async function withdraw({ store, now }: Parts, { id, body, version }: Stored<Alert>): Promise<Alert[]> {
  const change = {
    at: new Date(now()).toISOString(),
    by: 'correlation',
    field: 'state',
    from: body.state,
    to: 'withdrawn',
    reason: 'late events changed the episode',
  };
  const withdrawn: Alert = { ...body, state: 'withdrawn', history: [...body.history, change] };
  return (await wrote(() => store.documents.update('alert', id, withdrawn, version))) ? [withdrawn] : [];
}

/** False when somebody else changed the document first; the next batch of the group looks again. */
async function wrote(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (cause) {
    if (cause instanceof VigiaError && cause.code === 'conflict') return false;
    throw cause;
  }
}
