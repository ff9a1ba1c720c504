/** One partition of a topic on real brokers, over a connection of its own: whoever fetches much does not hold up the others. */
import { Consumer, ListOffsetTimestamps } from '@platformatic/kafka';
import { committedRecords } from './committed.ts';
import { asOurs, type Connection, clientOptions, protocolWords } from './connection.ts';
import type { PartitionLog } from './partition-log.ts';

/** How long a fetch waits for records when there are none. */
const WAIT_MS = 500;
/** Aborted transactions are told, and nothing is given that may still be taken back. */
const READ_COMMITTED = 1;
/** What the answers of brokers mean for whoever holds a place in the topic. */
const OUTSIDE = ['OFFSET_OUT_OF_RANGE', 'UNKNOWN_TOPIC_ID', 'INCONSISTENT_TOPIC_ID'];

export interface Partition {
  topic: string;
  partition: number;
}

export function partitionClient(
  connection: Connection,
  { topic, partition }: Partition,
  delivered: (offset: bigint) => void,
): PartitionLog {
  // The library wants a group; this client never joins it.
  const client = new Consumer({ ...clientOptions(connection, 0), groupId: 'vigia-reads' });
  client.topics.track(topic);
  client.on('error', () => undefined);
  let isStale = false;

  async function found() {
    const metadata = await client.metadata({ topics: [topic], forceUpdate: isStale });
    isStale = false;
    const known = metadata.topics.get(topic);
    const leader = known?.partitions[partition]?.leader ?? -1;
    if (!known || leader < 0) throw new Error(`partition ${partition} of ${topic} has no leader`);
    return { id: known.id, leader };
  }

  /** After any trouble brokers, leaders and the topic itself are looked for anew. */
  async function asking<T>(operation: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      isStale = true;
      throw asOurs(`${operation} ${topic}/${partition}`, cause);
    }
  }

  async function boundary(timestamp: bigint): Promise<bigint> {
    const offsets = await client.listOffsets({
      topics: [topic],
      partitions: { [topic]: [partition] },
      timestamp,
      isolationLevel: READ_COMMITTED,
    });
    const offset = offsets.get(topic)?.[partition];
    if (offset === undefined) throw new Error('the broker names no offsets');
    return offset;
  }

  return {
    extent: () =>
      asking('ask for the offsets of', async () => ({
        topic: (await found()).id,
        first: await boundary(ListOffsetTimestamps.EARLIEST),
        end: await boundary(ListOffsetTimestamps.LATEST),
      })),
    fetch: (offset, maxBytes) =>
      asking('read', async () => {
        const { id, leader } = await found();
        const wanted = {
          ...{ partition, fetchOffset: offset, partitionMaxBytes: maxBytes },
          ...{ currentLeaderEpoch: -1, lastFetchedEpoch: -1 },
        };
        try {
          const answer = await client.fetch({
            ...{ node: leader, topics: [{ topicId: id, partitions: [wanted] }] },
            ...{ maxBytes, minBytes: 1, maxWaitTime: WAIT_MS, isolationLevel: READ_COMMITTED },
          });
          const part = answer.responses[0]?.partitions[0];
          const batches = part?.records ?? [];
          const last = batches.at(-1);
          return {
            records: committedRecords(batches, part?.abortedTransactions ?? [], offset),
            next: last ? last.firstOffset + BigInt(last.lastOffsetDelta) + 1n : offset,
          };
        } catch (cause) {
          if (!protocolWords(cause).some((word) => OUTSIDE.includes(word))) throw cause;
          isStale = true;
          return 'outside';
        }
      }),
    delivered,
    close: () => client.close(true),
  };
}
