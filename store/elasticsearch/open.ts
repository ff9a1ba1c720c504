/** The clustered store: events, documents, batches and leases in Elasticsearch; any number of processes share it. */
import type { Store } from '../../core/store.ts';
import { leasesOver } from '../leases.ts';
import { partitionEndMs, partitionStart } from '../partition-end.ts';
import { timeRange } from '../time-range.ts';
import { type Backoff, patient } from './backoff.ts';
import { elasticsearchBatches } from './batches.ts';
import { type BulkLimits, bulkLimits, bulkWriter } from './bulk-writer.ts';
import { type ConnectionOptions, connect, remotely } from './connection.ts';
import { control } from './control.ts';
import { createIndex } from './create-index.ts';
import { elasticsearchDocuments } from './documents.ts';
import { elasticsearchEvents } from './events.ts';
import { layOut, SHARD_BYTES } from './lay-out.ts';
import { migrate } from './migrate.ts';
import { namesWith } from './names.ts';
import { readerById } from './read-by-id.ts';
import { fieldTypes, loadTemplates } from './templates.ts';

export interface ElasticsearchOptions extends ConnectionOptions {
  /** Beginning of all index names; `vigia` when left out. */
  prefix?: string;
  /** How patiently writes are repeated while the cluster is overloaded or away. */
  backoff?: Backoff;
  bulk?: Partial<BulkLimits>;
  /** Monotonic milliseconds, for the expiry of leases. */
  now?: () => number;
  /** How large a shard is meant to become. */
  shardBytes?: number;
}

/** Does not contact the cluster: call `migrate()` once before the first use. */
export async function openElasticsearch(options: ElasticsearchOptions): Promise<Store> {
  const client = connect(options);
  const names = namesWith(options.prefix ?? 'vigia');
  const templates = loadTemplates();
  const openWriter = () => bulkWriter(client, options.backoff ?? patient, { ...bulkLimits, ...options.bulk });
  // What people and playbooks change does not queue behind events, and leases behind neither.
  const writers = { events: openWriter(), documents: openWriter(), control: openWriter() };
  const read = readerById(client);
  const { counters, slots } = control(client, names.control, { read, writer: writers.control });
  return {
    capabilities: { name: 'elasticsearch', shared: true, foreignIndices: true },
    events: elasticsearchEvents(client, names, writers.events, fieldTypes(templates.get('events')!)),
    documents: elasticsearchDocuments(
      client,
      names,
      { read, writer: writers.documents, counters },
      fieldTypes(templates.get('documents')!),
    ),
    batches: elasticsearchBatches(client, names.batches, writers.documents),
    leases: leasesOver(slots, options.now ?? (() => performance.now())),
    migrate: () => migrate(client, names, templates),
    layOut: (dataset, now, daily) =>
      layOut(client, names, { dataset, now, daily, shardBytes: options.shardBytes ?? SHARD_BYTES }),
    async makePartitions(partitions) {
      await Promise.all(partitions.map((partition) => createIndex(client, names.partition(partition))));
    },
    async retain(dataset, before) {
      const beforeMs = timeRange({ to: before }).toMs;
      const start = partitionStart(dataset);
      const settings = await remotely('list partitions', () =>
        client.indices.getSettings({
          index: `${names.partition(start)}*`,
          name: 'index.uuid',
          ignore_unavailable: true,
        }),
      );
      const dropped = Object.keys(settings).filter((index) => {
        const endMs = partitionEndMs(names.partitionOf(index), start);
        return endMs !== undefined && endMs <= beforeMs;
      });
      for (const index of dropped)
        await remotely(`delete index ${index}`, () => client.indices.delete({ index }, { ignore: [404] }));
      return dropped.map(names.partitionOf).sort();
    },
    async health() {
      try {
        const { status, number_of_nodes, unassigned_shards } = await client.cluster.health(
          { index: names.everything },
          { requestTimeout: 5_000, maxRetries: 0 },
        );
        const detail = `cluster ${status}, ${number_of_nodes} nodes, ${unassigned_shards} unassigned shards`;
        return { state: status === 'green' ? 'ok' : status === 'yellow' ? 'degraded' : 'down', detail };
      } catch (cause) {
        return { state: 'down', detail: cause instanceof Error ? cause.message : String(cause) };
      }
    },
    async size() {
      const stats = (index: string) =>
        remotely('read index sizes', () =>
          client.indices.stats({ index, metric: ['docs', 'store'], expand_wildcards: 'open' }),
        );
      const [events, everything] = await Promise.all([stats(names.allEvents), stats(names.everything)]);
      return {
        events: events._all.primaries?.docs?.count ?? 0,
        bytes: everything._all.total?.store?.size_in_bytes ?? 0,
      };
    },
    async close() {
      for (const writer of Object.values(writers)) writer.close();
      await client.close();
    },
  };
}
