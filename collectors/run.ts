/**
 * Delivery, once for all collectors. Order of writes: events → matches → alerts → dead letters → batch record → checkpoint;
 * a duplicate is evaluated like a new event. Each write may be repeated, so a process may die between any two of them.
 */
import { randomUUID } from 'node:crypto';
import type { Checkpoint } from '../core/documents.ts';
import { errors } from '../core/errors.ts';
import type { Evaluate } from '../core/evaluate.ts';
import type { Pseudonym } from '../core/personal-data.ts';
import type { BatchRecord, Store, Stored } from '../core/store.ts';
import type { Collector } from './collector.ts';
import { account, type BatchFacts } from './delivery/account.ts';
import { countedEvents, stampText } from './delivery/counted.ts';
import { prepare } from './delivery/prepare.ts';
import { retrying } from './delivery/retry.ts';
import { touchedBy } from './delivery/touched.ts';
import type { ReadBatch, Reader, ReadPosition } from './reading/reader.ts';

/** One stream of records, as the settings name it. */
export interface Source {
  id: string;
  collector: Collector;
  reader: Reader;
  /** Minutes east of UTC for records that name no zone. */
  zoneMinutes?: number;
  /** ISO time near which records without a year lie; the first reading when left out. */
  anchor?: string;
  host?: string;
  /** How text is written; UTF-8 when left out, and then anything else is dead-lettered. */
  encoding?: 'utf-8' | 'latin1';
  /** Makes pseudonyms of citizens' identifiers. */
  pseudonym?: Pseudonym;
}

/** What a call of the store was for. */
export type StoreStage = WriteStage | 'resume';
export type WriteStage = 'events' | 'matches' | 'alerts' | 'dead-letters' | 'batch' | 'checkpoint';

export interface Delivery {
  store: Store;
  evaluate: Evaluate;
  now: () => number;
  retentionDays: number;
  /** Hears of every delivered batch (metrics, progress). */
  observe?: (facts: BatchFacts) => void;
  /** Hears of trouble that a person should know; the text holds no event data. */
  warn?: (message: string) => void;
  /** Hears of every failed call of the store; it is repeated until it succeeds. */
  failed?: (stage: StoreStage) => void;
  /** Called after each write; the crash proofs stop the process here. */
  onWrite?: (stage: WriteStage, source: string, number: number) => void | Promise<void>;
  batchBytes?: number;
}

export interface RunOptions {
  signal: AbortSignal;
  until: 'end' | 'forever';
}

const DAY_MS = 86_400_000;
const BATCH_BYTES = 384 * 1_024;
const MAX_RECORD_BYTES = 1_048_576;

/** Reads a source and delivers until its end, or until the signal. Throws when another process writes for the same source. */
export async function run(source: Source, delivery: Delivery, options: RunOptions): Promise<void> {
  const { store } = delivery;
  const warn = delivery.warn ?? (() => undefined);
  const patiently = <T>(stage: StoreStage, work: () => Promise<T>) =>
    retrying(work, { signal: options.signal, warn, failed: () => delivery.failed?.(stage) });
  const epoch = randomUUID().slice(0, 8);
  const last = await patiently('resume', () => lastBatch(store, source.id));
  let number = (last?.number ?? 0) + 1;
  let checkpoint = await patiently('resume', () => store.documents.get('checkpoint', source.id));
  const known = countedEvents(store.batches, source.id, number - 1);
  const from = placeToResume(checkpoint?.body, last);
  const time = checkpoint?.body.time ?? {
    anchor: source.anchor ?? new Date(delivery.now()).toISOString(),
    zone: String(source.zoneMinutes ?? 0),
  };

  const readOptions = {
    signal: options.signal,
    until: options.until,
    batchBytes: delivery.batchBytes ?? BATCH_BYTES,
    maxRecordBytes: source.collector.maxBytes ?? MAX_RECORD_BYTES,
    warn,
  };
  for await (const batch of source.reader(from, readOptions)) {
    if (batch.records.length > 0) await deliver(batch);
    checkpoint = await patiently('checkpoint', () => writeCheckpoint(batch));
    await delivery.onWrite?.('checkpoint', source.id, number - 1);
  }

  async function deliver(batch: ReadBatch): Promise<void> {
    const started = delivery.now();
    const wrote = (stage: WriteStage) => delivery.onWrite?.(stage, source.id, number);
    const stamp = stampText({ writer: source.id, number, epoch });
    const prepared = prepare(batch.records, source, {
      readMs: started,
      retentionStartMs: started - delivery.retentionDays * DAY_MS,
      time,
      batch: stamp,
    });
    const events = prepared.events.map(({ event }) => event);
    const [appended, evaluation] = await Promise.all([
      patiently('events', () => store.events.append(prepared.events)),
      patiently('events', () => delivery.evaluate(events)),
    ]);
    await wrote('events');
    const met = prepared.events.flatMap(({ event }, index) => {
      const result = appended[index]!;
      return result.outcome === 'duplicate' ? [{ id: event.event.id, batch: result.batch }] : [];
    });
    const counted = account(prepared, appended, evaluation, {
      source,
      stamp,
      counted: await patiently('events', () => known.among(met)),
      at: started,
    });

    await patiently('matches', () =>
      store.documents.createMany(
        'match',
        counted.matches.map((body) => ({ id: body.id, body })),
      ),
    );
    await wrote('matches');
    const alerts = await patiently('alerts', () =>
      store.documents.createMany(
        'alert',
        counted.alerts.map((body) => ({ id: body.id, body })),
      ),
    );
    await wrote('alerts');
    await patiently('dead-letters', () =>
      store.documents.createMany(
        'dead-letter',
        counted.deadLetters.map((body) => ({ id: body.id, body })),
      ),
    );
    await wrote('dead-letters');
    const record: BatchRecord = {
      writer: source.id,
      number,
      at: new Date(started).toISOString(),
      epoch,
      ...(counted.recounted.length > 0 ? { recounted: counted.recounted } : {}),
      next: batch.next,
      ledger: [counted.ledger],
      ...(counted.span ? { span: counted.span } : {}),
      partitions: [...new Set(prepared.events.map(({ partition }) => partition))],
      // One that was there may be open although an exception covers it by now: whoever follows looks at what is stored.
      alerts: counted.alerts
        .filter(({ state }, index) => state === 'open' || alerts[index] === 'exists')
        .map((alert) => alert.id),
      touched: touchedBy(counted.matches),
    };
    await patiently('batch', () => store.batches.publish(record));
    known.add(record);
    await wrote('batch');
    number += 1;
    delivery.observe?.({
      ...counted.facts,
      durationMs: delivery.now() - started,
      ...(batch.behindBytes === undefined ? {} : { behindBytes: batch.behindBytes }),
    });
  }

  async function writeCheckpoint(batch: ReadBatch): Promise<Stored<Checkpoint>> {
    const body: Checkpoint = {
      source: source.id,
      collector: source.collector.id,
      ...batch.next,
      time,
      batch: number - 1,
      at: new Date(delivery.now()).toISOString(),
    };
    if (checkpoint) {
      const version = await store.documents.update('checkpoint', source.id, body, checkpoint.version);
      return { id: source.id, version, body };
    }
    await store.documents.create('checkpoint', source.id, body);
    const written = await store.documents.get('checkpoint', source.id);
    if (!written || written.body.position !== body.position)
      throw errors.conflict(`the checkpoint of ${source.id}`);
    return written;
  }
}

/** A process that died between batch record and checkpoint got further than the checkpoint says; without one, all is read again. */
function placeToResume(
  checkpoint: Checkpoint | undefined,
  last: BatchRecord | undefined,
): ReadPosition | undefined {
  if (!checkpoint) return last && { ...last.next, again: true };
  return last && last.number > checkpoint.batch ? { ...last.next, at: last.at } : checkpoint;
}

async function lastBatch({ batches }: Store, writer: string): Promise<BatchRecord | undefined> {
  const last = (await batches.writers()).find((one) => one.writer === writer)?.last ?? 0;
  return last === 0 ? undefined : (await batches.follow(writer, last - 1, 1))[0];
}
