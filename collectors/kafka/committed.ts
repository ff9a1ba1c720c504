/** Records of a fetch without the marks of transactions and without what was taken back: aborted transactions. */
import type { TopicRecord } from './partition-log.ts';

/** A batch as the broker gives it: records that were produced together. */
export interface TopicBatch {
  firstOffset: bigint;
  lastOffsetDelta: number;
  attributes: number;
  firstTimestamp: bigint;
  maxTimestamp: bigint;
  producerId: bigint;
  records: readonly {
    offsetDelta: number;
    timestampDelta: bigint;
    key: Uint8Array | null;
    value: Uint8Array | null;
  }[];
}

/** The transaction of a producer that was aborted, from its first record on. */
export interface Aborted {
  producerId: bigint;
  firstOffset: bigint;
}

/** Bits of a batch's attributes, as Kafka's message format has them. */
const APPEND_TIME = 1 << 3;
const TRANSACTIONAL = 1 << 4;
const CONTROL = 1 << 5;

/** The records at `from` and behind it. A batch is given whole, so it may begin before. */
export function committedRecords(
  batches: readonly TopicBatch[],
  aborted: readonly Aborted[],
  from: bigint,
): TopicRecord[] {
  const ahead = [...aborted].sort((a, b) => Number(a.firstOffset - b.firstOffset));
  /** Producers inside an aborted transaction. */
  const taken = new Set<bigint>();
  return batches.flatMap((batch) => {
    const last = batch.firstOffset + BigInt(batch.lastOffsetDelta);
    while (ahead.length > 0 && ahead[0]!.firstOffset <= last) taken.add(ahead.shift()!.producerId);
    if (batch.attributes & CONTROL) {
      if (isAbort(batch)) taken.delete(batch.producerId);
      return [];
    }
    if (batch.attributes & TRANSACTIONAL && taken.has(batch.producerId)) return [];
    return batch.records
      .map(({ offsetDelta, timestampDelta, value }) => ({
        offset: batch.firstOffset + BigInt(offsetDelta),
        value,
        timeMs: Number(
          batch.attributes & APPEND_TIME ? batch.maxTimestamp : batch.firstTimestamp + timestampDelta,
        ),
      }))
      .filter(({ offset }) => offset >= from);
  });
}

/** The key of a mark: version, then type; 0 is an abort. */
function isAbort({ records }: TopicBatch): boolean {
  const key = records[0]?.key;
  return key?.[2] === 0 && key[3] === 0;
}
