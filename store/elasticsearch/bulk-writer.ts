/**
 * Writes many documents, each with an outcome of its own: new ones, and ones that stand at a known version. Items of several
 * callers share requests; the queue is bounded in bytes, so that a slow cluster slows its callers instead of filling the memory.
 */
import type { Client } from '@elastic/elasticsearch';
import { errors } from '../../core/errors.ts';
import type { Version } from '../../core/store.ts';
import { attempts, type Backoff } from './backoff.ts';
import { type ItemAnswer, verdictOf } from './bulk-verdict.ts';
import { isPassing, remoteError, statusOf } from './connection.ts';
import { guardOf, versionOf } from './versioned.ts';

export interface BulkItem {
  index: string;
  id: string;
  /** The document as JSON. */
  source: string;
  /** What it replaces; left out when the document must not exist yet. */
  version?: Version;
}

export type BulkOutcome =
  | { outcome: 'created' }
  | { outcome: 'replaced'; version: Version }
  /** Or stands at another version. `resent`: an earlier attempt of this very call may have written it. */
  | { outcome: 'exists'; resent: boolean }
  | { outcome: 'rejected'; reason: string };

export interface BulkWriter {
  /** In order. Throws `errors.remote` when the outcome of the whole is unknown. */
  write(items: readonly BulkItem[]): Promise<BulkOutcome[]>;
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

/** Items that one caller waits for, together: a promise for each would cost more than the rest. */
interface Call {
  outcomes: BulkOutcome[];
  /** Without outcome yet. */
  open: number;
  /** The first failure; told when no request of this call is under way any more. */
  failure: Error | undefined;
  settled(): void;
}

interface Entry {
  call: Call;
  /** Place among the items of its call. */
  position: number;
  item: BulkItem;
  bytes: number;
  resent: boolean;
  isClosed: boolean;
}

const CREATED: BulkOutcome = { outcome: 'created' };

const written = ({ item }: Entry, answer: ItemAnswer): BulkOutcome =>
  item.version === undefined ? CREATED : { outcome: 'replaced', version: versionOf(answer) };

/** What is closed stays as it is: a failure of the rest of its request is not its own. */
function close(entry: Entry, result: BulkOutcome | Error): void {
  if (entry.isClosed) return;
  entry.isClosed = true;
  const { call, position } = entry;
  if (result instanceof Error) call.failure ??= result;
  else call.outcomes[position] = result;
  call.open -= 1;
  if (call.open === 0) call.settled();
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
          for (const entry of entries) close(entry, remoteError('bulk write', cause));
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
        // Of the answer only what decides: reading the rest would cost more than writing the request.
        { operations: [linesOf(entries)], filter_path: ANSWER },
        { maxRetries: 0, signal: closing.signal },
      );
      items = answer.items.map((item) => (item.create ?? item.index)!);
    } catch (cause) {
      return afterFailure(entries, cause);
    }
    const again: Entry[] = [];
    let why: unknown;
    for (const [index, entry] of entries.entries()) {
      const verdict = verdictOf(items[index]);
      if (verdict.kind === 'settled')
        close(
          entry,
          verdict.outcome === 'exists'
            ? { outcome: 'exists', resent: entry.resent }
            : written(entry, items[index]!),
        );
      else if (verdict.kind === 'rejected') close(entry, { outcome: 'rejected', reason: verdict.reason });
      else if (verdict.kind === 'refused') close(entry, remoteError('bulk write', verdict.cause));
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
        close(entries[0]!, {
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
    async write(items) {
      if (items.length === 0) return [];
      const sizes = items.map((item) => Buffer.byteLength(item.source) + 200);
      const bytes = sizes.reduce((sum, size) => sum + size, 0);
      while (queuedBytes > 0 && queuedBytes + bytes > limits.queueBytes) {
        await new Promise<void>((resolve) => waitingForRoom.push(resolve));
      }
      if (closing.signal.aborted) throw errors.remote('Elasticsearch', 'bulk write', 'the store is closed');
      queuedBytes += bytes;
      // All are waited for, so that no request of this call is still under way when the caller decides what to do next.
      const call = await new Promise<Call>((resolve) => {
        const mine: Call = {
          outcomes: new Array<BulkOutcome>(items.length),
          open: items.length,
          failure: undefined,
          settled: () => resolve(mine),
        };
        for (const [position, item] of items.entries())
          queue.push({ call: mine, position, item, bytes: sizes[position]!, resent: false, isClosed: false });
        // Not at once: what else is written in this turn of the event loop travels along.
        setImmediate(pump);
      });
      if (call.failure) throw call.failure;
      return call.outcomes;
    },
    close: () => closing.abort(),
  };
}

const ANSWER = [
  'errors',
  ...['items.create.status', 'items.create.error', 'items.create.failure_store'],
  ...['items.index.status', 'items.index.error', 'items.index._seq_no', 'items.index._primary_term'],
];

/** Action and document of each, one a line. */
function linesOf(entries: readonly Entry[]): string {
  let lines = '';
  for (const { item } of entries) lines += `${actionOf(item)}\n${item.source}\n`;
  return lines.slice(0, -1);
}

/** Written out, because it is made for every event. */
function actionOf({ index, id, version }: BulkItem): string {
  const place = `"_index":${JSON.stringify(index)},"_id":${JSON.stringify(id)}`;
  if (version === undefined) return `{"create":{${place}}}`;
  const { if_seq_no, if_primary_term } = guardOf(version);
  return `{"index":{${place},"if_seq_no":${if_seq_no},"if_primary_term":${if_primary_term}}}`;
}
