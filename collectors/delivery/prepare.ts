/** Turns records into events with id, hash, partition and clock flags, or into dead letters with a reason. Pure. */
import { isUtf8 } from 'node:buffer';
import type { Checkpoint, DeadLetter } from '../../core/documents.ts';
import { type Draft, ECS_VERSION, type Event, type VigiaFields } from '../../core/event.ts';
import { eventId, hashId, sha256 } from '../../core/ids.ts';
import type { Inventory } from '../../core/inventory.ts';
import { inventoryFacts } from '../../core/inventory-facts.ts';
import { isoOf } from '../../core/iso-time.ts';
import { type PartitionContext, partitionOf, retentionStartOf } from '../../core/partition.ts';
import type { NewEvent } from '../../core/store.ts';
import { type NormaliseContext, type Normalised, type RawRecord, reject } from '../collector.ts';
import type { Origin } from '../run.ts';

export type PlacedRecord = RawRecord & { generation: number };

export interface PrepareContext extends PartitionContext {
  time: Checkpoint['time'];
  /** Written into each event as `vigia.batch`. */
  batch: string;
  /** Describes the machines of the events. */
  inventory?: Inventory | undefined;
}

export interface Prepared {
  read: number;
  /** `records[i]` is the record that `events[i]` came from. */
  events: NewEvent[];
  records: PlacedRecord[];
  deadLetters: DeadLetter[];
}

const DAY_MS = 86_400_000;
/** How much of a record a dead letter keeps. */
export const KEPT_BYTES = 65_536;

export function prepare(records: readonly PlacedRecord[], source: Origin, context: PrepareContext): Prepared {
  const prepared: Prepared = { read: records.length, events: [], records: [], deadLetters: [] };
  const normaliseContext = {
    source: source.id,
    anchor: context.time.anchor,
    zoneMinutes: Number(context.time.zone),
    ...(source.host ? { host: source.host } : {}),
    ...(source.pseudonym ? { pseudonym: source.pseudonym } : {}),
  };
  for (const record of records) {
    const refuse = (stage: DeadLetter['stage'], reason: string) =>
      prepared.deadLetters.push(deadLetter(record, source, stage, reason, context.readMs));
    if (record.broken) {
      refuse('read', record.broken);
      continue;
    }
    const text = asUtf8(record.raw, source);
    if (text === undefined) {
      refuse(
        'normalise',
        'not valid UTF-8; if the source writes Latin-1, say "encoding: latin1" in its settings',
      );
      continue;
    }
    const normalised = normalise(text, source, normaliseContext);
    if ('reject' in normalised) {
      refuse('normalise', normalised.reject);
      continue;
    }
    const { event, timeMs } = finish(normalised.event, record, source, context);
    if (timeMs < retentionStartOf(event.event.dataset, context) && !event.vigia?.clock?.includes('missing')) {
      refuse('normalise', `older than retention: ${event['@timestamp']}`);
      continue;
    }
    prepared.events.push({ partition: partitionOf(event, context, timeMs), event });
    prepared.records.push(record);
  }
  return prepared;
}

/** A collector should never throw. Where one does, one record is put aside, and its source goes on. The message may quote the record. */
function normalise(text: Uint8Array, { collector }: Origin, context: NormaliseContext): Normalised {
  try {
    return collector.normalise(text, context);
  } catch (cause) {
    const name = cause instanceof Error ? cause.name : typeof cause;
    return reject(`${collector.id} failed on it (${name}): a mistake of Vigia's, worth a report`);
  }
}

/** Text as UTF-8; undefined when it is not. Guessing would make two different records look alike. */
function asUtf8(raw: Uint8Array, { encoding, collector }: Origin): Uint8Array | undefined {
  if (encoding === 'latin1') return Buffer.from(Buffer.from(raw).toString('latin1'));
  const { framing } = collector;
  return framing.kind !== 'lines' || framing.isEncoded || isUtf8(raw) ? raw : undefined;
}

/** The draft itself becomes the event: it is new with every call of `normalise`. */
function finish(
  draft: Draft,
  record: PlacedRecord,
  source: Origin,
  context: PrepareContext,
): { event: Event; timeMs: number } {
  const ownMs = draft['@timestamp'] === undefined ? Number.NaN : Date.parse(draft['@timestamp']);
  const receivedMs = record.receivedMs ?? context.readMs;
  const trouble = Number.isNaN(ownMs) ? 'missing' : ownMs > receivedMs + DAY_MS ? 'future' : undefined;
  const id = eventId({
    timeMs: Number.isNaN(ownMs) ? 0 : ownMs,
    sourceId: source.id,
    generation: record.generation,
    position: record.position,
    raw: record.raw,
  });
  const inventory = context.inventory && inventoryFacts(context.inventory, draft);
  const timeMs = Number.isNaN(ownMs) ? receivedMs : ownMs;
  const vigia: VigiaFields = {
    ...draft.vigia,
    source: { id: source.id, generation: record.generation, position: record.position },
    batch: context.batch,
  };
  if (inventory !== undefined) vigia.inventory = inventory;
  if (trouble !== undefined) vigia.clock = [...(draft.vigia?.clock ?? []), trouble];
  const whole: Pick<Event, '@timestamp' | 'ecs' | 'event' | 'vigia'> = {
    '@timestamp': isoOf(timeMs),
    ecs: { version: ECS_VERSION },
    event: Object.assign(draft.event, {
      id,
      hash: sha256(record.raw),
      created: isoOf(receivedMs),
    }),
    vigia,
  };
  return { event: Object.assign(draft, whole), timeMs };
}

export function deadLetter(
  record: PlacedRecord,
  source: Origin,
  stage: DeadLetter['stage'],
  reason: string,
  atMs: number,
): DeadLetter {
  const kept = withoutSecrets(record.raw, source).subarray(0, KEPT_BYTES);
  return {
    id: hashId('dead-letter', source.id, String(record.generation), record.position, sha256(record.raw)),
    at: new Date(atMs).toISOString(),
    source: source.id,
    collector: source.collector.id,
    generation: record.generation,
    position: record.position,
    stage,
    reason,
    raw: Buffer.from(kept).toString('base64'),
    size: record.size ?? record.raw.length,
    hash: sha256(record.raw),
    state: 'waiting',
  };
}

/** The bytes as they are when nothing in them had to be hidden: masking reads text, and would mend what is none. */
function withoutSecrets(raw: Uint8Array, { collector }: Origin): Uint8Array {
  let masked: Uint8Array;
  try {
    masked = collector.mask?.(raw) ?? raw;
  } catch {
    return new Uint8Array(); // what cannot be masked is not kept
  }
  return Buffer.from(new TextDecoder('utf-8', { ignoreBOM: true }).decode(raw)).equals(masked) ? raw : masked;
}
