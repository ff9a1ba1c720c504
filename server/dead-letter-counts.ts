/** How many dead letters there are by source and kind of reason. */
import type { Condition } from '../core/conditions/tree.ts';
import type { Parts } from './parts.ts';

export interface DeadLetterCount {
  source: string;
  /** The reason without what differs from record to record: `older than retention`, `record of N bytes is over …`. */
  reason: string;
  count: number;
}

/** The most frequent first. */
export async function deadLetterCounts(
  { store }: Pick<Parts, 'store'>,
  where?: Condition,
): Promise<DeadLetterCount[]> {
  const buckets = await store.documents.aggregate('dead-letter', {
    ...(where ? { where } : {}),
    groupBy: ['source', 'reason'],
    measure: { kind: 'count' },
  });
  // Stores fold letter case when they group; the writers of batches have the names as configured.
  const names = new Map((await store.batches.writers()).map((writer) => [writer.toLowerCase(), writer]));
  const counts = new Map<string, DeadLetterCount>();
  for (const { key, value } of buckets) {
    const source = names.get((key[0] ?? '').toLowerCase()) ?? key[0] ?? 'unknown';
    const reason = kindOf(key[1] ?? 'no reason');
    const known = counts.get(`${source}\n${reason}`);
    counts.set(`${source}\n${reason}`, { source, reason, count: (known?.count ?? 0) + value });
  }
  return [...counts.values()].sort((a, b) => b.count - a.count || a.source.localeCompare(b.source));
}

/** The reason without what differs from record to record. */
export const kindOf = (reason: string): string => reason.split(/[:;] /)[0]!.replace(/(?<![\w-])\d+/g, 'N');
