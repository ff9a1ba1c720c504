/**
 * Delivers dead letters anew, after what kept them from becoming events was mended: the same ids, so that nothing is stored
 * twice, whoever delivers them first. Written beside the reader of the source, under a writer of its own.
 */
import type { DeadLetter } from '../../core/documents.ts';
import { sha256 } from '../../core/ids.ts';
import type { Stored } from '../../core/store.ts';
import type { Delivery, Origin } from '../run.ts';
import { countedEvents } from './counted.ts';
import { deliverBatch, newEpoch } from './deliver.ts';
import { KEPT_BYTES, type PlacedRecord } from './prepare.ts';

export interface Retried {
  /** Became events now. */
  stored: number;
  /** Were events already. */
  duplicate: number;
  /** Are refused as before, or for another reason. */
  refused: { letter: DeadLetter; reason: string }[];
  /** Cannot be tried: why. */
  impossible: { letter: DeadLetter; why: string }[];
}

/** The name under which retries of a source are published. */
export const retryWriter = (source: string): string => `retry:${source}`;

/** Why a letter cannot become an event from what was kept of it; undefined when it can be tried. */
export function whyNot({ stage, raw, size, hash }: DeadLetter): string | undefined {
  if (stage === 'read') return 'the record was not read whole';
  if (sha256(Buffer.from(raw, 'base64')) === hash) return undefined;
  return size > KEPT_BYTES ? 'only its beginning was kept' : 'secrets were hidden before it was kept';
}

/** All letters are of one source. Those that became events are marked; a process that dies before that finds them stored next time. */
export async function retryDeadLetters(
  origin: Origin,
  letters: readonly Stored<DeadLetter>[],
  delivery: Delivery,
): Promise<Retried> {
  const { store } = delivery;
  const impossible = letters.flatMap(({ body: letter }) => {
    const why = whyNot(letter);
    return why === undefined ? [] : [{ letter, why }];
  });
  const tried = letters.filter(({ body }) => whyNot(body) === undefined);
  if (tried.length === 0) return { stored: 0, duplicate: 0, refused: [], impossible };

  const checkpoint = await store.documents.get('checkpoint', origin.id);
  const writer = retryWriter(origin.id);
  const last = await store.batches.last(writer);
  const counted = await deliverBatch(
    { records: tried.map(({ body }) => recordOf(body)), next: { generation: 1, position: '' } },
    {
      origin,
      writer,
      epoch: newEpoch(),
      number: (last?.number ?? 0) + 1,
      time: checkpoint?.body.time ?? {
        anchor: origin.anchor ?? tried[0]!.body.at,
        zone: String(origin.zoneMinutes ?? 0),
      },
      known: countedEvents(store.batches, writer, last?.number ?? 0),
      delivery,
      patiently: (_stage, work) => work(),
    },
  );
  const reasons = new Map(counted.deadLetters.map(({ id, reason }) => [id, reason]));
  for (const { id, version, body } of tried) {
    const reason = reasons.get(id);
    const after = reason === undefined ? { ...body, state: 'retried' as const } : { ...body, reason };
    if (reason !== body.reason) await store.documents.update('dead-letter', id, after, version);
  }
  return {
    stored: counted.ledger.stored,
    duplicate: counted.ledger.duplicate,
    refused: tried.flatMap(({ id, body: letter }) => {
      const reason = reasons.get(id);
      return reason === undefined ? [] : [{ letter, reason }];
    }),
    impossible,
  };
}

const recordOf = ({ raw, position, generation, at }: DeadLetter): PlacedRecord => ({
  raw: Buffer.from(raw, 'base64'),
  position,
  generation,
  receivedMs: Date.parse(at),
});
