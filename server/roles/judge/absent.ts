/**
 * Follows what is expected: each match that comes ends a gap, and a late one may show that there was none. The gaps that go on
 * are told by the clock, in `overdue.ts`. Alerts are written before the memory; a lost memory is made again from the matches.
 */
import { isIn } from '../../../core/conditions/tree.ts';
import type { Alert, RuleStateOf } from '../../../core/documents.ts';
import { errors } from '../../../core/errors.ts';
import { findAll } from '../../../core/find-all.ts';
import type { Stored } from '../../../core/store.ts';
import {
  dueAfter,
  gapAlert,
  gapAlertId,
  gapsBetween,
  type Sighting,
  sightingOf,
  suppressGap,
} from '../../../detections/index.ts';
import type { Parts } from '../../parts.ts';
import { keepAlert, withdrawAlert } from './keep.ts';
import { firstAfter, lastBefore, matchesIn } from './matches.ts';
import type { Touched } from './touched.ts';

export type Expected = RuleStateOf<'expected'>;

/** The last sighting is written when it moved by this part of the span: a heartbeat costs no write for each batch. */
export const LAG = 1 / 50;
/** An event that claims to be later than this counts when its time has come: a forged one must not silence a rule. */
const AHEAD_MS = 3_600_000;
const ALWAYS = { from: '0000-01-01T00:00:00.000Z', to: '9999-12-31T23:59:59.999Z' };

export async function judgeAbsent(parts: Parts, touched: readonly Touched[]): Promise<Alert[]> {
  if (touched.length === 0) return [];
  const where = isIn(
    'key',
    touched.map(({ key }) => key),
  );
  const memories = new Map(
    (await findAll(parts.store.documents, 'rule-state', { where })).flatMap((one) =>
      one.body.kind === 'expected' ? [[one.body.key, one as Stored<Expected>] as const] : [],
    ),
  );
  const unsure = touched.filter((group) => !isOnTime(parts, group, memories.get(group.key)?.body));
  const seen = new Map(unsure.map(({ key }): [string, Map<string, Sighting>] => [key, new Map()]));
  const latest = new Date(parts.now() + AHEAD_MS).toISOString();
  for await (const { key, match } of matchesIn(parts, unsure))
    if (match.event.at <= latest) seen.get(key)!.set(match.event.id, sightingOf(match));
  const alerts: Alert[] = [];
  for (const group of touched) {
    const sightings = seen.get(group.key);
    const memory = memories.get(group.key);
    if (sightings) alerts.push(...(await settle(parts, group, memory, [...sightings.values()])));
    else await keepLast(parts, group, memory!);
  }
  return alerts;
}

/** The usual: it came after the last one and in time, and no gap was open. Nothing has to be looked up. */
function isOnTime(parts: Parts, { rule, from, to }: Touched, memory: Expected | undefined): boolean {
  if (!memory || memory.gap || from < memory.to || memory.last.event === '') return false;
  return (
    Date.parse(to) <= dueAfter(rule.extensions!.absent!, memory.to) &&
    Date.parse(to) <= parts.now() + AHEAD_MS
  );
}

async function keepLast(
  { store }: Parts,
  { key, rule, to, source }: Touched,
  { body, version }: Stored<Expected>,
) {
  const movedMs = Date.parse(to) - Date.parse(body.to);
  if (movedMs < rule.extensions!.absent!.everyMs * LAG && body.source === source) return;
  await store.documents.update('rule-state', key, { ...body, to, source }, version);
}

async function settle(
  parts: Parts,
  group: Touched,
  memory: Stored<Expected> | undefined,
  seen: readonly Sighting[],
): Promise<Alert[]> {
  const { rule, key } = group;
  const ordered = [...seen].sort((a, b) => a.at.localeCompare(b.at) || a.event.localeCompare(b.event));
  const [first, last] = [ordered[0], ordered.at(-1)];
  if (!first || !last) return [];
  const before = await lastBefore(parts, key, ALWAYS.from, first.at);
  const after = await firstAfter(parts, key, last.at, ALWAYS.to);
  // Before anything came, the rule waited since it was loaded.
  const awaited = memory?.body.last.event === '' && memory.body.last.at < first.at ? [memory.body.last] : [];
  const line = [
    ...(before ? [sightingOf(before)] : awaited),
    ...ordered,
    ...(after ? [sightingOf(after)] : []),
  ];
  const by = memory?.body.of ?? byOf(group, await lastBefore(parts, key, last.at, ALWAYS.to));
  const { exceptions } = await parts.detection.known();
  const created = new Date(parts.now()).toISOString();
  const alerts: Alert[] = [];
  for (const { before: start, after: end, isTooLong } of gapsBetween(rule.extensions!.absent!, line)) {
    const gap = { rule, key, by, before: start, end: { kind: 'ended', at: end.at } as const };
    const alert = isTooLong
      ? await keepAlert(parts, suppressGap(gapAlert(gap, created), exceptions))
      : await withdrawAlert(
          parts,
          gapAlertId(rule.id, key, start.event),
          'it came in time, and was read late',
        );
    if (alert) alerts.push(alert);
  }
  if (!after) await remember(parts, group, memory, { of: by, last });
  return alerts;
}

function byOf(
  { rule }: Touched,
  match: Awaited<ReturnType<typeof lastBefore>>,
): Record<string, string | null> {
  const values = match?.group[rule.id]?.by ?? [];
  return Object.fromEntries(
    rule.extensions!.absent!.per.map((field, index) => [field, values[index] ?? null]),
  );
}

async function remember(
  { store: { documents } }: Parts,
  { key, rule, source }: Touched,
  memory: Stored<Expected> | undefined,
  { of, last }: Pick<Expected, 'of' | 'last'>,
): Promise<void> {
  const body: Expected = { kind: 'expected', rule: { id: rule.id }, key, of, last, source, to: last.at };
  if (memory) {
    const isSame = memory.body.last.event === last.event && memory.body.to === last.at && !memory.body.gap;
    if (!isSame) await documents.update('rule-state', key, body, memory.version);
  } else if ((await documents.create('rule-state', key, body)) === 'exists')
    throw errors.conflict(`the memory of rule ${rule.id}`);
}
