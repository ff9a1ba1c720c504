/**
 * Judges first-seen values of the groups that batches touched. Alerts are written before the memory, so that a process may
 * die between any two writes: the batch is judged again and comes to the same. A memory that is missing is made from the
 * stored matches.
 */
import { equals, isIn } from '../../../core/conditions/tree.ts';
import type { Alert, Match, RuleStateOf, Stay } from '../../../core/documents.ts';
import { errors } from '../../../core/errors.ts';
import { findAll } from '../../../core/find-all.ts';
import { eventAlertId } from '../../../core/ids.ts';
import type { Stored } from '../../../core/store.ts';
import {
  addSightings,
  type DetectionRule,
  firstSeenAlert,
  isLearning,
  suppressEpisode,
} from '../../../detections/index.ts';
import type { Parts } from '../../parts.ts';
import { keepAlert, withdrawAlert } from './keep.ts';
import { firstAfter, lastBefore, matchesIn } from './matches.ts';
import type { Touched } from './touched.ts';

type Memory = RuleStateOf<'first-seen'>;

/** The last sighting is written when it moved by this part of the span: a busy value costs no write for each batch. */
const LAG = 1 / 50;

export interface FirstSeenContext {
  parts: Parts;
  /** Since when (event time) the rule has seen the events of a source. */
  since(rule: string, source: string): string | undefined;
  /** Is there room for one more value of the rule? Counts it when there is. */
  hasRoom(rule: DetectionRule): Promise<boolean>;
}

export async function judgeFirstSeen(
  context: FirstSeenContext,
  touched: readonly Touched[],
): Promise<Alert[]> {
  if (touched.length === 0) return [];
  const { parts } = context;
  const keys = touched.map(({ key }) => key);
  const stored = await findAll(parts.store.documents, 'rule-state', { where: isIn('key', keys) });
  const memories = new Map(
    stored.flatMap((one) =>
      one.body.kind === 'first-seen' ? [[one.body.key, one as Stored<Memory>] as const] : [],
    ),
  );
  const work = new Map(
    touched.map((group): [string, Work] => [
      group.key,
      { group, memory: memories.get(group.key), stays: [], begun: new Map() },
    ]),
  );
  for (const one of work.values()) one.stays = await staysBefore(parts, one);
  for await (const { key, match } of matchesIn(parts, touched)) see(work.get(key)!, match);
  const alerts: Alert[] = [];
  for (const one of work.values()) alerts.push(...(await settle(context, one)));
  return alerts;
}

interface Work {
  group: Touched;
  memory: Stored<Memory> | undefined;
  stays: Stay[];
  /** The matches that began the stays, as far as they were touched. */
  begun: Map<string, Match>;
}

const spanOf = ({ group }: Work): number => group.rule.extensions!.firstSeen!.withinMs;
const moved = (at: string, ms: number): string => new Date(Date.parse(at) + ms).toISOString();

/** What was known before the touched matches; exact where the memory lags behind or is missing. */
async function staysBefore(parts: Parts, work: Work): Promise<Stay[]> {
  const { group, memory } = work;
  const withinMs = spanOf(work);
  const stays = memory?.body.stays ?? [];
  const last = stays.at(-1);
  const gapMs = last ? Date.parse(group.from) - Date.parse(last.last) : Infinity;
  const isSure = last !== undefined && (gapMs <= withinMs || gapMs > withinMs * (1 + LAG));
  if (isSure) return stays;
  const from = last?.last ?? moved(group.from, -withinMs);
  const previous = await lastBefore(parts, group.key, from, group.from);
  return previous ? addSightings(stays, [previous], group.source, withinMs) : stays;
}

/** Only the beginnings of stays are kept, so that a long span of matches needs no more memory than a short one. */
function see(work: Work, match: Match): void {
  const stays = addSightings(work.stays, [match], work.group.source, spanOf(work));
  if (stays.some(({ event }) => event === match.event.id)) work.begun.set(match.event.id, match);
  const replaced =
    work.stays.length !== stays.length || stays.some(({ event }, at) => event !== work.stays[at]!.event);
  work.stays = stays;
  if (!replaced) return;
  const beginnings = new Set(stays.map(({ event }) => event));
  for (const event of work.begun.keys()) if (!beginnings.has(event)) work.begun.delete(event);
}

async function settle(context: FirstSeenContext, work: Work): Promise<Alert[]> {
  const { parts } = context;
  const { group, memory, begun } = work;
  const { rule, key } = group;
  const before = new Map((memory?.body.stays ?? []).map((stay) => [stay.event, stay]));
  const stays = work.stays.map((stay): Stay => {
    const known = before.get(stay.event);
    if (known || !begun.has(stay.event)) return known?.learnt ? { ...stay, learnt: true } : stay;
    const learns = isLearning(stay.at, context.since(rule.id, stay.source), spanOf(work));
    return learns ? { ...stay, learnt: true } : stay;
  });
  const alerts = [...(await raise(parts, work, stays)), ...(await withdraw(parts, work, [...before.keys()]))];
  await remember(context, work, stays, key);
  return alerts;
}

async function raise(parts: Parts, { group, begun }: Work, stays: readonly Stay[]): Promise<Alert[]> {
  const { exceptions } = await parts.detection.known();
  const alerts: Alert[] = [];
  for (const { event, learnt } of stays) {
    const match = begun.get(event);
    if (!match || learnt) continue;
    const alert = firstSeenAlert(group.rule, match, group.key, new Date(parts.now()).toISOString());
    alerts.push(await keepAlert(parts, suppressEpisode(alert, [match], exceptions)));
  }
  return alerts;
}

/** Late sightings moved the beginning of a stay, or joined two: the event that was first is so no longer. */
async function withdraw(parts: Parts, work: Work, before: readonly string[]): Promise<Alert[]> {
  const { group, memory, stays } = work;
  const left = new Set(stays.map(({ event }) => event));
  const replaced = before.filter((event) => !left.has(event));
  if (!memory) {
    const next = await firstAfter(parts, group.key, group.to, moved(group.to, spanOf(work)));
    if (next && !left.has(next.event.id)) replaced.push(next.event.id);
  }
  const oldest = stays[0]?.at ?? '';
  const alerts = await Promise.all(
    replaced.map((event) => {
      const stay = memory?.body.stays.find((one) => one.event === event);
      // Forgotten for want of room is not replaced.
      if (stay && stay.last < oldest) return undefined;
      return withdrawAlert(
        parts,
        eventAlertId(group.rule.id, event),
        'a late event showed the value before this one',
      );
    }),
  );
  return alerts.filter((alert) => alert !== undefined);
}

async function remember(
  { parts, hasRoom }: FirstSeenContext,
  work: Work,
  stays: Stay[],
  key: string,
): Promise<void> {
  const { group, memory, begun } = work;
  const { documents } = parts.store;
  const to = stays.at(-1)?.last ?? group.to;
  if (memory) {
    const isSame =
      stays.length === memory.body.stays.length &&
      stays.every(({ event, last }, at) => {
        const was = memory.body.stays[at]!;
        return event === was.event && Date.parse(last) - Date.parse(was.last) < spanOf(work) * LAG;
      });
    if (!isSame) await documents.update('rule-state', key, { ...memory.body, stays, to }, memory.version);
    return;
  }
  const sample = begun.values().next().value;
  if (!sample || !(await hasRoom(group.rule))) return;
  const { per, fields } = group.rule.extensions!.firstSeen!;
  const values = sample.group[group.rule.id]?.by ?? [];
  const of = Object.fromEntries([...per, ...fields].map((field, index) => [field, values[index] ?? null]));
  const body: Memory = { kind: 'first-seen', rule: { id: group.rule.id }, key, of, stays, to };
  if ((await documents.create('rule-state', key, body)) === 'exists')
    throw errors.conflict(`the memory of rule ${group.rule.id}`);
}

/** How many values each rule remembers, counted in the store when it is first asked. */
export function roomCounter({ store }: Parts): FirstSeenContext['hasRoom'] {
  const counts = new Map<string, number>();
  return async ({ id, extensions }) => {
    let count = counts.get(id);
    if (count === undefined) {
      const buckets = await store.documents.aggregate('rule-state', {
        where: { op: 'and', of: [equals('rule.id', id), equals('kind', 'first-seen')] },
        groupBy: ['rule.id'],
        measure: { kind: 'count' },
      });
      count = buckets[0]?.value ?? 0;
    }
    const hasRoom = count < extensions!.firstSeen!.most;
    counts.set(id, hasRoom ? count + 1 : count);
    return hasRoom;
  };
}
