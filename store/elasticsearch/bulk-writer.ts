/**
 * Writes many documents with `create`, each with an outcome of its own. Items of several callers share requests; the queue is
 * bounded in bytes, so that a slow cluster slows its callers instead of filling the memory.
 */
import type { Client } from '@elastic/elasticsearch';
import { errors } from '../../core/errors.ts';
import { attempts, type Backoff } from './backoff.ts';
import { type ItemAnswer, verdictOf } from './bulk-verdict.ts';
import { isPassing, remoteError, statusOf } from './connection.ts';

export interface BulkItem {
  index: string;
  id: string;
  /** The document as JSON. */
  source: string;
}

export type BulkOutcome =
  | { outcome: 'created' }
  /** `resent`: an earlier attempt of this very call may have written it. */
  | { outcome: 'exists'; resent: boolean }
  | { outcome: 'rejected'; reason: string };

export interface BulkWriter {
  /** In order. Throws `errors.remote` when the outcome of the whole is unknown. */
  create(items: readonly BulkItem[]): Promise<BulkOutcome[]>;
  /** Ends waiting attempts; callers get an error. */
  close(): void;
}

export interface BulkLimits {
  /** One request holds at most this much (unless one document alone is larger). */
  requestBytes: number;
  requestItems: number;
  /** Requests under way at the same time. */
  requests: number;
  /** Waiting and under way together; callers wait for room. */
  queueBytes: number;
}

export const bulkLimits: BulkLimits = {
  requestBytes: 5_000_000,
  requestItems: 2_000,
  requests: 2,
  queueBytes: 50_000_000,
};

interface Entry {
  item: BulkItem;
  bytes: number;
  resent: boolean;
  resolve(outcome: BulkOutcome): void;
  reject(error: Error): void;
}

export function bulkWriter(client: Client, backoff: Backoff, limits: BulkLimits = bulkLimits): BulkWriter {
  const queue: Entry[] = [];
  const waitingForRoom: (() => void)[] = [];
  const closing = new AbortController();
  let queuedBytes = 0;
  let underWay = 0;

  function pump(): void {
    while (underWay < limits.requests && queue.length > 0) {
      const entries = takeRequest();
      underWay++;
      void deliver(entries)
        .catch((cause) => {
          for (const entry of entries) entry.reject(remoteError('bulk write', cause));
        })
        .finally(() => {
          underWay--;
          queuedBytes -= entries.reduce((sum, entry) => sum + entry.bytes, 0);
          for (const go of waitingForRoom.splice(0)) go();
          pump();
        });
    }
  }

  function takeRequest(): Entry[] {
    let bytes = 0;
    let count = 0;
    while (count < queue.length && count < limits.requestItems) {
      bytes += queue[count]!.bytes;
      if (count > 0 && bytes > limits.requestBytes) break;
      count++;
    }
    return queue.splice(0, count);
  }

  /** Settles every entry; throws when it cannot. */
  async function deliver(all: readonly Entry[]): Promise<void> {
    const pause = attempts(backoff, closing.signal);
    let open = all;
    for (;;) {
      const result = await attempt(open);
      open = result.again;
      if (open.length === 0) return;
      if (!(await pause.wait())) throw remoteError('bulk write', result.why);
    }
  }

  async function attempt(entries: readonly Entry[]): Promise<{ again: readonly Entry[]; why: unknown }> {
    let items: readonly ItemAnswer[];
    try {
      const answer = await client.bulk(
        { operations: linesOf(entries) },
        { maxRetries: 0, signal: closing.signal },
      );
      items = answer.items.map((item) => item.create!);
    } catch (cause) {
      return afterFailure(entries, cause);
    }
    const again: Entry[] = [];
    let why: unknown;
    for (const [index, entry] of entries.entries()) {
      const verdict = verdictOf(items[index]);
      if (verdict.kind === 'settled')
        entry.resolve(
          verdict.outcome === 'exists' ? { outcome: 'exists', resent: entry.resent } : { outcome: 'created' },
        );
      else if (verdict.kind === 'rejected') entry.resolve({ outcome: 'rejected', reason: verdict.reason });
      else if (verdict.kind === 'refused') entry.reject(remoteError('bulk write', verdict.cause));
      else {
        again.push(entry);
        why = verdict.cause;
      }
    }
    return { again, why };
  }

  async function afterFailure(
    entries: readonly Entry[],
    cause: unknown,
  ): Promise<{ again: readonly Entry[]; why: unknown }> {
    if (statusOf(cause) === 413) {
      if (entries.length === 1) {
        entries[0]!.resolve({
          outcome: 'rejected',
          reason: `larger than Elasticsearch takes in one request (${entries[0]!.bytes} bytes)`,
        });
        return { again: [], why: cause };
      }
      const half = Math.ceil(entries.length / 2);
      await deliver(entries.slice(0, half));
      await deliver(entries.slice(half));
      return { again: [], why: cause };
    }
    if (!isPassing(cause)) throw cause;
    // Anything may have been written before the answer was lost; create-only ids make sending it again safe.
    if (statusOf(cause) !== 429) for (const entry of entries) entry.resent = true;
    return { again: entries, why: cause };
  }

  return {
    async create(items) {
      const entries = items.map((item) => ({ item, bytes: Buffer.byteLength(item.source) + 200 }));
      const bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
      while (queuedBytes > 0 && queuedBytes + bytes > limits.queueBytes) {
        await new Promise<void>((resolve) => waitingForRoom.push(resolve));
      }
      if (closing.signal.aborted) throw errors.remote('Elasticsearch', 'bulk write', 'the store is closed');
      queuedBytes += bytes;
      const outcomes = entries.map(
        (entry) =>
          new Promise<BulkOutcome>((resolve, reject) =>
            queue.push({ ...entry, resent: false, resolve, reject }),
          ),
      );
      pump();
      // Wait for all, so that no request of this call is still under way when the caller decides what to do next.
      const settled = await Promise.allSettled(outcomes);
      const failed = settled.find((result) => result.status === 'rejected');
      if (failed) throw failed.reason;
      return settled.map((result) => (result as PromiseFulfilledResult<BulkOutcome>).value);
    },
    close: () => closing.abort(),
  };
}

const linesOf = (entries: readonly Entry[]): string[] =>
  entries.flatMap(({ item }) => [
    JSON.stringify({ create: { _index: item.index, _id: item.id } }),
    item.source,
  ]);
