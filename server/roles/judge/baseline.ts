/**
 * Judges numeric baselines. A round of batches only marks which time of which group is to be counted anew; every few seconds the
 * marked buckets are counted from the stored matches, so that a busy entity is not counted again for each batch. Counting may be
 * repeated: alerts first, the memory last, and what is marked meanwhile stays marked.
 */
import { and, equals, isIn } from '../../../core/conditions/tree.ts';
import type { Alert, Match, RuleStateOf, Span } from '../../../core/documents.ts';
import { errors, isConflict } from '../../../core/errors.ts';
import { everyDocument, findAll } from '../../../core/find-all.ts';
import type { Stored } from '../../../core/store.ts';
import {
  type Baseline,
  bucketAlert,
  bucketAlertId,
  bucketOf,
  countBuckets,
  type DetectionRule,
  suppressEpisode,
  unusual,
} from '../../../detections/index.ts';
import type { Parts } from '../../parts.ts';
import { keepAlert, withdrawAlert } from './keep.ts';
import { matchesIn } from './matches.ts';
import { sinceOf } from './sources.ts';
import type { Touched } from './touched.ts';

type Memory = RuleStateOf<'baseline'>;

const iso = (ms: number): string => new Date(ms).toISOString();
const union = (left: Span | undefined, right: Span): Span =>
  left ? { fromMs: Math.min(left.fromMs, right.fromMs), toMs: Math.max(left.toMs, right.toMs) } : right;
const holds = (outer: Span | undefined, inner: Span): boolean =>
  outer !== undefined && outer.fromMs <= inner.fromMs && outer.toMs >= inner.toMs;

/** Whole buckets, so that the next match of the same bucket finds it marked. */
function spanOf({ rule, from, to }: Touched): Span {
  const baseline = rule.extensions!.baseline!;
  return {
    fromMs: bucketOf(baseline, Date.parse(from)),
    toMs: bucketOf(baseline, Date.parse(to)) + baseline.bucketMs - 1,
  };
}

export async function markBaselines(parts: Parts, touched: readonly Touched[]): Promise<void> {
  if (touched.length === 0) return;
  const { documents } = parts.store;
  const where = isIn(
    'key',
    touched.map(({ key }) => key),
  );
  const memories = new Map((await findAll(documents, 'rule-state', { where })).map((one) => [one.id, one]));
  for (const group of touched) {
    const { key, rule, source } = group;
    const span = spanOf(group);
    const stored = memories.get(key);
    if (stored?.body.kind === 'baseline') {
      if (holds(stored.body.dirty, span)) continue;
      const dirty = union(stored.body.dirty, span);
      await documents.update(
        'rule-state',
        key,
        { ...stored.body, source, dirty, state: 'waiting' },
        stored.version,
      );
      continue;
    }
    const made = await documents.create('rule-state', key, {
      kind: 'baseline',
      rule: { id: rule.id },
      key,
      of: {},
      source,
      values: {},
      sinceMs: span.fromMs,
      told: [],
      state: 'waiting',
      dirty: span,
    });
    if (made === 'exists') throw errors.conflict(`the memory of rule ${rule.id}`);
  }
}

/** Counts and judges everything that is marked; the alerts as they now stand. */
export async function settleBaselines(parts: Parts): Promise<Alert[]> {
  const rules = new Map(
    parts.detection.judged.filter(({ extensions }) => extensions?.baseline).map((rule) => [rule.id, rule]),
  );
  if (rules.size === 0) return [];
  const where = and(equals('kind', 'baseline'), equals('state', 'waiting'));
  const alerts: Alert[] = [];
  for await (const stored of everyDocument(parts.store.documents, 'rule-state', { where })) {
    const rule = rules.get(stored.body.rule.id);
    if (!rule || stored.body.kind !== 'baseline') continue;
    // The kind says which of the shapes it is.
    const settled = await unlessChanged(() => settle(parts, rule, stored as Stored<Memory>));
    alerts.push(...(settled ?? []));
  }
  return alerts;
}

/** Somebody else marked or settled it at that moment: it is still marked, and the next look finds it. */
async function unlessChanged<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (cause) {
    if (isConflict(cause)) return undefined;
    throw cause;
  }
}

async function settle(
  parts: Parts,
  rule: DetectionRule,
  { id, body, version }: Stored<Memory>,
): Promise<Alert[]> {
  const { documents } = parts.store;
  const baseline = rule.extensions!.baseline!;
  const { dirty, settling: left, ...rest } = body;
  const span = [dirty, left].reduce<Span | undefined>((all, one) => (one ? union(all, one) : all), undefined);
  if (!span) return [];
  await documents.update('rule-state', id, { ...rest, settling: span }, version);
  const counted = await count(parts, baseline, body, span);
  const { alerts, told } = await judge(parts, rule, body, counted, span);
  // Before the memory: a process that dies here raises them again.
  await parts.incidents.raise(alerts);
  for (;;) {
    const now = await documents.get('rule-state', id);
    if (now?.body.kind !== 'baseline') return alerts;
    const { settling: _, ...marked } = now.body;
    const next: Memory = {
      ...marked,
      ...kept(baseline, counted),
      told,
      of: alerts[0]?.group?.by ?? body.of,
      state: marked.dirty ? 'waiting' : 'settled',
    };
    if (await unlessChanged(() => documents.update('rule-state', id, next, now.version))) return alerts;
  }
}

interface Counted {
  values: Map<number, number>;
  sinceMs: number;
}

/** The marked buckets anew, the others as remembered; and what lies before them as far as judging them asks for. */
async function count(parts: Parts, baseline: Baseline, memory: Memory, span: Span): Promise<Counted> {
  const values = new Map(Object.entries(memory.values).map(([at, value]) => [Number(at), value]));
  const read = async (fromMs: number, toMs: number) => {
    for (const at of values.keys()) if (at >= fromMs && at <= toMs) values.delete(at);
    const matches = await matchesOf(parts, memory.key, fromMs, toMs);
    for (const [at, value] of countBuckets(baseline, matches)) values.set(at, value);
  };
  // What lies between a late bucket and the memory is counted too, so that the memory has no hole.
  await read(span.fromMs, Math.max(span.toMs, memory.sinceMs - 1));
  const neededMs = span.fromMs - baseline.overMs;
  const isLikely = [...values].some(([at, value]) => at >= span.fromMs && value >= baseline.atLeast);
  if (!isLikely || neededMs >= memory.sinceMs)
    return { values, sinceMs: Math.min(memory.sinceMs, span.fromMs) };
  await read(neededMs, Math.min(memory.sinceMs, span.fromMs) - 1);
  return { values, sinceMs: neededMs };
}

async function matchesOf(parts: Parts, key: string, fromMs: number, toMs: number): Promise<Match[]> {
  const found: Match[] = [];
  for await (const { match } of matchesIn(parts, [{ key, from: iso(fromMs), to: iso(toMs) }]))
    found.push(match);
  return found;
}

/** The marked buckets, and the later ones that are compared with them. */
async function judge(
  parts: Parts,
  rule: DetectionRule,
  memory: Memory,
  { values, sinceMs }: Counted,
  span: Span,
): Promise<{ alerts: Alert[]; told: number[] }> {
  const baseline = rule.extensions!.baseline!;
  const since = await sinceOf(parts, rule.id, memory.source);
  const knownMs = Math.max(sinceMs, since === undefined ? Infinity : Date.parse(since));
  const { exceptions } = await parts.detection.known();
  const told = new Set(memory.told);
  const alerts: Alert[] = [];
  const asked = new Set([...values.keys(), ...told]);
  for (const bucket of [...asked].sort((a, b) => a - b)) {
    if (bucket < span.fromMs || bucket > span.toMs + baseline.overMs) continue;
    // While the source is younger than the span, and where the history is not at hand, nothing can be called unusual.
    const isKnown = bucketOf(baseline, knownMs + baseline.bucketMs - 1) <= bucket - baseline.overMs;
    const found = isKnown ? unusual(baseline, (at) => values.get(at) ?? 0, bucket) : undefined;
    if (found) {
      const matches = await matchesOf(parts, memory.key, bucket, bucket + baseline.bucketMs - 1);
      const made = bucketAlert(rule, matches, { ...found, key: memory.key, bucket }, iso(parts.now()));
      alerts.push(await keepAlert(parts, suppressEpisode(made, matches, exceptions)));
      told.add(bucket);
    } else if (told.delete(bucket)) {
      const reason = 'late events changed what is usual';
      const gone = await withdrawAlert(parts, bucketAlertId(rule.id, memory.key, bucket), reason);
      if (gone) alerts.push(gone);
    }
  }
  return { alerts, told: [...told] };
}

/** Twice the span before the newest bucket: what is older is counted again when a late event asks for it. */
function kept({ overMs }: Baseline, { values, sinceMs }: Counted): Pick<Memory, 'values' | 'sinceMs'> {
  const newest = [...values.keys()].reduce((most, at) => Math.max(most, at), sinceMs);
  const fromMs = Math.max(sinceMs, newest - 2 * overMs);
  const left = [...values].filter(([at]) => at >= fromMs);
  return { values: Object.fromEntries(left), sinceMs: fromMs };
}
