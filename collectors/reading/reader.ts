/** What every way of reading gives to `run.ts`: records with the place to go on from, once they are durable. */
import type { RawRecord } from '../collector.ts';

/** Where to go on reading; kept in the checkpoint. */
export interface ReadPosition {
  generation: number;
  position: string;
  identity?: string;
  /** When this place was noted (ISO); files written to since may hold what nobody read. */
  at?: string;
  /** Read everything that is there again, from its beginning, but know the generations by their numbers. */
  again?: boolean;
}

export interface ReadBatch {
  records: (RawRecord & { generation: number })[];
  /** The place after these records. */
  next: ReadPosition;
  /** Bytes known to wait behind these records; undefined where the source cannot tell. */
  behindBytes?: number;
}

export interface ReadOptions {
  /** Stops reading; the batch in hand is still delivered. */
  signal: AbortSignal;
  /** `end`: stop at the end of what is there (import); `forever`: wait for more. */
  until: 'end' | 'forever';
  /** Bytes read from the source for one batch; may be another for the next. */
  readonly batchBytes: number;
  /** What trickles is gathered this long, in milliseconds, where the reader's own pace is not slower: each batch costs several writes. */
  readonly gatherMs?: number;
  /** Records over this are reported, not kept. */
  maxRecordBytes: number;
  /** What a person should hear of: a file rotated away while nobody read it. */
  warn: (message: string) => void;
}

export type Reader = (from: ReadPosition | undefined, options: ReadOptions) => AsyncIterable<ReadBatch>;
