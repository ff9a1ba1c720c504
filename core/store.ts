/** The store port (design section 6). `store/embedded` and `store/elasticsearch` implement it and pass one contract suite. */
import type { Condition } from './conditions/tree.ts';
import type { Documents, Kind } from './documents.ts';
import type { Event } from './event.ts';
import type { DailyFrom } from './partition.ts';

/** An event on its way to the store, with the partition chosen once from its own time (`core/partition.ts`). */
export interface NewEvent {
  partition: string;
  event: Event;
}

/**
 * What became of one event. `duplicate`: the same id with the same `event.hash` is there already; `batch` is the stored
 * event's `vigia.batch`. `collision`: the same id with another hash. `rejected`: the store cannot take it, ever.
 */
export type Appended =
  | { outcome: 'stored' }
  | { outcome: 'duplicate'; batch: string | undefined }
  | { outcome: 'collision' }
  | { outcome: 'rejected'; reason: string };

export interface Range {
  /** Inclusive, ISO UTC, on `@timestamp`. */
  from?: string;
  /** Exclusive. */
  to?: string;
}

export interface EventQuery extends Range {
  where?: Condition;
  datasets?: readonly string[];
  /** Index patterns that other shippers fill; refused by the embedded store. */
  indices?: readonly string[];
  /** With `indices`: the date field that range and order are on, for example when the event arrived; `@timestamp` when left out. */
  timeField?: string;
  order?: 'oldest' | 'newest';
  /** Page size, 1 to 10,000; 1,000 when left out. */
  size?: number;
  /** `next` of the page before. */
  after?: string;
}

export interface EventPage {
  /** Exactly what the condition matches: the store narrows, the in-process matcher decides. */
  events: Event[];
  /** With `indices`: where each event lies. `get` takes `index/id` as an id. */
  places?: { index: string; id: string }[];
  /** Absent on the last page. Pages are of one consistent view, without gap or repeat at equal timestamps. */
  next?: string;
  /** How many events the store fetched to answer this page: shows how well the condition narrowed. */
  fetched: number;
}

export type Measure = { kind: 'count' } | { kind: 'distinct' | 'sum' | 'min' | 'max'; field: string };

export interface Bucket {
  /** Values of the group-by fields; null where the event lacks the field. A field with several values counts once in each. */
  key: (string | null)[];
  value: number;
}

export interface EventStore {
  /** Per item, in order; durable on return. Throws (`errors.remote`) when the outcome of the whole is unknown: append again. */
  append(batch: readonly NewEvent[]): Promise<Appended[]>;
  get(ids: readonly string[]): Promise<(Event | undefined)[]>;
  read(query: EventQuery): Promise<EventPage>;
  /** Complete, never a top N; sorted by key. */
  aggregate(
    query: Omit<EventQuery, 'after' | 'size' | 'order'> & { groupBy: readonly string[]; measure: Measure },
  ): Promise<Bucket[]>;
  /** Removes events for good (data protection); returns how many. The caller audits. */
  erase(ids: readonly string[]): Promise<number>;
}

/** Opaque; changes with every write of the document. */
export type Version = string;

export interface Stored<T> {
  id: string;
  version: Version;
  body: T;
}

export interface DocumentQuery {
  where?: Condition;
  /** Dotted fields, `-` in front for descending; the id is the last tiebreaker. */
  sort?: readonly string[];
  size?: number;
  after?: string;
}

export interface DocumentStore {
  /** Reads what was last written (not a search; no refresh delay). */
  get<K extends Kind>(kind: K, id: string): Promise<Stored<Documents[K]> | undefined>;
  /** `exists` when the id is taken; nothing is written then. Durable on return. */
  create<K extends Kind>(kind: K, id: string, body: Documents[K]): Promise<'created' | 'exists'>;
  createMany<K extends Kind>(
    kind: K,
    items: readonly { id: string; body: Documents[K] }[],
  ): Promise<('created' | 'exists')[]>;
  /** Throws `errors.conflict` unless the stored version is `version`. */
  update<K extends Kind>(kind: K, id: string, body: Documents[K], version: Version): Promise<Version>;
  delete(kind: Kind, id: string, version: Version): Promise<void>;
  /** Sees every write that returned before the call (Elasticsearch refreshes first where it must). */
  find<K extends Kind>(
    kind: K,
    query: DocumentQuery,
  ): Promise<{ found: Stored<Documents[K]>[]; next?: string }>;
  aggregate(
    kind: Kind,
    query: { where?: Condition; groupBy: readonly string[]; measure: Measure },
  ): Promise<Bucket[]>;
  /** 1, 2, 3 … per counter; two callers never get the same number. */
  nextNumber(counter: string): Promise<number>;
}

/** Counts of one source in one hour (of reading): read = stored + duplicate + dead-lettered; stored = evaluated. */
export interface LedgerLine {
  source: string;
  /** `2026-11-21T19` */
  hour: string;
  read: number;
  stored: number;
  duplicate: number;
  deadLettered: number;
  evaluated: number;
}

/** Last write of each batch. Numbers of a writer have no gaps; the number doubles as fencing: a second holder of the source collides here. */
export interface BatchRecord {
  writer: string;
  /** Counts from 1. */
  number: number;
  at: string;
  /** The process that delivered it, as in the `vigia.batch` of the events that it stored. */
  epoch?: string;
  /** Ids of events that a process stored and died before it could count them: counted here. */
  recounted?: string[];
  /** Where to go on reading after this batch: a process that died before it wrote the checkpoint resumes here. */
  next: { generation: number; position: string; identity?: string };
  ledger: LedgerLine[];
  /** Event time covered, absent when no event has a time. */
  span?: { from: string; to: string };
  partitions: string[];
  /** Ids of alerts created by this batch, or met again when it was repeated. */
  alerts: string[];
  /** Correlation groups touched: `correlation rule id|group hash` with the event time span of the matches. */
  touched: { group: string; from: string; to: string }[];
}

/** How far a writer's records were followed; 0 = from the first. */
export interface BatchPlace {
  writer: string;
  after: number;
}

export interface BatchStore {
  /** Throws `errors.conflict` when the writer's number is taken: somebody else writes for this source now. */
  publish(record: BatchRecord): Promise<void>;
  /** Records of these writers with numbers above `after`: of each at most `limit`, in order, without gaps. Reading on costs little where nothing came. */
  follow(places: readonly BatchPlace[], limit: number): Promise<BatchRecord[]>;
  /** The newest record of a writer. */
  last(writer: string): Promise<BatchRecord | undefined>;
  /** Everybody who ever published. */
  writers(): Promise<string[]>;
  /** Sums over all batch records, per source and hour. */
  ledger(range?: { from?: string; to?: string }): Promise<LedgerLine[]>;
}

export interface Lease {
  name: string;
  owner: string;
  /** Grows with each acquisition: the fencing number. */
  fence: number;
}

export interface LeaseStore {
  /** The lease when it is free, or expired as seen by *this* process's monotonic clock; otherwise undefined. */
  acquire(name: string, owner: string, ttlMs: number): Promise<Lease | undefined>;
  /** False when somebody else took it meanwhile: stop at once. */
  renew(lease: Lease): Promise<boolean>;
  release(lease: Lease): Promise<void>;
}

export interface Capabilities {
  name: 'embedded' | 'elasticsearch';
  /** Several processes may share it. */
  shared: boolean;
  /** Reads index patterns filled by others. */
  foreignIndices: boolean;
}

export interface StoreHealth {
  state: 'ok' | 'degraded' | 'down';
  detail: string;
}

/** A partition that was made ahead. */
export interface LaidOut {
  partition: string;
  shards: number;
  /** What it is expected to hold, without copies. */
  bytes: number;
}

export interface Store {
  readonly capabilities: Capabilities;
  readonly events: EventStore;
  readonly documents: DocumentStore;
  readonly batches: BatchStore;
  readonly leases: LeaseStore;
  /** Creates or upgrades templates, indices and tables; safe to repeat. */
  migrate(): Promise<void>;
  /** Drops whole partitions of a dataset that end before `before` (ISO); returns their names. */
  retain(dataset: string, before: string): Promise<string[]>;
  /** Makes the partitions of a dataset that begin soon after `now` (ISO) ahead, where its volume asks for more than they would get by themselves. */
  layOut(dataset: string, now: string, daily?: DailyFrom): Promise<LaidOut[]>;
  /** Makes those of these partitions that are missing, so that no event waits for it; nothing to do where that costs nothing. */
  makePartitions(partitions: readonly string[]): Promise<void>;
  health(): Promise<StoreHealth>;
  size(): Promise<{ events: number; bytes: number }>;
  close(): Promise<void>;
}
