/** The event part of the embedded store, on the caller's thread: prepares rows, checks queries, parses answers. */
import { always, and, type Condition, isIn } from '../../core/conditions/tree.ts';
import { errors } from '../../core/errors.ts';
import type { Event } from '../../core/event.ts';
import type { Appended, EventQuery, EventStore, NewEvent } from '../../core/store.ts';
import { decodeAfter, encodeAfter } from '../after.ts';
import { eventTimeMs } from '../event-time.ts';
import { pageSize } from '../page-size.ts';
import { timeRange } from '../time-range.ts';
import { isOdd } from './condition-sql.ts';
import type { EventItem, ReadOutput } from './event-operations.ts';
import { eventTerms } from './terms.ts';
import type { Thread } from './thread.ts';

export function embeddedEvents(thread: Thread): EventStore {
  return {
    async append(batch) {
      const items: EventItem[] = [];
      const outcomes: (Appended | undefined)[] = batch.map((item) => {
        const prepared = prepare(item);
        if ('outcome' in prepared) return prepared;
        items.push(prepared);
        return undefined;
      });
      const stored = items.length > 0 ? await thread.call('append', items) : [];
      let next = 0;
      return outcomes.map((outcome) => outcome ?? stored[next++]!);
    },
    async get(ids) {
      const bodies = await thread.call('getEvents', ids);
      return bodies.map((body) => (body === undefined ? undefined : parse(body)));
    },
    async read(query) {
      const { bodies, next, fetched } = await thread.call('readEvents', {
        ...timeRange(query),
        condition: conditionOf(query),
        newest: query.order === 'newest',
        size: pageSize(query.size),
        after: query.after === undefined ? undefined : decodeAfter(query.after, isPlace),
      });
      return { events: bodies.map(parse), fetched, ...(next ? { next: encodeAfter(next) } : {}) };
    },
    aggregate: (query) =>
      thread.call('aggregateEvents', {
        ...timeRange(query),
        condition: conditionOf(query),
        groupBy: query.groupBy,
        measure: query.measure,
      }),
    erase: (ids) => thread.call('eraseEvents', ids),
  };
}

const parse = (body: string): Event => JSON.parse(body) as Event;

function prepare({ event, partition }: NewEvent): EventItem | Appended {
  const at = eventTimeMs(event);
  if (at === undefined) return { outcome: 'rejected', reason: '@timestamp is not an ISO 8601 time' };
  const body = JSON.stringify(event);
  return {
    id: event.event.id,
    partition,
    at,
    hash: event.event.hash,
    batch: event.vigia?.batch,
    odd: isOdd(body),
    body,
    terms: eventTerms(event),
  };
}

function conditionOf({
  where = always,
  datasets,
  indices,
}: Pick<EventQuery, 'where' | 'datasets' | 'indices'>): Condition {
  if (indices && indices.length > 0) {
    throw errors.usage(
      'the embedded store has no index patterns',
      'leave "indices" out, or use Elasticsearch',
    );
  }
  return datasets ? and(isIn('event.dataset', datasets), where) : where;
}

const isPlace = ({ upTo, place }: Partial<NonNullable<ReadOutput['next']>>): boolean =>
  Number.isInteger(upTo) && Number.isInteger(place?.at) && Number.isInteger(place?.seq);
