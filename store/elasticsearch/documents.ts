/** Documents in Elasticsearch: one index per kind, changed only at the version that was read. */
import { randomUUID } from 'node:crypto';
import type { Client, estypes } from '@elastic/elasticsearch';
import { compileCondition } from '../../core/conditions/matcher.ts';
import { always, type Condition } from '../../core/conditions/tree.ts';
import type { Documents, Kind } from '../../core/documents.ts';
import { errors } from '../../core/errors.ts';
import type { Bucket, DocumentStore, Stored, Version } from '../../core/store.ts';
import { decodeAfter, encodeAfter } from '../after.ts';
import { type Aggregation, aggregator } from '../aggregate.ts';
import { sortFields } from '../document-fields.ts';
import { pageSize } from '../page-size.ts';
import type { BulkWriter } from './bulk-writer.ts';
import { compositeBuckets } from './composite.ts';
import { conditionDsl } from './condition-dsl.ts';
import { remotely } from './connection.ts';
import type { Counters } from './control.ts';
import { hiddenPaths, type StoreFields, withoutStoreFields, withStoreFields } from './hidden.ts';
import { type Names, storedId } from './names.ts';
import type { ReadById } from './read-by-id.ts';
import { type Hit, search, sendable } from './search.ts';
import type { TypeOf } from './templates.ts';
import { guardOf, unstorable, versionOf, writeAt } from './versioned.ts';

const FETCH = 1_000;

interface Place {
  after: estypes.SortResults;
}

export function elasticsearchDocuments(
  client: Client,
  names: Names,
  { read, writer, counters }: { read: ReadById; writer: BulkWriter; counters: Counters },
  typeOf: TypeOf,
): DocumentStore {
  /** With its natural id, which sorts and survives hashing, and a mark of this very write. */
  function prepared(id: string, body: object): { source: object; write: string } {
    const hidden = hiddenPaths(body, typeOf);
    const fields: StoreFields = { id, write: randomUUID(), ...(hidden.length > 0 ? { hidden } : {}) };
    return { source: withStoreFields(body, fields), write: fields.write! };
  }

  async function createMany<K extends Kind>(
    kind: K,
    items: readonly { id: string; body: Documents[K] }[],
  ): Promise<('created' | 'exists')[]> {
    const index = names.documents(kind);
    const writes = items.map(({ id, body }) => ({ id: storedId(id), ...prepared(id, body) }));
    const outcomes = await writer.write(
      writes.map(({ id, source }) => ({ index, id, source: JSON.stringify(source) })),
    );
    const unsure = writes.filter((_, i) => {
      const outcome = outcomes[i]!;
      return outcome.outcome === 'exists' && outcome.resent;
    });
    const mine = await writtenByUs(index, unsure);
    return outcomes.map((outcome, i) => {
      if (outcome.outcome === 'rejected') throw unstorable(`${kind} ${items[i]!.id}`, outcome.reason);
      return outcome.outcome === 'created' || mine.has(writes[i]!.write) ? 'created' : 'exists';
    });
  }

  /** After a lost answer: which of these writes are the ones that are there. */
  async function writtenByUs(
    index: string,
    writes: readonly { id: string; write: string }[],
  ): Promise<Set<string>> {
    const found = new Set<string>();
    if (writes.length === 0) return found;
    const answer = await remotely('look up a repeated write', () =>
      client.mget<{ vigia?: { store?: StoreFields } }>({
        index,
        ids: writes.map(({ id }) => id),
        _source_includes: ['vigia.store.write'],
      }),
    );
    for (const doc of answer.docs) {
      const write = '_source' in doc ? doc._source?.vigia?.store?.write : undefined;
      if (write !== undefined) found.add(write);
    }
    return found;
  }

  // The kind says what lies in its index.
  const parse = <K extends Kind>(hit: {
    _source?: unknown;
    _seq_no?: number;
    _primary_term?: number;
  }): Stored<Documents[K]> => {
    const source = hit._source as { vigia: { store: StoreFields } };
    return {
      id: source.vigia.store.id!,
      version: versionOf(hit),
      body: withoutStoreFields(source) as unknown as Documents[K],
    };
  };

  async function* hits(
    kind: Kind,
    where: Condition,
    sort: estypes.SortCombinations[],
    start: estypes.SortResults | undefined,
  ): AsyncGenerator<Hit> {
    const index = names.documents(kind);
    await remotely('refresh', () => client.indices.refresh({ index }));
    let after = start;
    for (;;) {
      const answer = await search(client, {
        index,
        query: conditionDsl(where, typeOf),
        sort,
        size: FETCH,
        seq_no_primary_term: true,
        ...(after ? { search_after: sendable(after) } : {}),
      });
      yield* answer.hits.hits;
      if (answer.hits.hits.length < FETCH) return;
      after = answer.hits.hits.at(-1)!.sort!;
    }
  }

  const byId: estypes.SortCombinations = { 'vigia.store.id': { order: 'asc' } };

  return {
    async get(kind, id) {
      const found = await read({ index: names.documents(kind), id: storedId(id) });
      return found && parse<typeof kind>(found);
    },
    async create(kind, id, body) {
      const [outcome] = await createMany(kind, [{ id, body }]);
      return outcome!;
    },
    createMany,
    async update(kind, id, body, version): Promise<Version> {
      const { source, write } = prepared(id, body);
      const place = { index: names.documents(kind), id: storedId(id) };
      const next = await writeAt(client, writer, { ...place, source, write, version, what: `${kind} ${id}` });
      return next!;
    },
    async delete(kind, id, version) {
      const answer = await remotely(`delete ${kind}`, () =>
        client.delete(
          { index: names.documents(kind), id: storedId(id), ...guardOf(version) },
          { ignore: [404, 409] },
        ),
      );
      if (answer.result !== 'deleted') throw errors.conflict(`${kind} ${id}`);
    },
    async find(kind, { where = always, sort, size, after }) {
      const order: estypes.SortCombinations[] = sortFields(sort).map(({ field, descending }) => ({
        [field]: { order: descending ? 'desc' : 'asc', missing: '_last' },
      }));
      const wanted = pageSize(size);
      const start =
        after === undefined
          ? undefined
          : decodeAfter<Place>(
              after,
              (state) => Array.isArray(state.after) && state.after.length === order.length + 1,
            );
      const matches = compileCondition(where);
      const found: Stored<Documents[typeof kind]>[] = [];
      let last: estypes.SortResults | undefined;
      for await (const hit of hits(kind, where, [...order, byId], start?.after)) {
        const stored = parse<typeof kind>(hit);
        if (!matches(stored.body)) continue;
        if (found.length === wanted) return { found, next: encodeAfter({ after: last! } satisfies Place) };
        found.push(stored);
        last = hit.sort;
      }
      return { found };
    },
    async aggregate(kind, { where, groupBy, measure }): Promise<Bucket[]> {
      const aggregation: Aggregation = { groupBy, measure };
      const index = names.documents(kind);
      if (!where) {
        await remotely('refresh', () => client.indices.refresh({ index }));
        const buckets = await compositeBuckets(client, index, { match_all: {} }, aggregation, typeOf);
        if (buckets) return buckets;
      }
      const matches = compileCondition(where ?? always);
      const tally = aggregator(aggregation);
      for await (const hit of hits(kind, where ?? always, [byId], undefined)) {
        const { body } = parse(hit);
        if (matches(body)) tally.add(body);
      }
      return tally.buckets();
    },
    nextNumber: (counter) => counters.next(counter),
  };
}
