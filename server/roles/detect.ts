/**
 * Follows the batch feed: settles the correlation groups that each batch touched, and raises incidents from alerts.
 * Everything it writes may be written again, so it moves its own position last.
 */
import type { Alert } from '../../core/documents.ts';
import type { BatchRecord } from '../../core/store.ts';
import type { Parts } from '../parts.ts';
import { openJudge } from './judge/index.ts';
import { settleGroups } from './settle-groups.ts';
import { steadily } from './steadily.ts';

const POLL_MS = 150;
const RECORDS_AT_ONCE = 50;
const PROGRESS = 'detect';

export interface FollowOptions {
  signal: AbortSignal;
  /** `drained`: return when every published batch is processed. */
  until: 'drained' | 'forever';
}

export async function detect(parts: Parts, options: FollowOptions): Promise<void> {
  const { store } = parts;
  const judge = openJudge(parts);
  if (options.until === 'forever')
    return steadily(parts, {
      name: 'detect',
      signal: options.signal,
      pauseMs: POLL_MS,
      work: () => followOnce(parts),
    });
  while (!options.signal.aborted && (await followOnce(parts))) {
    // One round for every piece of the feed, until nothing is left.
  }
  if (!options.signal.aborted) await judge.settle();

  async function followOnce({ incidents, now }: Parts): Promise<boolean> {
    const progress = await store.documents.get('progress', PROGRESS);
    const positions = { ...progress?.body.positions };
    const records: BatchRecord[] = [];
    for (const { writer, last } of await store.batches.writers()) {
      if (last <= (positions[writer] ?? 0)) continue;
      const part = await store.batches.follow(writer, positions[writer] ?? 0, RECORDS_AT_ONCE);
      records.push(...part);
      if (part.length > 0) positions[writer] = part.at(-1)!.number;
    }
    if (records.length === 0) return false;
    const alerts = [
      ...(await loadAlerts(records)),
      ...(await correlate(records)),
      ...(await judge.follow(records)),
    ];
    alerts.sort((a, b) => a.from.localeCompare(b.from) || a.id.localeCompare(b.id));
    const raised = await incidents.raise(alerts);
    await observeRaised(raised.created, alerts);
    const body = { positions, at: new Date(now()).toISOString() };
    if (progress) await store.documents.update('progress', PROGRESS, body, progress.version);
    else await store.documents.create('progress', PROGRESS, body);
    return true;
  }

  /** New incidents by severity, and how long it took from the reading of their first alert's record. */
  async function observeRaised(created: readonly string[], alerts: readonly Alert[]): Promise<void> {
    for (const id of created) {
      const incident = await store.documents.get('incident', id);
      if (!incident) continue;
      parts.metrics.count('vigia_incidents_raised_total', { severity: incident.body.severity });
    }
    if (created.length === 0) return;
    const read = Math.min(
      ...alerts.filter(({ kind }) => kind === 'event').map((alert) => Date.parse(alert.created)),
    );
    if (Number.isFinite(read))
      parts.metrics.observe('vigia_event_to_incident_seconds', undefined, (parts.now() - read) / 1_000);
  }

  async function loadAlerts(records: readonly BatchRecord[]): Promise<Alert[]> {
    const ids = [...new Set(records.flatMap((record) => record.alerts))];
    const found = await Promise.all(ids.map((id) => store.documents.get('alert', id)));
    return found.flatMap((alert) => (alert ? [alert.body] : []));
  }

  async function correlate(records: readonly BatchRecord[]): Promise<Alert[]> {
    const groups = new Map<string, { from: string; to: string }>();
    for (const { group, from, to } of records.flatMap((record) => record.touched)) {
      const span = groups.get(group);
      groups.set(
        group,
        span ? { from: from < span.from ? from : span.from, to: to > span.to ? to : span.to } : { from, to },
      );
    }
    return settleGroups(parts, groups);
  }
}
