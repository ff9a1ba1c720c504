/** Asks the settings which datasets are configured and the store which datasets and fields came lately: can each rule fire? */
import { and, equals, or } from '../core/conditions/tree.ts';
import { readField, segmentsOf } from '../core/conditions/values.ts';
import type { Event } from '../core/event.ts';
import { fieldQuestions, type RuleCoverage, ruleStates } from '../detections/index.ts';
import type { Parts } from './parts.ts';
import { findCollector } from './sources.ts';

const DAY_MS = 86_400_000;
/** Fields that these hold need no search; they are most. */
const NEWEST = 1_000;

export interface CoverageReport {
  days: number;
  /** Events by dataset in those days. */
  datasets: { dataset: string; events: number }[];
  rules: RuleCoverage[];
}

export async function coverRules(parts: Parts, days: number): Promise<CoverageReport> {
  const { store, detection, settings, now } = parts;
  const from = new Date(now() - days * DAY_MS).toISOString();
  const counted = await store.events.aggregate({
    from,
    groupBy: ['event.dataset'],
    measure: { kind: 'count' },
  });
  const seen = new Map(counted.flatMap(({ key: [dataset], value }) => (dataset ? [[dataset, value]] : [])));
  const held = await heldFields(parts, seen, from);
  const rules = ruleStates(detection.rules, {
    configured: new Set(settings.sources.flatMap(({ collector }) => findCollector(collector).datasets)),
    seen,
    hasField: (dataset, places) => held.has(JSON.stringify([dataset, places])),
    days,
    alerts: (rule) => detection.alerts(rule),
  });
  return {
    days,
    datasets: [...seen].map(([dataset, events]) => ({ dataset, events })),
    rules: rules.map((rule) => {
      const entry = detection.shadow.entries.get(rule.id);
      if (!entry) return rule;
      return { ...rule, shadow: { why: entry.why, ...(entry.since ? { since: entry.since } : {}) } };
    }),
  };
}

/** The questions answered with yes. What the newest events do not show is searched for: one event is proof enough. */
async function heldFields(
  { store, detection }: Parts,
  seen: ReadonlyMap<string, number>,
  from: string,
): Promise<Set<string>> {
  const held = new Set<string>();
  const newest = new Map<string, Event[]>();
  for (const dataset of seen.keys()) {
    const page = await store.events.read({ from, datasets: [dataset], order: 'newest', size: NEWEST });
    newest.set(dataset, page.events);
  }
  for (const { dataset, places } of fieldQuestions(detection.rules, seen)) {
    const paths = places.map(segmentsOf);
    const isThere =
      newest.get(dataset)!.some((event) => paths.some((path) => readField(event, path) !== undefined)) ||
      (seen.get(dataset)! > NEWEST && (await isStored(places, dataset)));
    if (isThere) held.add(JSON.stringify([dataset, places]));
  }
  return held;

  async function isStored(places: readonly string[], dataset: string): Promise<boolean> {
    const where = and(
      equals('event.dataset', dataset),
      or(...places.map((field) => ({ op: 'exists', field }) as const)),
    );
    const { events } = await store.events.read({
      from,
      datasets: [dataset],
      where,
      order: 'newest',
      size: 1,
    });
    return events.length > 0;
  }
}
