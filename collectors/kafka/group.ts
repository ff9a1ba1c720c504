/**
 * Membership of a consumer group: Kafka tells which partitions are ours, and to others when we are gone. While a group is shared out
 * anew the one who had a partition and the one who gets it may both read it for a moment: ids and batch numbers make that harmless.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Consumer } from '@platformatic/kafka';
import { retrying } from '../delivery/retry.ts';
import { asOurs, type Connection, clientOptions } from './connection.ts';
import type { Partition } from './partition-client.ts';

/** Tries of the library for one call; behind them we try without end. */
const TRIES = 5;
/** A member that is silent for so long has left. Short: to be left out by mistake costs little here. */
const SESSION_MS = 10_000;
/** Delivered offsets are told this often, and new partitions looked for. */
const COMMIT_MS = 5_000;

export interface GroupOptions {
  group: string;
  topics: readonly string[];
  signal: AbortSignal;
  warn: (message: string) => void;
  /** Hears which partitions are ours, each time the group was shared out. */
  assigned: (partitions: readonly Partition[]) => void;
  sessionMs?: number;
  commitMs?: number;
}

export interface Group {
  /** Everything before this offset is stored; told to the group now and then, for whoever watches its lag. */
  delivered(partition: Partition, offset: bigint): void;
  /** Tells what was delivered, and leaves: the others get our partitions at once. */
  leave(): Promise<void>;
}

export function joinGroup(connection: Connection, options: GroupOptions): Group {
  const { topics, signal, warn, assigned, sessionMs = SESSION_MS, commitMs = COMMIT_MS } = options;
  const member = new Consumer({
    ...clientOptions(connection, TRIES),
    ...{ groupId: options.group, sessionTimeout: sessionMs, rebalanceTimeout: Math.max(sessionMs, 10_000) },
    heartbeatInterval: Math.floor(sessionMs / 10),
  });
  const leaving = new AbortController();
  const until = AbortSignal.any([signal, leaving.signal]);
  const reached = new Map<string, Partition & { offset: bigint }>();
  let partitions = '';
  let isJoining = false;
  let isCommitTrouble = false;
  member.topics.trackAll(...topics);
  member.on('consumer:group:join', ({ assignments = [] }) =>
    assigned(
      assignments.flatMap(({ topic, partitions: own }) => own.map((partition) => ({ topic, partition }))),
    ),
  );
  // Given up by the library: it would not beat again.
  member.on('error', () => void join());

  async function join(): Promise<void> {
    if (isJoining || until.aborted) return;
    isJoining = true;
    try {
      await retrying(
        async () => {
          try {
            partitions = await partitionCounts();
            await member.joinGroup({});
          } catch (cause) {
            throw asOurs(`join group ${options.group}`, cause);
          }
        },
        { signal: until, warn },
      );
    } catch (cause) {
      if (!until.aborted) warn(`${(cause as Error).message}; trying again`);
    } finally {
      isJoining = false;
    }
  }

  async function partitionCounts(): Promise<string> {
    const metadata = await member.metadata({ topics: [...topics], forceUpdate: true });
    return topics.map((topic) => metadata.topics.get(topic)?.partitionsCount).join();
  }

  async function tend(): Promise<void> {
    if (!member.isActive()) return await join();
    try {
      await commit();
      // Nobody is told when a topic grows: whoever leads the group shares it out when he joins again.
      if ((await partitionCounts()) !== partitions) await join();
      isCommitTrouble = false;
    } catch (cause) {
      if (!isCommitTrouble) warn(`${asOurs(`tell offsets to group ${options.group}`, cause).message}`);
      isCommitTrouble = true;
    }
  }

  async function commit(): Promise<void> {
    const told = [...reached.values()];
    reached.clear();
    const isOwn = ({ topic, partition }: Partition) =>
      member.assignments?.some((one) => one.topic === topic && one.partitions.includes(partition)) ?? false;
    const offsets = told.filter(isOwn).map((one) => ({ ...one, leaderEpoch: -1 }));
    if (offsets.length > 0) await member.commit({ offsets });
  }

  const tending = (async () => {
    await join();
    while (!until.aborted) {
      await sleep(commitMs, undefined, { signal: until }).catch(() => undefined);
      if (!until.aborted) await tend();
    }
  })();

  return {
    delivered: (partition, offset) => void reached.set(nameOf(partition), { ...partition, offset }),
    async leave() {
      leaving.abort();
      await tending;
      try {
        if (member.isActive()) await commit();
        await member.close(true);
      } catch (cause) {
        // Nothing depends on it: our own checkpoints say where to go on, and the group notices that we are silent.
        warn(asOurs(`leave group ${options.group}`, cause).message);
      }
    },
  };
}

const nameOf = ({ topic, partition }: Partition): string => `${topic}/${partition}`;
