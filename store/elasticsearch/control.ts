/** Counters and leases in Elasticsearch: small documents, read and written by id. */
import { randomUUID } from 'node:crypto';
import type { Client } from '@elastic/elasticsearch';
import { wrote } from '../../core/wrote.ts';
import type { LeaseRecord, LeaseSlots } from '../leases.ts';
import { attempts, type Backoff } from './backoff.ts';
import { remoteError, remotely } from './connection.ts';
import { withStoreFields } from './hidden.ts';
import { storedId } from './names.ts';
import { versionOf, writeAt } from './versioned.ts';

export interface Counters {
  next(counter: string): Promise<number>;
}

/** Many processes may want a number at once: short waits, for a long time. */
const CONTENDED: Backoff = { firstMs: 20, mostMs: 500, giveUpMs: 30_000 };

export function control(client: Client, index: string): { counters: Counters; slots: LeaseSlots } {
  async function get<T>(id: string): Promise<{ record: T; version: string } | undefined> {
    const answer = await remotely(`read ${id}`, () =>
      client.get<{ record: T }>({ index, id: storedId(id) }, { ignore: [404] }),
    );
    return answer.found ? { record: answer._source!.record, version: versionOf(answer) } : undefined;
  }

  /** False when the record is not at `version` any more. */
  function put(id: string, record: object | number, version: string | undefined): Promise<boolean> {
    const write = randomUUID();
    const source = withStoreFields({ record }, { id, write });
    return wrote(() => writeAt(client, { index, id: storedId(id), source, write, version, what: id }));
  }

  /** One number at a time per counter and process: conflicts are left to different processes. */
  const queues = new Map<string, Promise<number>>();

  async function take(counter: string): Promise<number> {
    const id = `counter:${counter}`;
    const pause = attempts(CONTENDED);
    for (;;) {
      const held = await get<number>(id);
      const next = (held?.record ?? 0) + 1;
      if (await put(id, next, held?.version)) return next;
      if (!(await pause.wait()))
        throw remoteError(`take a number of ${counter}`, new Error('too many others take numbers at once'));
    }
  }

  return {
    counters: {
      next(counter) {
        const before = queues.get(counter) ?? Promise.resolve(0);
        const mine = before.then(
          () => take(counter),
          () => take(counter),
        );
        queues.set(counter, mine);
        return mine.finally(() => {
          if (queues.get(counter) === mine) queues.delete(counter);
        });
      },
    },
    slots: {
      get: (name) => get<LeaseRecord>(`lease:${name}`),
      put: (name, record, version) => put(`lease:${name}`, record, version),
    },
  };
}
