/** Batch records in Elasticsearch: followed by id, so that a reader never waits for a refresh. */
import { randomUUID } from 'node:crypto';
import type { Client, estypes } from '@elastic/elasticsearch';
import { errors, isConflict } from '../../core/errors.ts';
import type { BatchRecord, BatchStore, LedgerLine } from '../../core/store.ts';
import { ledgerHours } from '../ledger-hours.ts';
import type { BulkWriter } from './bulk-writer.ts';
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

export function elasticsearchBatches(client: Client, index: string, writer: BulkWriter): BatchStore {
  const idOf = (writer: string, number: number): string => storedId(`${writer}:${number}`);
  const refresh = (): Promise<unknown> => remotely('refresh', () => client.indices.refresh({ index }));

  /** In the order of the ids; undefined where there is none. */
  async function readAll(ids: readonly string[]): Promise<(BatchRecord | undefined)[]> {
    const answer = await remotely('follow batches', () => client.mget<BatchRecord>({ index, ids: [...ids] }));
    return answer.docs.map((doc) => {
      if ('error' in doc)
        throw errors.remote(
          'Elasticsearch',
          'follow batches',
          doc.error.reason ?? doc.error.type,
          'the call may be repeated',
        );
      return 'found' in doc && doc.found ? withoutStoreFields(doc._source!) : undefined;
    });
  }

  return {
    async publish(record) {
      const write = randomUUID();
      const what = `batch ${record.number} of ${record.writer}`;
      const source = withStoreFields(record, { write });
      try {
        await writeAt(client, writer, {
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

    async follow(places, limit) {
      const found = new Map(places.map(({ writer }) => [writer, [] as BatchRecord[]]));
      for (let open = [...places]; open.length > 0; ) {
        const some = open.splice(0, STRIDE);
        // Of many writers the next record each, because most have none; of few, all that there may be.
        const each = Math.max(1, Math.floor(STRIDE / some.length));
        const asked = some.map(({ writer, after }) => {
          const records = found.get(writer)!;
          const numbers = Array.from(
            { length: Math.min(each, limit - records.length) },
            (_, i) => after + i + 1,
          );
          return { writer, records, numbers };
        });
        const ids = asked.flatMap(({ writer, numbers }) => numbers.map((number) => idOf(writer, number)));
        const answers = (await readAll(ids)).values();
        for (const { writer, records, numbers } of asked) {
          const next = numbers.map(() => answers.next().value);
          const hole = next.indexOf(undefined);
          for (const record of hole === -1 ? next : next.slice(0, hole)) records.push(record!);
          if (hole === -1 && records.length < limit) open.push({ writer, after: numbers.at(-1)! });
        }
      }
      return [...found.values()].flat();
    },

    async last(writer) {
      await refresh();
      const query = { term: { writer } };
      const answer = await search(client, { index, query, sort: [{ number: 'desc' }], size: 1 });
      return answer.hits.hits.map(({ _source }) => withoutStoreFields(_source as BatchRecord))[0];
    },

    async writers() {
      await refresh();
      const writers: string[] = [];
      for (let after: estypes.SortResults | undefined, isMore = true; isMore; ) {
        const answer = await search(client, {
          index,
          // Everybody begins with it, and it is asked for often: the work must not grow with the records.
          query: { term: { number: 1 } },
          _source: false,
          sort: [{ writer: 'asc' }],
          size: PAGE,
          ...(after ? { search_after: after } : {}),
        });
        after = answer.hits.hits.at(-1)?.sort;
        for (const { sort } of answer.hits.hits) writers.push(String(sort![0]));
        isMore = answer.hits.hits.length === PAGE;
      }
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
          // Only records of these hours are looked into: there are ever more of them.
          query: { nested: { path: 'ledger', query: inRange } },
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
