/** Reads stored matches of groups: those that were touched, the last before a moment, the first after it. */
import { and, equals, or } from '../../../core/conditions/tree.ts';
import type { Match } from '../../../core/documents.ts';
import { everyDocument } from '../../../core/find-all.ts';
import type { Parts } from '../../parts.ts';

/** A group with the event time that new matches span. */
export interface Span {
  key: string;
  from: string;
  to: string;
}

/** Groups in one search: a condition of more would be costly to answer. */
const GROUPS_AT_ONCE = 100;

/** Every match of these groups within their spans, each with the group it is of; in no order. */
export async function* matchesIn(
  { store }: Parts,
  spans: readonly Span[],
): AsyncGenerator<{ key: string; match: Match }> {
  for (let start = 0; start < spans.length; start += GROUPS_AT_ONCE) {
    const some = new Map(spans.slice(start, start + GROUPS_AT_ONCE).map((span) => [span.key, span]));
    const where = or(
      ...[...some.values()].map(({ key, from, to }) =>
        and(equals('groups', key), { op: 'range', field: 'event.at', gte: from, lte: to }),
      ),
    );
    for await (const { body } of everyDocument(store.documents, 'match', { where })) {
      for (const key of body.groups) if (some.has(key)) yield { key, match: body };
    }
  }
}

/** The last match of a group in [from, before). */
export async function lastBefore(
  { store }: Parts,
  key: string,
  from: string,
  before: string,
): Promise<Match | undefined> {
  const where = and(equals('groups', key), { op: 'range', field: 'event.at', gte: from, lt: before });
  return (await store.documents.find('match', { where, sort: ['-event.at'], size: 1 })).found[0]?.body;
}

/** The first match of a group in (after, to]. */
export async function firstAfter(
  { store }: Parts,
  key: string,
  after: string,
  to: string,
): Promise<Match | undefined> {
  const where = and(equals('groups', key), { op: 'range', field: 'event.at', gt: after, lte: to });
  return (await store.documents.find('match', { where, sort: ['event.at'], size: 1 })).found[0]?.body;
}
