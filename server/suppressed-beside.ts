/** What exceptions hid around an incident: alerts about the same names at the same time, so that nothing is hidden silently. */
import { and, equals, isIn } from '../core/conditions/tree.ts';
import type { Incident } from '../core/documents.ts';
import type { Parts } from './parts.ts';

export interface SuppressedBeside {
  exception: string;
  rule: string;
  alerts: number;
}

const DAY_MS = 86_400_000;

/** Within a day of the incident; counts are exact. */
export async function suppressedBeside(
  { store, detection }: Parts,
  { entities, from, to }: Incident,
): Promise<SuppressedBeside[]> {
  if (entities.length === 0) return [];
  const near = (at: string, days: number) => new Date(Date.parse(at) + days * DAY_MS).toISOString();
  const buckets = await store.documents.aggregate('alert', {
    where: and(
      equals('state', 'suppressed'),
      isIn('entities.name', [...new Set(entities.map(({ name }) => name))]),
      { op: 'range', field: 'from', gte: near(from, -1), lte: near(to, 1) },
    ),
    groupBy: ['exception', 'rule.id'],
    measure: { kind: 'count' },
  });
  return buckets.map(({ key: [exception, rule], value }) => ({
    // Keys of an aggregation are in lower case.
    exception: (exception ?? '').toUpperCase(),
    rule: detection.rule(rule ?? '')?.title ?? rule ?? '',
    alerts: value,
  }));
}
