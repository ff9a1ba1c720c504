/**
 * Reads one partition of a topic. Where to go on is in Vigia's own checkpoint, never in the offsets of the consumer group: those are
 * only told, for whoever watches the lag. A record's position is its offset; a topic that was deleted and made again is a new generation.
 */
import { retrying } from '../delivery/retry.ts';
import type { ReadBatch, Reader, ReadPosition } from '../reading/reader.ts';
import type { Extent, PartitionLog, TopicRecord } from './partition-log.ts';

/** How much of an over-long record is kept as evidence. */
const KEPT_BYTES = 65_536;

type Records = ReadBatch['records'];
interface Place {
  generation: number;
  offset: bigint;
  topic: string;
}

export function partitionReader(open: () => PartitionLog, now: () => number): Reader {
  return async function* (from, { signal, until, batchBytes, maxRecordBytes, warn }) {
    const log = open();
    const patiently = <T>(work: () => Promise<T>) => retrying(work, { signal, warn });
    try {
      const extent = await patiently(() => log.extent());
      const place = placeOf(from, extent, warn);
      const give = (records: Records = []): ReadBatch => ({
        records,
        next: { generation: place.generation, position: String(place.offset), identity: place.topic },
      });
      // A checkpoint is there before the first record is counted: without one, reading would begin anew and count it twice.
      if (!from) yield give();
      while (!signal.aborted && (until === 'forever' || place.offset < extent.end)) {
        const fetched = await patiently(() => log.fetch(place.offset, batchBytes));
        if (fetched === 'outside') {
          const gap = stepInside(place, await patiently(() => log.extent()), warn);
          yield give(gap);
          continue;
        }
        for (const records of partsOf(fetched.records, batchBytes)) {
          place.offset = records.at(-1)!.offset + 1n;
          yield give(records.map((record) => recordOf(record, place.generation, maxRecordBytes, now())));
          log.delivered(place.offset);
        }
        if (fetched.next > place.offset) {
          place.offset = fetched.next;
          yield give();
        }
      }
    } finally {
      await log.close();
    }
  };
}

function placeOf(from: ReadPosition | undefined, now: Extent, warn: (message: string) => void): Place {
  if (!from) return { generation: 1, offset: now.first, topic: now.topic };
  const place = { generation: from.generation, offset: BigInt(from.position), topic: from.identity ?? '' };
  if (place.topic !== now.topic) begin(place, now, warn);
  else if (from.again) place.offset = now.first;
  return place;
}

/** The topic is another one than before. */
function begin(place: Place, now: Extent, warn: (message: string) => void): void {
  warn('the topic was made anew; what was not read of the old one is gone');
  place.generation += 1;
  place.offset = now.first;
  place.topic = now.topic;
}

/** No record has the place's offset: the topic is new, was cut at its end, or its retention was quicker than we were. */
function stepInside(place: Place, now: Extent, warn: (message: string) => void): Records {
  const { offset, generation } = place;
  if (now.topic !== place.topic || offset > now.end) {
    begin(place, now, warn);
    return [];
  }
  if (offset >= now.first) return [];
  place.offset = now.first;
  const reason = `offsets ${offset} to ${now.first - 1n} were deleted by the topic's retention before they were read`;
  return [{ raw: Buffer.from(reason), position: `gap:${offset}`, generation, broken: reason }];
}

/** A fetch may hold far more than was asked for once it is unpacked. */
function* partsOf(records: readonly TopicRecord[], batchBytes: number): Generator<TopicRecord[]> {
  let part: TopicRecord[] = [];
  let bytes = 0;
  for (const record of records) {
    part.push(record);
    bytes += record.value?.length ?? 0;
    if (bytes < batchBytes) continue;
    yield part;
    part = [];
    bytes = 0;
  }
  if (part.length > 0) yield part;
}

function recordOf(
  { offset, value, timeMs }: TopicRecord,
  generation: number,
  maxBytes: number,
  nowMs: number,
): Records[number] {
  // Producers may write any time; one that cannot be is none.
  const received = timeMs > 0 && timeMs <= nowMs ? { receivedMs: timeMs } : {};
  const record = { position: String(offset), generation, ...received };
  if (value === null)
    return { ...record, raw: new Uint8Array(), broken: 'a tombstone: the record has no value' };
  const raw = withoutLineEnd(value);
  if (raw.length <= maxBytes) return { ...record, raw };
  const reason = `record of ${raw.length} bytes is over the limit of ${maxBytes}`;
  return { ...record, raw: raw.subarray(0, KEPT_BYTES), size: raw.length, broken: reason };
}

/** Shippers that read lines may send their ends along. */
function withoutLineEnd(value: Uint8Array): Uint8Array {
  if (value.at(-1) !== 10) return value;
  return value.subarray(0, value.at(-2) === 13 ? -2 : -1);
}
