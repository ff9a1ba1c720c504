/** Reads documents by id, as they are now: no refresh is waited for. What is asked for in one turn travels as one request. */
import type { Client } from '@elastic/elasticsearch';
import { errors } from '../../core/errors.ts';
import { remotely } from './connection.ts';
import { gathered } from './gathered.ts';

/** An incident with a long story has megabytes. */
const MOST = 200;

export interface Found {
  _source?: unknown;
  _seq_no?: number;
  _primary_term?: number;
}

/** Undefined when there is no such document; throws when its index is missing. */
export type ReadById = (place: { index: string; id: string }) => Promise<Found | undefined>;

export function readerById(client: Client): ReadById {
  const read = gathered(MOST, async (places: readonly { index: string; id: string }[]) => {
    const docs = places.map(({ index, id }) => ({ _index: index, _id: id }));
    return (await remotely('read documents', () => client.mget({ docs }))).docs;
  });
  return async (place) => {
    const answer = await read(place);
    if ('error' in answer) {
      const { type, reason } = answer.error;
      throw type === 'index_not_found_exception'
        ? errors.remote(
            'Elasticsearch',
            `read ${place.index}`,
            'the index is missing',
            'start "vigia serve" once, it creates them',
          )
        : errors.remote('Elasticsearch', `read ${place.index}`, reason ?? type, 'the call may be repeated');
    }
    return answer.found ? answer : undefined;
  };
}
