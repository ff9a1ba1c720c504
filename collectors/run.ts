/**
 * Delivery, once for all collectors. Order of writes: events → matches → alerts → dead letters → batch record → checkpoint;
 * a duplicate is evaluated like a new event. Each write may be repeated, so a process may die between any two of them.
 */
import type { Checkpoint } from '../core/documents.ts';
import { errors } from '../core/errors.ts';
import type { Evaluate } from '../core/evaluate.ts';
import type { Inventory } from '../core/inventory.ts';
import type { DailyFrom } from '../core/partition.ts';
import type { Pseudonym } from '../core/personal-data.ts';
import type { BatchRecord, Store, Stored } from '../core/store.ts';
import type { Collector } from './collector.ts';
import type { BatchFacts } from './delivery/account.ts';
import { countedEvents } from './delivery/counted.ts';
import { deliverBatch, newEpoch, type Patiently } from './delivery/deliver.ts';
import { retrying } from './delivery/retry.ts';
import { fairShare, type Share } from './delivery/share.ts';
import type { ReadBatch, Reader, ReadPosition } from './reading/reader.ts';

/** Where records come from, and what their collector must know to read them. */
export interface Origin {
  id: string;
  collector: Collector;
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

/** One stream of records, as the settings name it. */
export interface Source extends Origin {
  reader: Reader;
}

/** What a call of the store was for. */
export type StoreStage = WriteStage | 'resume';
export type WriteStage = 'events' | 'matches' | 'alerts' | 'dead-letters' | 'batch' | 'checkpoint';

export interface Delivery {
  store: Store;
  evaluate: Evaluate;
  now: () => number;
  retentionDays: number;
  /** Days of datasets that are kept shorter or longer. */
  retention?: Readonly<Record<string, number>>;
  /** Datasets whose partitions are days. */
  daily?: DailyFrom;
  /** Describes the machines of events; asked for each batch. */
  inventory?: () => Inventory;
  /** Hears of every delivered batch (metrics, progress). */
  observe?: (facts: BatchFacts) => void;
  /** Hears of trouble that a person should know; the text holds no event data. */
  warn?: (message: string) => void;
  /** Hears of every failed call of the store; it is repeated until it succeeds. */
  failed?: (stage: StoreStage) => void;
  /** Called after each write; the crash proofs stop the process here. */
  onWrite?: (stage: WriteStage, source: string, number: number) => void | Promise<void>;
  /** Bytes of one batch, in the place of a share. */
  batchBytes?: number;
  /** Shared with the other sources of this process. */
  share?: Share;
}

export interface RunOptions {
  signal: AbortSignal;
  until: 'end' | 'forever';
}

const MAX_RECORD_BYTES = 1_048_576;

/** Reads a source and delivers until its end, or until the signal. Throws when another process writes for the same source. */
export async function run(source: Source, delivery: Delivery, options: RunOptions): Promise<void> {
  const { store } = delivery;
  const warn = delivery.warn ?? (() => undefined);
  const patiently: Patiently = (stage, work) =>
    retrying(work, { signal: options.signal, warn, failed: () => delivery.failed?.(stage) });
  const last = await patiently('resume', () => store.batches.last(source.id));
  let number = (last?.number ?? 0) + 1;
  let checkpoint = await patiently('resume', () => store.documents.get('checkpoint', source.id));
  const from = placeToResume(checkpoint?.body, last);
  const time = checkpoint?.body.time ?? {
    anchor: source.anchor ?? new Date(delivery.now()).toISOString(),
    zone: String(source.zoneMinutes ?? 0),
  };

  const share = (delivery.share ?? fairShare()).source();
  const readOptions = {
    signal: options.signal,
    until: options.until,
    get batchBytes() {
      return delivery.batchBytes ?? share.bytes();
    },
    get gatherMs() {
      return share.gatherMs();
    },
    maxRecordBytes: source.collector.maxBytes ?? MAX_RECORD_BYTES,
    warn,
  };
  const shared = {
    ...{ origin: source, writer: source.id, epoch: newEpoch(), time },
    ...{ known: countedEvents(store.batches, source.id, number - 1), delivery, patiently },
  };
  for await (const batch of source.reader(from, readOptions)) {
    if (batch.records.length > 0) {
      const leave = share.enter(batch.records.reduce((sum, { raw }) => sum + raw.length, 0));
      await deliverBatch(batch, { ...shared, number }).finally(leave);
      number += 1;
    }
    checkpoint = await patiently('checkpoint', () => writeCheckpoint(batch));
    await delivery.onWrite?.('checkpoint', source.id, number - 1);
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
