/** Delivers waiting dead letters anew, as the settings now say how to read them. */
import { retryDeadLetters } from '../collectors/delivery/retry-dead-letters.ts';
import type { Origin } from '../collectors/run.ts';
import { and, equals } from '../core/conditions/tree.ts';
import { kindOf } from './dead-letter-counts.ts';
import type { Parts } from './parts.ts';
import { deliveryOf } from './roles/collect.ts';
import { findCollector, originOf, sourcesOf } from './sources.ts';

export interface RetrySummary {
  stored: number;
  duplicate: number;
  /** Still dead letters, by the reason. */
  refused: Record<string, number>;
  /** Not tried, by why not. */
  impossible: Record<string, number>;
}

const PAGE = 500;

export async function retryAll(parts: Parts, source?: string): Promise<RetrySummary> {
  const summary: RetrySummary = { stored: 0, duplicate: 0, refused: {}, impossible: {} };
  const delivery = deliveryOf(parts);
  const originOfSource = await knownOrigins(parts);
  const where = and(equals('state', 'waiting'), ...(source === undefined ? [] : [equals('source', source)]));
  let after: string | undefined;
  do {
    const page = await parts.store.documents.find('dead-letter', {
      where,
      sort: ['at'],
      size: PAGE,
      ...(after ? { after } : {}),
    });
    for (const [id, letters] of Map.groupBy(page.found, ({ body }) => body.source)) {
      const origin = originOfSource(id) ?? { id, collector: findCollector(letters[0]!.body.collector) };
      const done = await retryDeadLetters(origin, letters, delivery);
      summary.stored += done.stored;
      summary.duplicate += done.duplicate;
      for (const { reason } of done.refused) count(summary.refused, kindOf(reason));
      for (const { why } of done.impossible) count(summary.impossible, why);
    }
    after = page.next;
  } while (after);
  return summary;
}

/** Sources of the settings; one that was only imported is read as its collector reads by itself. */
async function knownOrigins(parts: Parts): Promise<(id: string) => Origin | undefined> {
  const origins = new Map<string, Origin>();
  for (const settings of parts.settings.sources) {
    for (const { reader: _, ...origin } of await sourcesOf(settings, parts.settings.state, parts))
      origins.set(origin.id, origin);
  }
  // Which partitions there are only the brokers know; they all begin with the id of their source.
  const topics = parts.settings.sources.filter(({ kafka }) => kafka);
  return (id) => {
    const settings = topics.find((one) => id.startsWith(`${one.id}/`));
    return origins.get(id) ?? (settings && { ...originOf(settings, parts), id });
  };
}

const count = (counts: Record<string, number>, name: string) => {
  counts[name] = (counts[name] ?? 0) + 1;
};
