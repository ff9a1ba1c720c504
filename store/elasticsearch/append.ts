/** Appends events, create only: what is known already is compared by hash, and our own resent writes are recognised. */
import type { Client } from '@elastic/elasticsearch';
import { errors } from '../../core/errors.ts';
import type { Event } from '../../core/event.ts';
import type { Appended, EventStore, NewEvent } from '../../core/store.ts';
import { eventTimeMs } from '../event-time.ts';
import type { BulkOutcome, BulkWriter } from './bulk-writer.ts';
import { remotely } from './connection.ts';
import { hiddenPaths, withStoreFields } from './hidden.ts';
import type { Names } from './names.ts';
import type { TypeOf } from './templates.ts';

/** Known events looked up at a time. */
const FETCH = 1_000;

interface Facts {
  hash: string;
  batch: string | undefined;
}

export function eventAppender(
  client: Client,
  names: Names,
  writer: BulkWriter,
  typeOf: TypeOf,
): EventStore['append'] {
  let isPrepared = false;
  /** Without our template Elasticsearch guesses field types, and conditions would silently miss events. */
  async function prepare(): Promise<void> {
    if (isPrepared) return;
    const name = names.prefixed('vigia-events');
    // A writer with the least rights may not read templates (403): then whoever installed Vigia is trusted.
    const answer = await remotely('look for the index template', () =>
      client.indices.getIndexTemplate({ name }, { ignore: [403, 404], meta: true }),
    );
    if (answer.statusCode === 404) {
      throw errors.remote(
        'Elasticsearch',
        'append',
        `index template ${name} is missing`,
        'start "vigia serve" once, it creates them',
      );
    }
    isPrepared = true;
  }

  async function append(batch: readonly NewEvent[]): Promise<Appended[]> {
    await prepare();
    const sent: { position: number; item: NewEvent }[] = [];
    const outcomes = new Array<Appended>(batch.length);
    for (const [position, item] of batch.entries()) {
      if (eventTimeMs(item.event) === undefined)
        outcomes[position] = { outcome: 'rejected', reason: '@timestamp is not an ISO 8601 time' };
      else sent.push({ position, item });
    }
    const answers = await writer.write(
      sent.map(({ item: { event, partition } }) => {
        const hidden = hiddenPaths(event, typeOf);
        return {
          index: names.partition(partition),
          id: event.event.id,
          source: JSON.stringify(hidden.length > 0 ? withStoreFields(event, { hidden }) : event),
        };
      }),
    );
    const known = sent.filter((_, index) => answers[index]!.outcome === 'exists').map(({ item }) => item);
    const stored = await storedFacts(known);
    const mine = new Set<string>();
    for (const [index, { position, item }] of sent.entries())
      outcomes[position] = settle(item, answers[index]!, stored, mine);
    return outcomes;
  }

  const place = ({ event, partition }: NewEvent): string => `${names.partition(partition)}/${event.event.id}`;

  function settle(
    item: NewEvent,
    answer: BulkOutcome,
    stored: Map<string, Facts>,
    mine: Set<string>,
  ): Appended {
    if (answer.outcome === 'rejected') return answer;
    if (answer.outcome !== 'exists') return { outcome: 'stored' };
    const facts = stored.get(place(item));
    if (facts?.hash !== item.event.event.hash) return { outcome: 'collision' };
    // The answer of an earlier attempt was lost, and it was that attempt that stored the event.
    const batch = item.event.vigia?.batch;
    if (answer.resent && batch !== undefined && facts.batch === batch && !mine.has(place(item))) {
      mine.add(place(item));
      return { outcome: 'stored' };
    }
    return { outcome: 'duplicate', batch: facts.batch };
  }

  async function storedFacts(items: readonly NewEvent[]): Promise<Map<string, Facts>> {
    const facts = new Map<string, Facts>();
    for (let start = 0; start < items.length; start += FETCH) {
      const docs = items
        .slice(start, start + FETCH)
        .map(({ event, partition }) => ({ _index: names.partition(partition), _id: event.event.id }));
      const answer = await remotely('look up duplicates', () =>
        client.mget<Event>({ docs, _source_includes: ['event.hash', 'vigia.batch'] }),
      );
      for (const [index, found] of answer.docs.entries()) {
        if (!('found' in found) || !found.found) {
          throw errors.remote(
            'Elasticsearch',
            'look up duplicates',
            'an event that was just refused as known is not there',
            'the call may be repeated',
          );
        }
        const { event, vigia } = found._source!;
        facts.set(place(items[start + index]!), { hash: event.hash, batch: vigia?.batch });
      }
    }
    return facts;
  }

  return append;
}
