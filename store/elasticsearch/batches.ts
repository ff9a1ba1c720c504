/** Batch records in Elasticsearch: followed by id, so that a reader never waits for a refresh. */
import { randomUUID } from 'node:crypto';
import type { Client } from '@elastic/elasticsearch';
import { errors, isConflict } from '../../core/errors.ts';
import type { BatchRecord, BatchStore, LedgerLine } from '../../core/store.ts';
import { ledgerHours } from '../ledger-hours.ts';
import { remotely } from './connection.ts';
import { withoutStoreFields, withStoreFields } from './hidden.ts';
import { storedId } from './names.ts';
import { search } from './search.ts';
import { writeAt } from './versioned.ts';

const PAGE = 1_000;
/** Records asked for at once. */
const STRIDE = 200;

interface Page<Key, More> {
  after_key?: Record<string, string>;
  buckets: ({ key: Key } & More)[];
}
interface Sum {
  value: number;
}
type Sums = Record<'read' | 'stored' | 'duplicate' | 'deadLettered' | 'evaluated', Sum>;

export function elasticsearchBatches(client: Client, index: string): BatchStore {
  const idOf = (writer: string, number: number): string => storedId(`${writer}:${number}`);
  const refresh = (): Promise<unknown> => remotely('refresh', () => client.indices.refresh({ index }));

  return {
    async publish(record) {
      const write = randomUUID();
      const what = `batch ${record.number} of ${record.writer}`;
      const source = withStoreFields(record, { write });
      try {
        await writeAt(client, {
          index,
          id: idOf(record.writer, record.number),
          source,
          write,
          version: undefined,
          what,
        });
      } catch (cause) {
        if (isConflict(cause)) throw errors.conflict(what, 'another process writes for this source');
        throw cause;
      }
    },

    async follow(writer, after, limit) {
      const records: BatchRecord[] = [];
      while (records.length < limit) {
        const first = after + records.length + 1;
        const ids = Array.from({ length: Math.min(STRIDE, limit - records.length) }, (_, i) =>
          idOf(writer, first + i),
        );
        const answer = await remotely('follow batches', () => client.mget<BatchRecord>({ index, ids }));
        for (const doc of answer.docs) {
          if ('error' in doc)
            throw errors.remote(
              'Elasticsearch',
              'follow batches',
              doc.error.reason ?? doc.error.type,
              'the call may be repeated',
            );
          if (!('found' in doc) || !doc.found) return records;
          records.push(withoutStoreFields(doc._source!));
        }
      }
      return records;
    },

    async writers() {
      await refresh();
      const writers: { writer: string; last: number }[] = [];
      let after: Record<string, string> | undefined;
      do {
        const answer = await search(client, {
          index,
          size: 0,
          aggs: {
            writers: {
              composite: {
                size: PAGE,
                sources: [{ writer: { terms: { field: 'writer' } } }],
                ...(after ? { after } : {}),
              },
              aggs: { last: { max: { field: 'number' } } },
            },
          },
        });
        const page = answer.aggregations!['writers'] as unknown as Page<{ writer: string }, { last: Sum }>;
        for (const { key, last } of page.buckets) writers.push({ writer: key.writer, last: last.value });
        after = page.after_key;
      } while (after);
      return writers;
    },

    async ledger(range) {
      await refresh();
      const { first, last } = ledgerHours(range);
      const lines: LedgerLine[] = [];
      const sum = (field: keyof Sums) => ({ [field]: { sum: { field: `ledger.${field}` } } });
      let after: Record<string, string> | undefined;
      do {
        const sources = [
          { source: { terms: { field: 'ledger.source' } } },
          { hour: { terms: { field: 'ledger.hour' } } },
        ];
        const groups = {
          composite: { size: PAGE, sources, ...(after ? { after } : {}) },
          aggs: {
            ...sum('read'),
            ...sum('stored'),
            ...sum('duplicate'),
            ...sum('deadLettered'),
            ...sum('evaluated'),
          },
        };
        const inRange = { range: { 'ledger.hour': { gte: first, lte: last } } };
        const answer = await search(client, {
          index,
          size: 0,
          aggs: {
            lines: { nested: { path: 'ledger' }, aggs: { inRange: { filter: inRange, aggs: { groups } } } },
          },
        });
        const nested = answer.aggregations!['lines'] as unknown as {
          inRange: { groups: Page<{ source: string; hour: string }, Sums> };
        };
        const page = nested.inRange.groups;
        for (const { key, read, stored, duplicate, deadLettered, evaluated } of page.buckets) {
          lines.push({
            ...key,
            read: read.value,
            stored: stored.value,
            duplicate: duplicate.value,
            deadLettered: deadLettered.value,
            evaluated: evaluated.value,
          });
        }
        after = page.after_key;
      } while (after);
      return lines;
    },
  };
}
