/** Spans of event time in which correlation groups were touched, and the condition that finds their matches. */
import { and, type Condition, isIn, or } from '../../core/conditions/tree.ts';

export interface Span {
  key: string;
  fromMs: number;
  /** Inclusive; infinite: without end. */
  toMs: number;
}

/** Spans that begin and end within this time share a clause; more when there would be too many clauses. */
const CLOSE_MS = 10_000;
const MOST_CLAUSES = 200;

/** Matches of these groups within their spans, and some around them. */
export function matchesWithin(spans: readonly Span[]): Condition {
  for (let closeMs = CLOSE_MS; ; closeMs *= 2) {
    const near = Map.groupBy(
      spans,
      ({ fromMs, toMs }) => `${Math.floor(fromMs / closeMs)}|${Math.floor(toMs / closeMs)}`,
    );
    if (near.size <= MOST_CLAUSES) return or(...[...near.values()].map(clause));
  }
}

function clause(spans: readonly Span[]): Condition {
  const fromMs = spans.reduce((least, span) => Math.min(least, span.fromMs), Infinity);
  const toMs = spans.reduce((most, span) => Math.max(most, span.toMs), -Infinity);
  return and(isIn('groups', [...new Set(spans.map(({ key }) => key))]), {
    op: 'range',
    field: 'event.at',
    ...(fromMs > -Infinity ? { gte: new Date(fromMs).toISOString() } : {}),
    // Times may be finer than a millisecond.
    ...(toMs < Infinity ? { lt: new Date(toMs + 1).toISOString() } : {}),
  });
}
