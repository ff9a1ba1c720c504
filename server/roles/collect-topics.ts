/** Reads those partitions of a source's topics that the group gives to this process, each as a stream of its own. */
import { joinGroup } from '../../collectors/kafka/group.ts';
import type { Partition } from '../../collectors/kafka/partition-client.ts';
import type { RunOptions, Source } from '../../collectors/run.ts';
import type { KafkaSettings } from '../kafka-settings.ts';
import type { Parts } from '../parts.ts';
import type { SourceSettings } from '../settings.ts';
import { originOf } from '../sources.ts';
import { connectionOf, partitionSource } from '../topic-source.ts';

/** A partition being read: how to stop, and when it has. */
interface Reading {
  stop: AbortController;
  done: Promise<void>;
}

/** `read` runs one stream until its end or its signal. `end`: what is there when the partitions are first given out. */
export async function collectTopics(
  settings: SourceSettings & { kafka: KafkaSettings },
  parts: Pick<Parts, 'log' | 'now' | 'pseudonym'>,
  { signal, until }: RunOptions,
  read: (source: Source, options: RunOptions) => Promise<void>,
): Promise<void> {
  const origin = originOf(settings, parts);
  const connection = connectionOf(settings.kafka);
  const running = new Map<string, Reading>();
  const { promise: over, resolve, reject } = Promise.withResolvers<void>();
  if (signal.aborted) return;
  signal.addEventListener('abort', () => resolve(), { once: true });
  const group = joinGroup(connection, {
    ...{ group: settings.kafka.group, topics: settings.kafka.topics },
    ...{ signal, warn: (message: string) => parts.log.warn(`source ${settings.id}: ${message}`) },
    assigned,
  });
  try {
    await over;
  } finally {
    for (const { stop } of running.values()) stop.abort();
    await Promise.allSettled([...running.values()].map(({ done }) => done));
    await group.leave();
  }

  function assigned(partitions: readonly Partition[]): void {
    const sources = partitions.map((one) => partitionSource(origin, connection, one, group, parts.now));
    const own = new Map(sources.map((source) => [source.id, source]));
    for (const [id, { stop }] of running) if (!own.has(id)) stop.abort();
    for (const [id, source] of own) start(id, source);
    parts.log.info(`source ${settings.id}: reads ${own.size} partitions`);
    if (until === 'end')
      Promise.all([...running.values()].map(({ done }) => done)).then(() => resolve(), reject);
  }

  /** A partition that was taken away and given back waits for the batch that was in hand. */
  function start(id: string, source: Source): void {
    const before = running.get(id);
    if (before && !before.stop.signal.aborted) return;
    const stop = new AbortController();
    const options = { until, signal: AbortSignal.any([signal, stop.signal]) };
    const done = (before?.done ?? Promise.resolve()).then(() => read(source, options));
    running.set(id, { stop, done });
  }
}
