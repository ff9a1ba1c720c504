/** Counters and leases in Elasticsearch: small documents, read and written by id. */
import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Client } from '@elastic/elasticsearch';
import { wrote } from '../../core/wrote.ts';
import type { LeaseRecord, LeaseSlots } from '../leases.ts';
import { attempts, type Backoff } from './backoff.ts';
import type { BulkWriter } from './bulk-writer.ts';
import { remoteError } from './connection.ts';
import { withStoreFields } from './hidden.ts';
import { storedId } from './names.ts';
import type { ReadById } from './read-by-id.ts';
import { versionOf, writeAt } from './versioned.ts';

export interface Counters {
  next(counter: string): Promise<number>;
}

interface Waiting {
  resolve(number: number): void;
  reject(cause: unknown): void;
}

/** Many processes may want a number at once: short waits, for a long time. */
const CONTENDED: Backoff = { firstMs: 20, mostMs: 500, giveUpMs: 30_000 };

export function control(
  client: Client,
  index: string,
  { read, writer }: { read: ReadById; writer: BulkWriter },
): { counters: Counters; slots: LeaseSlots } {
  async function get<T>(id: string): Promise<{ record: T; version: string } | undefined> {
    const found = await read({ index, id: storedId(id) });
    return found && { record: (found._source as { record: T }).record, version: versionOf(found) };
  }

  /** False when the record is not at `version` any more. */
  function put(id: string, record: object | number, version: string | undefined): Promise<boolean> {
    const write = randomUUID();
    const source = withStoreFields({ record }, { id, write });
    return wrote(() =>
      writeAt(client, writer, { index, id: storedId(id), source, write, version, what: id }),
    );
  }

  /** Who waits for a number of a counter; present while somebody takes numbers of it. */
  const waiting = new Map<string, Waiting[]>();

  /** The first of `count` numbers that nobody else has. */
  async function take(counter: string, count: number): Promise<number> {
    const id = `counter:${counter}`;
    const pause = attempts(CONTENDED);
    for (;;) {
      const held = await get<number>(id);
      const last = held?.record ?? 0;
      if (await put(id, last + count, held?.version)) return last + 1;
      if (!(await pause.wait()))
        throw remoteError(`take a number of ${counter}`, new Error('too many others take numbers at once'));
    }
  }

  /** One process takes for all that wait, in their order: conflicts are left to different processes. */
  async function serve(counter: string, queue: Waiting[]): Promise<void> {
    for (;;) {
      await nextTurn();
      const callers = queue.splice(0);
      if (callers.length === 0) break;
      try {
        const first = await take(counter, callers.length);
        for (const [index, { resolve }] of callers.entries()) resolve(first + index);
      } catch (cause) {
        for (const { reject } of callers) reject(cause);
      }
    }
    waiting.delete(counter);
  }

  return {
    counters: {
      next: (counter) =>
        new Promise((resolve, reject) => {
          const queue = waiting.get(counter);
          if (queue) return void queue.push({ resolve, reject });
          const opened: Waiting[] = [{ resolve, reject }];
          waiting.set(counter, opened);
          void serve(counter, opened);
        }),
    },
    slots: {
      get: (name) => get<LeaseRecord>(`lease:${name}`),
      put: (name, record, version) => put(`lease:${name}`, record, version),
    },
  };
}
