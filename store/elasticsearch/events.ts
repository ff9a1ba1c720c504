/** Events in Elasticsearch: one plain index per partition, create only. */
import type { Client, estypes } from '@elastic/elasticsearch';
import { compileCondition } from '../../core/conditions/matcher.ts';
import { always } from '../../core/conditions/tree.ts';
import { errors } from '../../core/errors.ts';
import type { Event } from '../../core/event.ts';
import type { Bucket, EventPage, EventQuery, EventStore } from '../../core/store.ts';
import { decodeAfter, encodeAfter } from '../after.ts';
import { aggregator } from '../aggregate.ts';
import { pageSize } from '../page-size.ts';
import { timeRange } from '../time-range.ts';
import { eventAppender } from './append.ts';
import type { BulkWriter } from './bulk-writer.ts';
import { compositeBuckets } from './composite.ts';
import { conditionDsl, type Query } from './condition-dsl.ts';
import { remotely } from './connection.ts';
import { dateFieldOrRefuse, foreignTypes } from './foreign-types.ts';
import { withoutStoreFields } from './hidden.ts';
import type { Names } from './names.ts';
import { closeView, openView, search, searchView, type ViewPlace } from './search.ts';
import type { TypeOf } from './templates.ts';

/** Events fetched at a time while the matcher decides. */
const FETCH = 1_000;

const isPlace = ({ view }: Partial<ViewPlace>): boolean => typeof view === 'string';

export function elasticsearchEvents(
  client: Client,
  names: Names,
  writer: BulkWriter,
  typeOf: TypeOf,
): EventStore {
  /** All copies of events: an id may be in two partitions when its time came near the edge of retention. */
  async function copies(ids: readonly string[]): Promise<estypes.SearchHit<Event>[]> {
    const found: estypes.SearchHit<Event>[] = [];
    for (let start = 0; start < ids.length; start += FETCH) {
      const values = ids.slice(start, start + FETCH);
      const answer = await search(client, {
        index: names.allEvents,
        query: { ids: { values } },
        size: 10_000,
      });
      found.push(...(answer.hits.hits as estypes.SearchHit<Event>[]));
    }
    return found;
  }

  const refresh = (): Promise<unknown> =>
    remotely('refresh', () => client.indices.refresh({ index: names.allEvents }));

  /** The newest writes may not be searchable yet: what is missing is looked for again after a refresh. */
  async function locate(ids: readonly string[]): Promise<Map<string, Event>> {
    const found = new Map<string, Event>();
    const add = (hits: readonly estypes.SearchHit<Event>[]): void => {
      for (const hit of hits) found.set(hit._id!, withoutStoreFields(hit._source!));
    };
    add(await copies(ids));
    const missing = ids.filter((id) => !found.has(id));
    if (missing.length === 0) return found;
    await refresh();
    add(await copies(missing));
    return found;
  }

  /** `index/id`: a document of somebody else's index; gone when its index is. */
  async function locateForeign(ids: readonly string[]): Promise<Map<string, Event>> {
    const found = new Map<string, Event>();
    for (let start = 0; start < ids.length; start += FETCH) {
      const docs = ids.slice(start, start + FETCH).map((id) => {
        const cut = id.indexOf('/');
        return { _index: id.slice(0, cut), _id: id.slice(cut + 1) };
      });
      const answer = await remotely('read events of others', () => client.mget<Event>({ docs }));
      for (const doc of answer.docs)
        if ('found' in doc && doc.found) found.set(`${doc._index}/${doc._id}`, doc._source!);
    }
    return found;
  }

  async function typesFor(query: Pick<EventQuery, 'where' | 'indices'>): Promise<TypeOf> {
    return query.indices && query.indices.length > 0
      ? foreignTypes(client, query.indices, query.where ?? always)
      : typeOf;
  }

  function dsl(
    {
      where,
      datasets,
      timeField = '@timestamp',
      ...range
    }: Pick<EventQuery, 'where' | 'datasets' | 'from' | 'to' | 'timeField'>,
    types: TypeOf,
  ): Query {
    timeRange(range); // refuses what is not a time
    const time: Record<string, string> = {};
    if (range.from !== undefined) time['gte'] = new Date(range.from).toISOString();
    if (range.to !== undefined) time['lt'] = new Date(range.to).toISOString();
    const filter: Query[] = [];
    if (Object.keys(time).length > 0)
      filter.push({ range: { [timeField]: { ...time, format: 'strict_date_time' } } });
    if (datasets)
      filter.push({ terms: { 'event.dataset': datasets.map((dataset) => dataset.toLowerCase()) } });
    if (where) filter.push(conditionDsl(where, types));
    return { bool: { filter } };
  }

  async function* hits(
    query: Omit<EventQuery, 'after' | 'size'>,
    start: ViewPlace,
    size: number,
    onView: (view: string) => void,
  ) {
    const order = query.order === 'newest' ? 'desc' : 'asc';
    const sort: estypes.SortCombinations[] = [
      { [query.timeField ?? '@timestamp']: { order, unmapped_type: 'date' } },
      { 'event.id': { order, unmapped_type: 'keyword' } },
    ];
    const request = { query: dsl(query, await typesFor(query)), sort, size };
    let place = start;
    for (;;) {
      const answer = await searchView(client, place, request);
      onView(answer.view);
      for (const hit of answer.hits) yield hit;
      if (answer.hits.length < size) return;
      place = { view: answer.view, after: answer.hits.at(-1)!.sort! };
    }
  }

  const indexOf = (query: Pick<EventQuery, 'indices'>): string =>
    query.indices && query.indices.length > 0 ? query.indices.join(',') : names.allEvents;

  async function read(query: EventQuery): Promise<EventPage> {
    const size = pageSize(query.size);
    const matches = compileCondition(query.where ?? always);
    const start: ViewPlace =
      query.after === undefined
        ? { view: await openView(client, indexOf(query)) }
        : decodeAfter<ViewPlace>(query.after, isPlace);
    if (query.indices && query.timeField && query.after === undefined)
      await dateFieldOrRefuse(client, query.indices, query.timeField);
    const page: EventPage = { events: [], fetched: 0, ...(query.indices ? { places: [] } : {}) };
    let { view } = start;
    let last: estypes.SortResults | undefined;
    const fetchSize = query.where ? FETCH : Math.min(FETCH, size + 1);
    for await (const hit of hits(query, start, fetchSize, (newest) => (view = newest))) {
      page.fetched++;
      const event = withoutStoreFields(hit._source as Event);
      if (!matches(event)) continue;
      if (page.events.length === size) return { ...page, next: encodeAfter({ view, after: last! }) };
      page.events.push(event);
      page.places?.push({ index: hit._index, id: hit._id! });
      last = hit.sort;
    }
    await closeView(client, view);
    return page;
  }

  async function aggregate(query: Parameters<EventStore['aggregate']>[0]): Promise<Bucket[]> {
    if (!query.where && !query.indices) {
      const buckets = await compositeBuckets(client, names.allEvents, dsl(query, typeOf), query, typeOf);
      if (buckets) return buckets;
    }
    const matches = compileCondition(query.where ?? always);
    const tally = aggregator(query);
    let view = await openView(client, indexOf(query));
    try {
      for await (const hit of hits(query, { view }, FETCH, (newest) => (view = newest))) {
        const event = withoutStoreFields(hit._source as Event);
        if (matches(event)) tally.add(event);
      }
    } finally {
      await closeView(client, view);
    }
    return tally.buckets();
  }

  return {
    append: eventAppender(client, names, writer, typeOf),
    read,
    aggregate,
    async get(ids) {
      const found = await locate(ids.filter((id) => !id.includes('/')));
      const foreign = await locateForeign(ids.filter((id) => id.includes('/')));
      return ids.map((id) => found.get(id) ?? foreign.get(id));
    },
    async erase(ids) {
      await refresh();
      const hits = await copies([...new Set(ids)]);
      const erased = new Set<string>();
      for (let start = 0; start < hits.length; start += FETCH) {
        const operations = hits
          .slice(start, start + FETCH)
          .map((hit) => ({ delete: { _index: hit._index, _id: hit._id! } }));
        const answer = await remotely('erase', () => client.bulk({ operations, refresh: true }));
        for (const { delete: item } of answer.items) {
          if (item?.status === 200) erased.add(item._id!);
          else if (item?.status !== 404)
            throw errors.remote(
              'Elasticsearch',
              'erase',
              `${item?.status} ${item?.error?.type}`,
              'repeat the call',
            );
        }
      }
      return erased.size;
    },
  };
}
