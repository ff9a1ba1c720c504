/** Imports files through the normal pipeline and waits until the last alert is in an incident. */
import { access, constants } from 'node:fs/promises';
import { run } from '../collectors/run.ts';
import { isIn } from '../core/conditions/tree.ts';
import { errors, type Problem } from '../core/errors.ts';
import { deadLetterCounts } from './dead-letter-counts.ts';
import type { Parts } from './parts.ts';
import { deliveryOf } from './roles/collect.ts';
import { detect } from './roles/detect.ts';
import type { SourceSettings } from './settings.ts';
import { sourcesOf } from './sources.ts';

export interface ImportSummary {
  events: { read: number; stored: number; duplicate: number };
  deadLetters: number;
  /** Why records of these sources could not become events, now or earlier. */
  reasons: Record<string, number>;
  alerts: number;
  incidents: { total: number; new: number; bySeverity: Record<string, number> };
}

/** Long imports say how far they are this often. */
const PROGRESS_MS = 3_000;

export async function importOnce(
  parts: Parts,
  settings: readonly SourceSettings[],
  options: { signal: AbortSignal; progress: (line: string) => void },
): Promise<ImportSummary> {
  await checkReadable(settings);
  const before = await countIncidents(parts);
  const alertsBefore = await countAlerts(parts);
  const summary = { read: 0, stored: 0, duplicate: 0, deadLettered: 0 };
  let nextWord = parts.now() + PROGRESS_MS;
  const delivery = deliveryOf(parts, {
    warn: options.progress,
    observe: (facts) => {
      for (const name of ['read', 'stored', 'duplicate', 'deadLettered'] as const)
        summary[name] += facts[name];
      if (parts.now() < nextWord) return;
      nextWord = parts.now() + PROGRESS_MS;
      options.progress(`${facts.source}: ${summary.read} records so far`);
    },
  });
  const sources = (
    await Promise.all(settings.map((one) => sourcesOf(one, parts.settings.state, parts)))
  ).flat();
  for (const source of sources) {
    const already = summary.read;
    await run(source, delivery, { signal: options.signal, until: 'end' });
    options.progress(`${source.id}: ${summary.read - already} records`);
  }
  await detect(parts, { signal: options.signal, until: 'drained' });
  const after = await countIncidents(parts);
  const total = Object.values(after).reduce((sum, count) => sum + count, 0);
  const { deadLettered, ...events } = summary;
  return {
    events,
    deadLetters: deadLettered,
    reasons:
      deadLettered > 0
        ? await reasonsOf(
            parts,
            sources.map(({ id }) => id),
          )
        : {},
    alerts: (await countAlerts(parts)) - alertsBefore,
    incidents: {
      total,
      new: total - Object.values(before).reduce((sum, count) => sum + count, 0),
      bySeverity: after,
    },
  };
}

async function countIncidents({ store }: Parts): Promise<Record<string, number>> {
  const buckets = await store.documents.aggregate('incident', {
    where: { op: 'null', field: 'mergedInto' },
    groupBy: ['severity'],
    measure: { kind: 'count' },
  });
  return Object.fromEntries(buckets.map(({ key: [severity], value }) => [severity ?? 'unknown', value]));
}

async function reasonsOf(parts: Parts, sources: readonly string[]): Promise<Record<string, number>> {
  const reasons: Record<string, number> = {};
  for (const { reason, count } of await deadLetterCounts(parts, isIn('source', [...sources])))
    reasons[reason] = (reasons[reason] ?? 0) + count;
  return reasons;
}

async function countAlerts({ store }: Parts): Promise<number> {
  const buckets = await store.documents.aggregate('alert', {
    groupBy: ['state'],
    measure: { kind: 'count' },
  });
  return buckets.filter(({ key }) => key[0] === 'open').reduce((sum, { value }) => sum + value, 0);
}

/** All unreadable inputs at once. */
export async function checkReadable(settings: readonly SourceSettings[]): Promise<void> {
  const problems: Problem[] = [];
  for (const path of settings.flatMap((one) => one.files ?? [])) {
    await access(path, constants.R_OK).catch((cause: NodeJS.ErrnoException) => {
      problems.push({
        path,
        message:
          cause.code === 'ENOENT' ? 'there is no such file or folder' : `cannot be read: ${cause.message}`,
      });
    });
  }
  if (problems.length > 0) throw errors.invalid('inputs', problems);
}
