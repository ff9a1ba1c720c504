/** What the reader of a partition needs of Kafka; `client.ts` speaks to brokers, the tests keep a log in memory. */

/** One record, as its producer wrote it. */
export interface TopicRecord {
  offset: bigint;
  /** `null` is a tombstone: it says that earlier records of its key no longer count. */
  value: Uint8Array | null;
  /** When it was appended, or made; epoch ms. */
  timeMs: number;
}

/** Which records there are. */
export interface Extent {
  /** Tells a topic from one of the same name that was deleted. */
  topic: string;
  first: bigint;
  /** Behind the last record. */
  end: bigint;
}

/** Records from an offset on, or that there is none at that offset. */
export type Fetched = { records: TopicRecord[]; next: bigint } | 'outside';

/** One partition of a topic. Every call throws `errors.remote` where asking again may help. */
export interface PartitionLog {
  extent(): Promise<Extent>;
  /** Waits a moment when there are none yet. `next` steps over what is no record (marks of transactions). */
  fetch(offset: bigint, maxBytes: number): Promise<Fetched>;
  /** Everything before the offset is stored and checkpointed. */
  delivered(offset: bigint): void;
  close(): Promise<void>;
}
