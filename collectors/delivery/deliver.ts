/**
 * Delivers one batch. Order of writes: events → matches → alerts → dead letters → batch record; a duplicate is evaluated like
 * a new event. Each write may be repeated, so a process may die between any two of them.
 */
import { randomUUID } from 'node:crypto';
import type { Checkpoint } from '../../core/documents.ts';
import type { BatchRecord } from '../../core/store.ts';
import type { ReadBatch } from '../reading/reader.ts';
import type { Delivery, Origin, StoreStage, WriteStage } from '../run.ts';
import { account, type Counted } from './account.ts';
import { type CountedEvents, stampText } from './counted.ts';
import { takeEvents } from './take-events.ts';
import { touchedBy } from './touched.ts';

/** Repeats a call of the store until it succeeds. */
export type Patiently = <T>(stage: StoreStage, work: () => Promise<T>) => Promise<T>;

export interface BatchWriter {
  origin: Origin;
  /** Under this name the batch is published; the source, except where something writes beside its reader. */
  writer: string;
  /** New in every process. */
  epoch: string;
  number: number;
  time: Checkpoint['time'];
  known: CountedEvents;
  delivery: Delivery;
  patiently: Patiently;
}

const DAY_MS = 86_400_000;

export const newEpoch = (): string => randomUUID().slice(0, 8);

export async function deliverBatch(
  batch: ReadBatch,
  { origin, writer, epoch, number, time, known, delivery, patiently }: BatchWriter,
): Promise<Counted> {
  const { store } = delivery;
  const started = delivery.now();
  const wrote = (stage: WriteStage) => delivery.onWrite?.(stage, origin.id, number);
  const stamp = stampText({ writer, number, epoch });
  const context = {
    readMs: started,
    retentionStartMs: started - delivery.retentionDays * DAY_MS,
    retentionStartsMs: Object.fromEntries(
      Object.entries(delivery.retention ?? {}).map(([dataset, days]) => [dataset, started - days * DAY_MS]),
    ),
    daily: delivery.daily,
    time,
    batch: stamp,
    inventory: delivery.inventory?.(),
  };
  const taken = await takeEvents(batch.records, origin, context, { delivery, patiently });
  await wrote('events');
  const met = taken.events.flatMap(({ id, appended }) =>
    appended.outcome === 'duplicate' ? [{ id, batch: appended.batch }] : [],
  );
  const counted = account(taken, {
    origin,
    stamp,
    counted: await patiently('events', () => known.among(met)),
    at: started,
  });

  await patiently('matches', () => store.documents.createMany('match', counted.matches.map(asItem)));
  await wrote('matches');
  const alerts = await patiently('alerts', () =>
    store.documents.createMany('alert', counted.alerts.map(asItem)),
  );
  await wrote('alerts');
  await patiently('dead-letters', () =>
    store.documents.createMany('dead-letter', counted.deadLetters.map(asItem)),
  );
  await wrote('dead-letters');
  const record: BatchRecord = {
    writer,
    number,
    at: new Date(started).toISOString(),
    epoch,
    ...(counted.recounted.length > 0 ? { recounted: counted.recounted } : {}),
    next: batch.next,
    ledger: [counted.ledger],
    ...(counted.span ? { span: counted.span } : {}),
    partitions: [...new Set(taken.events.map(({ partition }) => partition))],
    // One that was there may be open although an exception covers it by now: whoever follows looks at what is stored.
    alerts: counted.alerts
      .filter(({ state }, index) => state === 'open' || alerts[index] === 'exists')
      .map((alert) => alert.id),
    touched: touchedBy(counted.matches),
  };
  await patiently('batch', () => store.batches.publish(record));
  known.add(record);
  await wrote('batch');
  delivery.observe?.({
    ...counted.facts,
    durationMs: delivery.now() - started,
    ...(batch.behindBytes === undefined ? {} : { behindBytes: batch.behindBytes }),
  });
  return counted;
}

const asItem = <T extends { id: string }>(body: T): { id: string; body: T } => ({ id: body.id, body });
