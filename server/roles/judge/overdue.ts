/**
 * Tells by the clock what did not come. Whether Vigia could have seen it is asked of the batch records: nothing read from the
 * source since it was due means that nobody can tell, and the alert says that instead.
 */
import { and, equals } from '../../../core/conditions/tree.ts';
import type { Alert } from '../../../core/documents.ts';
import { everyDocument } from '../../../core/find-all.ts';
import type { Stored } from '../../../core/store.ts';
import {
  type DetectionRule,
  dueAfter,
  gapAlert,
  groupKey,
  type Sighting,
  sightingOf,
  suppressGap,
} from '../../../detections/index.ts';
import type { Parts } from '../../parts.ts';
import type { Expected } from './absent.ts';
import { keepAlert } from './keep.ts';
import { lastBefore } from './matches.ts';

/** Of a source that hands over in several orders, the newest of so many batches is looked at. */
const RECENT_BATCHES = 10;

export interface Reading {
  /** Event time of the newest event that was read, and when that was. */
  newest: string | undefined;
  readAt: string | undefined;
}

/** `upMs`: since when this process judges; a service that just started first reads what it missed. */
export async function judgeOverdue(parts: Parts, upMs: number): Promise<Alert[]> {
  const alerts: Alert[] = [];
  const readings = new Map<string, Promise<Reading>>();
  const readingOf = (source: string) => {
    const known = readings.get(source) ?? readTo(parts, source);
    readings.set(source, known);
    return known;
  };
  for (const rule of parts.detection.judged) {
    const absent = rule.extensions?.absent;
    if (!absent || parts.now() - upMs < absent.graceMs) continue;
    if (absent.per.length === 0) await waitFor(parts, rule);
    const before = new Date(parts.now() - absent.everyMs - absent.graceMs).toISOString();
    const where = and(equals('rule.id', rule.id), equals('kind', 'expected'), {
      op: 'range',
      field: 'to',
      lte: before,
    });
    for await (const stored of everyDocument(parts.store.documents, 'rule-state', { where })) {
      if (stored.body.kind !== 'expected' || stored.body.gap === 'absence') continue;
      // The kind says which of the shapes it is.
      const alert = await judge(parts, rule, stored as Stored<Expected>, readingOf);
      if (alert) alerts.push(alert);
    }
  }
  return alerts;
}

/** A rule without groups waits from the moment when it is first loaded, even when nothing ever comes. */
async function waitFor({ store: { documents }, now }: Parts, { id }: DetectionRule): Promise<void> {
  const key = groupKey(id, []);
  if (await documents.get('rule-state', key)) return;
  const at = new Date(now()).toISOString();
  const last = { event: '', at, dataset: '', entities: [] };
  await documents.create('rule-state', key, {
    kind: 'expected',
    rule: { id },
    key,
    of: {},
    last,
    source: '',
    to: at,
  });
}

async function judge(
  parts: Parts,
  rule: DetectionRule,
  { id, body, version }: Stored<Expected>,
  readingOf: (source: string) => Promise<Reading>,
): Promise<Alert | undefined> {
  const absent = rule.extensions!.absent!;
  const nowMs = parts.now();
  // The memory may lag behind a little.
  const match = await lastBefore(parts, body.key, body.last.at, new Date(nowMs + 1).toISOString());
  const last: Sighting = match ? sightingOf(match) : body.last;
  const dueMs = dueAfter(absent, last.at);
  const next = { ...body, last, to: last.at > body.to ? last.at : body.to };
  if (nowMs <= dueMs + absent.graceMs) {
    if (last.event !== body.last.event) await parts.store.documents.update('rule-state', id, next, version);
    return undefined;
  }
  const { newest, readAt } = await readingOf(body.source);
  const isSeen = newest !== undefined && Date.parse(newest) >= dueMs;
  const isCatchingUp = !isSeen && readAt !== undefined && nowMs - Date.parse(readAt) < absent.graceMs;
  if (isCatchingUp) return undefined;
  const end = isSeen
    ? ({ kind: 'absence' } as const)
    : ({ kind: 'blind', source: body.source, readTo: newest } as const);
  const { exceptions } = await parts.detection.known();
  const gap = gapAlert(
    { rule, key: body.key, by: body.of, before: last, end },
    new Date(nowMs).toISOString(),
  );
  const alert = await keepAlert(parts, suppressGap(gap, exceptions));
  await parts.incidents.raise([alert]);
  if (body.gap !== end.kind || last.event !== body.last.event)
    await parts.store.documents.update('rule-state', id, { ...next, gap: end.kind }, version);
  return alert;
}

/** How far a source was read; without a name, the source that was read furthest. */
async function readTo({ store: { batches } }: Parts, source: string): Promise<Reading> {
  let newest: string | undefined;
  let readAt: string | undefined;
  const later = (left: string | undefined, right: string | undefined) =>
    left === undefined || (right !== undefined && right > left) ? right : left;
  const last = await Promise.all((source === '' ? await batches.writers() : [source]).map(batches.last));
  const places = last.flatMap((record) =>
    record ? [{ writer: record.writer, after: Math.max(0, record.number - RECENT_BATCHES) }] : [],
  );
  for (const { at, span } of await batches.follow(places, RECENT_BATCHES)) {
    readAt = later(readAt, at);
    newest = later(newest, span?.to);
  }
  return { newest, readAt };
}
