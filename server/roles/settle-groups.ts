/** Settles the correlation groups that batches touched: creates, grows, merges or withdraws their alerts. */
import type { Alert, Match } from '../../core/documents.ts';
import { everyDocument } from '../../core/find-all.ts';
import type { BatchRecord } from '../../core/store.ts';
import { type GroupTrack, type Settled, suppressEpisode } from '../../detections/index.ts';
import type { Parts } from '../parts.ts';
import type { GroupMemory } from './group-memory.ts';
import { loadGroups, type Touched } from './load-groups.ts';
import { matchesWithin, type Span } from './spans.ts';
import { writeSettled } from './write-settled.ts';

export interface Settling {
  memory: GroupMemory;
  latenessMs: number;
  /** The newest event time seen so far. */
  newestMs: number;
  /** Every match of a group up to this event time is taken to be there; windows that are over by then are decided. */
  decidedToMs(touched: Touched): number;
  /** Throws when this process may no longer write for these groups. */
  mayWrite(): void;
}

/** Groups loaded and settled together: bounds memory after a restart. */
const GROUPS_AT_ONCE = 2_000;

/** The alerts of every episode that the spans changed, and those withdrawn, as they now stand in the store. */
export async function settleGroups(
  parts: Parts,
  spans: BatchRecord['touched'],
  settling: Settling,
): Promise<Alert[]> {
  const groups = [...Map.groupBy(spans, ({ group }) => group)];
  const alerts: Alert[] = [];
  for (let at = 0; at < groups.length; at += GROUPS_AT_ONCE) {
    const changed = await settleSome(parts, new Map(groups.slice(at, at + GROUPS_AT_ONCE)), settling);
    settling.mayWrite();
    alerts.push(...(await writeSettled(parts, await suppressed(parts, changed))));
  }
  return alerts;
}

/** Episodes that an exception covers as a whole; only rules that one names have their matches looked at. */
async function suppressed(parts: Parts, { fresh, grown, gone }: Settled): Promise<Settled> {
  const { exceptions } = await parts.detection.known();
  const cover = async (alert: Alert): Promise<Alert> => {
    if (!alert.group || !exceptions.concerns(alert.rule.id)) return alert;
    const span = { key: alert.group.key, fromMs: Date.parse(alert.from), toMs: Date.parse(alert.to) };
    const matches: Match[] = [];
    for await (const { body } of everyDocument(parts.store.documents, 'match', {
      where: matchesWithin([span]),
    }))
      matches.push(body);
    return suppressEpisode(alert, matches, exceptions);
  };
  return { fresh: await Promise.all(fresh.map(cover)), grown: await Promise.all(grown.map(cover)), gone };
}

async function settleSome(
  parts: Parts,
  spansByKey: ReadonlyMap<string, BatchRecord['touched']>,
  { memory, latenessMs, newestMs, decidedToMs }: Settling,
): Promise<Settled> {
  const { metrics, log } = parts;
  const touched: Touched[] = [];
  for (const [key, spans] of spansByKey) {
    const rule = parts.detection.correlation(ruleOf(key));
    if (rule) touched.push({ key, rule, ...around(spans) });
  }
  const known = touched.filter(({ key }) => memory.has(key));
  const late = await offerNew(
    parts,
    memory,
    known.flatMap(({ key }) => spansByKey.get(key)!.map((span) => ({ key, ...around([span]) }))),
  );
  for (const key of late) memory.drop(key);
  metrics.count('vigia_correlation_late_total', undefined, late.size);
  const leftOut = (key: string, count: number) => {
    metrics.count('vigia_correlation_left_out_total', undefined, count);
    if (count > 1)
      log.warn(`rule ${ruleOf(key)}: a window is too large for memory, ${count} of its matches are left out`);
  };
  const loaded = await loadGroups(
    parts,
    touched.filter(({ key }) => !memory.has(key)),
    { latenessMs, newestMs, leftOut },
  );
  const all: Settled = { fresh: [], grown: [], gone: [] };
  const settle = (group: Touched, track: GroupTrack, isKept: boolean) => {
    const { fresh, grown, gone } = track.settle(decidedToMs(group));
    all.fresh.push(...fresh);
    all.grown.push(...grown);
    all.gone.push(...gone);
    if (isKept) memory.keep(group.key, track);
  };
  for (const group of known) {
    const track = memory.get(group.key);
    if (track) settle(group, track, true);
  }
  for (const group of loaded) settle(group, group.track, group.isLatest);
  memory.trim();
  metrics.set('vigia_correlation_memory_points', undefined, memory.points());
  return all;
}

/** Gives remembered groups the matches of the spans; answers the keys of those that must be loaded again. */
async function offerNew({ store }: Parts, memory: GroupMemory, spans: readonly Span[]): Promise<Set<string>> {
  const late = new Set<string>();
  const forgotten = new Map<string, Span & { matches: Match[] }>();
  if (spans.length === 0) return late;
  const inOrder = (wanted: readonly Span[]) =>
    everyDocument(store.documents, 'match', { where: matchesWithin(wanted), sort: ['event.at'] });
  for await (const { body } of inOrder(spans)) {
    for (const key of body.groups) {
      const taken = memory.get(key)?.offer(body);
      if (taken === 'again') late.add(key);
      else if (typeof taken === 'object')
        forgotten.set(`${key}|${taken.fromMs}`, { key, ...taken, matches: [] });
    }
  }
  if (forgotten.size === 0) return late;
  const byKey = Map.groupBy(forgotten.values(), ({ key }) => key);
  for await (const { body } of inOrder([...forgotten.values()])) {
    const timeMs = Date.parse(body.event.at);
    for (const span of body.groups.flatMap((key) => byKey.get(key) ?? []))
      if (timeMs >= span.fromMs && timeMs <= span.toMs) span.matches.push(body);
  }
  for (const span of forgotten.values()) memory.get(span.key)?.refill(span, span.matches);
  return late;
}

export const ruleOf = (key: string): string => key.slice(0, key.lastIndexOf('|'));

const around = (spans: BatchRecord['touched']): Pick<Span, 'fromMs' | 'toMs'> => ({
  fromMs: spans.reduce((least, { from }) => Math.min(least, Date.parse(from)), Infinity),
  toMs: spans.reduce((most, { to }) => Math.max(most, Date.parse(to)), -Infinity),
});
