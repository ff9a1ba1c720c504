/** Settles one correlation group around a span of event time: creates, grows, merges or withdraws its alerts. */

import type { Condition } from '../../core/conditions/tree.ts';
import { and, equals } from '../../core/conditions/tree.ts';
import type { Alert, Match } from '../../core/documents.ts';
import { VigiaError } from '../../core/errors.ts';
import type { Stored } from '../../core/store.ts';
import { everyDocument } from '../every-document.ts';
import type { Parts } from '../parts.ts';

/** The alerts of every episode that the span touches, as they now stand in the store. */
export async function settleGroup(
  parts: Parts,
  group: string,
  span: { from: string; to: string },
): Promise<Alert[]> {
  const rule = parts.detection.correlation(group.slice(0, group.lastIndexOf('|')));
  if (!rule) return [];
  const matches = await episodeMatches(parts, group, span, rule.timespanMs);
  const settled = rule.settle(matches);
  const written: Alert[] = [];
  for (const alert of settled) written.push(await upsert(parts, alert));
  await withdrawOthers(parts, group, matches, settled);
  return written;
}

/** All matches of the group that hang together with the span: widened until a whole timespan without a match lies on both sides. */
async function episodeMatches(
  parts: Parts,
  group: string,
  span: { from: string; to: string },
  timespanMs: number,
): Promise<Match[]> {
  const found = new Map<string, Match>();
  const load = async (from: number, to: number): Promise<Match[]> => {
    const between: Condition = {
      op: 'range',
      field: 'event.at',
      gte: new Date(from).toISOString(),
      lte: new Date(to).toISOString(),
    };
    const fresh: Match[] = [];
    const where = and(equals('groups', group), between);
    for await (const { body } of everyDocument(parts.store.documents, 'match', {
      where,
      sort: ['event.at'],
    })) {
      if (found.has(body.id)) continue;
      found.set(body.id, body);
      fresh.push(body);
    }
    return fresh;
  };
  let [from, to] = [Date.parse(span.from), Date.parse(span.to)];
  await load(from - timespanMs, to + timespanMs);
  for (;;) {
    let [first, last] = [from, to];
    for (const match of found.values()) {
      const at = Date.parse(match.event.at);
      [first, last] = [Math.min(first, at), Math.max(last, at)];
    }
    const earlier = first < from ? await load(first - timespanMs, first) : [];
    const later = last > to ? await load(last, last + timespanMs) : [];
    [from, to] = [first, last];
    if (earlier.length === 0 && later.length === 0) break;
  }
  return [...found.values()].sort(
    (a, b) => a.event.at.localeCompare(b.event.at) || a.event.id.localeCompare(b.event.id),
  );
}

async function upsert({ store, now }: Parts, alert: Alert): Promise<Alert> {
  for (;;) {
    if ((await store.documents.create('alert', alert.id, alert)) === 'created') return alert;
    const stored = await store.documents.get('alert', alert.id);
    if (!stored) continue;
    const { body } = stored;
    if (body.eventCount === alert.eventCount && body.to === alert.to && body.state === 'open') return body;
    const grown: Alert = {
      ...alert,
      created: body.created,
      ...(body.incident ? { incident: body.incident } : {}),
      history: [
        ...body.history,
        {
          at: new Date(now()).toISOString(),
          by: 'correlation',
          field: 'eventCount',
          from: body.eventCount,
          to: alert.eventCount,
        },
      ],
    };
    if (await wrote(() => store.documents.update('alert', alert.id, grown, stored.version))) return grown;
  }
}

/** Alerts of this group whose episode no longer exists: late events merged it into another or moved its start. */
async function withdrawOthers(
  { store, now, incidents }: Parts,
  group: string,
  matches: readonly Match[],
  settled: readonly Alert[],
): Promise<void> {
  if (matches.length === 0) return;
  const kept = new Set(settled.map((alert) => alert.id));
  const where = and(equals('group.key', group), equals('state', 'open'), {
    op: 'range',
    field: 'from',
    gte: matches[0]!.event.at,
    lte: matches.at(-1)!.event.at,
  });
  const gone: Stored<Alert>[] = [];
  for await (const alert of everyDocument(store.documents, 'alert', { where }))
    if (!kept.has(alert.id)) gone.push(alert);
  for (const { id, body, version } of gone) {
    const change = {
      at: new Date(now()).toISOString(),
      by: 'correlation',
      field: 'state',
      from: body.state,
      to: 'withdrawn',
      reason: 'late events changed the episode',
    };
    const withdrawn: Alert = { ...body, state: 'withdrawn', history: [...body.history, change] };
    if (await wrote(() => store.documents.update('alert', id, withdrawn, version)))
      await incidents.raise([withdrawn]);
  }
}

/** False when somebody else changed the document first; the caller looks again. */
async function wrote(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (cause) {
    if (cause instanceof VigiaError && cause.code === 'conflict') return false;
    throw cause;
  }
}
