/**
 * Stores and evaluates the records of a batch a part at a time: while the store takes one part the next is prepared, and events
 * are let go once they are stored and evaluated. What is left of each is what the ledger must know.
 */
import type { DeadLetter } from '../../core/documents.ts';
import type { Evaluation } from '../../core/evaluate.ts';
import type { Appended } from '../../core/store.ts';
import type { Delivery, Origin } from '../run.ts';
import type { Patiently } from './deliver.ts';
import { type PlacedRecord, type PrepareContext, prepare } from './prepare.ts';

/** An event that was given to the store. */
export interface Taken {
  id: string;
  /** Its `@timestamp`. */
  at: string;
  partition: string;
  record: PlacedRecord;
  appended: Appended;
}

export interface TakenBatch extends Evaluation {
  read: number;
  /** In the order of their records. */
  events: Taken[];
  /** Records that did not become events. */
  deadLetters: DeadLetter[];
}

const RECORDS_AT_ONCE = 500;
/** One is being stored while the other is made. */
const PARTS_AT_ONCE = 2;

export async function takeEvents(
  records: readonly PlacedRecord[],
  origin: Origin,
  context: PrepareContext,
  { delivery, patiently }: { delivery: Delivery; patiently: Patiently },
): Promise<TakenBatch> {
  const batch: TakenBatch = { read: records.length, events: [], deadLetters: [], matches: [], alerts: [] };
  const underWay: Promise<TakenBatch>[] = [];
  const settleFirst = async () => {
    const { events, deadLetters, matches, alerts } = await underWay.shift()!;
    batch.events.push(...events);
    batch.deadLetters.push(...deadLetters);
    batch.matches.push(...matches);
    batch.alerts.push(...alerts);
  };
  try {
    for (let start = 0; start < records.length; start += RECORDS_AT_ONCE) {
      if (underWay.length === PARTS_AT_ONCE) await settleFirst();
      const part = takePart(records.slice(start, start + RECORDS_AT_ONCE));
      // Heard of when it is its turn; until then its failure is nobody's.
      part.catch(() => undefined);
      underWay.push(part);
    }
    while (underWay.length > 0) await settleFirst();
    return batch;
  } finally {
    // Whoever hears of a failure may begin anew: nothing of this try must be under way then.
    await Promise.allSettled(underWay);
  }

  async function takePart(some: readonly PlacedRecord[]): Promise<TakenBatch> {
    const prepared = prepare(some, origin, context);
    const [appended, evaluation] = await Promise.all([
      patiently('events', () => delivery.store.events.append(prepared.events)),
      patiently('events', () => delivery.evaluate(prepared.events.map(({ event }) => event))),
    ]);
    return {
      ...evaluation,
      read: some.length,
      events: prepared.events.map(({ event, partition }, index) => ({
        id: event.event.id,
        at: event['@timestamp'],
        partition,
        record: prepared.records[index]!,
        appended: appended[index]!,
      })),
      deadLetters: prepared.deadLetters,
    };
  }
}
