/** The event: one ECS 9 document, written once and never changed. What ECS lacks is under `vigia`, Windows data under `winlog`. */
import type { Ecs, EcsEvent } from '@elastic/ecs';
import type { InventoryFacts } from './inventory-facts.ts';

/** Windows event data as Winlogbeat writes it. */
export interface Winlog {
  provider_name?: string;
  provider_guid?: string;
  channel?: string;
  event_id?: string;
  computer_name?: string;
  record_id?: string;
  event_data?: Record<string, string | string[]>;
  user_data?: Record<string, unknown>;
  [more: string]: unknown;
}

/** Our own fields on an event. */
export interface VigiaFields {
  /** What the source is in Sigma's words; rules are routed by it. Undeclared attributes exclude no rule. */
  logsource?: { product?: string; category?: string; service?: string };
  /** Where the record lay: id of the source, its generation, and the position inside (byte offset, record number, sequence). */
  source?: { id: string; generation: number; position: string };
  /** `writer/number/epoch` of the batch that stored the event: lets a restarted writer tell its own half-counted events from real duplicates. */
  batch?: string;
  /** What the inventory said about the machines of the event when it was read. */
  inventory?: InventoryFacts;
  /** Trouble with the record's own time: `missing`, `future`, `retention`, `assumed-year`, `assumed-zone`. */
  clock?: string[];
  /** Facts of a source for which ECS has no field, by dataset (`vigia.samba.…`, `vigia.postgresql.…`). */
  [more: string]: unknown;
}

export type Event = Omit<Ecs, 'event'> & {
  event: EcsEvent & {
    /** Deterministic id, see `core/ids.ts`. */
    id: string;
    /** SHA-256 of the record's raw bytes, in hexadecimal. */
    hash: string;
    dataset: string;
    /** When the record was read (ISO, UTC). */
    created: string;
  };
  winlog?: Winlog;
  vigia?: VigiaFields;
};

/** What a collector's `normalise` makes: an event before `run.ts` gives it id, hash, reading time and batch. */
export type Draft = Omit<Event, '@timestamp' | 'event' | 'ecs'> & {
  /** The record's own time; leave it out when it has none. */
  '@timestamp'?: string;
  event: Omit<EcsEvent, 'id' | 'hash' | 'created' | 'ingested'> & { dataset: string };
};

/** The ECS version that our events declare. */
export const ECS_VERSION = '9.4.0';
