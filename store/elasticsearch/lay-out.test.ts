import { Client } from '@elastic/elasticsearch';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Event } from '../../core/event.ts';
import type { DailyFrom } from '../../core/partition.ts';
import { partitionOf } from '../../core/partition.ts';
import type { Store } from '../../core/store.ts';
import { need } from '../../tests/testbed/need.ts';
import { openElasticsearch } from './open.ts';

const es = await need('elasticsearch');
/** A day and a half before the month ends. */
const NOW = '2026-11-29T12:00:00.000Z';
const DAILY: DailyFrom = { 'busy.log': '2026-12-01' };

es.describe('laying out the coming partitions', () => {
  /** A month fills a few shards of one store, a day a few of the other. */
  let store: Store;
  let ofDays: Store;
  let client: Client;
  let shardBytes: number;

  const event = (dataset: string, at: string, n: number): Event => ({
    '@timestamp': at,
    ecs: { version: '9.4.0' },
    message: `line ${n} of ${dataset}: ${'payload '.repeat(20)}`,
    event: { id: `${dataset}-${at}-${n}`, hash: `${n}`, dataset, kind: 'event', created: at },
  });
  const append = (events: readonly Event[]) =>
    store.events.append(
      events.map((one) => ({
        event: one,
        partition: partitionOf(one, {
          readMs: Date.parse('2026-12-01T12:00:00Z'),
          retentionStartMs: 0,
          daily: DAILY,
        }),
      })),
    );
  const many = (dataset: string, count: number) =>
    Array.from({ length: count }, (_, n) => event(dataset, '2026-11-10T10:00:00.000Z', n));
  const shardsOf = async (partition: string) => {
    const index = partition.replace(/^vigia/, 'layout');
    const answer = await client.indices.getSettings({ index });
    return Number(answer[index]?.settings?.index?.number_of_shards);
  };

  beforeAll(async () => {
    client = new Client({ node: es.component.url });
    store = await openElasticsearch({ nodes: es.component.url, prefix: 'layout' });
    await store.migrate();
    await append([...many('large.log', 3_000), ...many('busy.log', 3_000), ...many('small.log', 3)]);
    await client.indices.refresh({ index: 'layout-events-*' });
    const { _all } = await client.indices.stats({ index: 'layout-events-large.log-*', metric: 'store' });
    shardBytes = Math.ceil(_all.primaries!.store!.size_in_bytes! / 2.5);
    await store.close();
    const reopen = (bytes: number) =>
      openElasticsearch({ nodes: es.component.url, prefix: 'layout', shardBytes: bytes });
    store = await reopen(shardBytes);
    ofDays = await reopen(Math.ceil(shardBytes / 30));
  }, 120_000);
  afterAll(async () => {
    // A cluster deletes nothing by pattern.
    const made = Object.keys(await client.indices.get({ index: 'layout-*' }));
    await client.indices.delete({ index: made });
    await client.close();
    await Promise.all([store.close(), ofDays.close()]);
  });

  it('makes the next month of a large dataset with as many shards as this one filled', async () => {
    const [made, ...more] = await store.layOut('large.log', NOW);
    expect(more).toEqual([]);
    expect(made?.partition).toBe('vigia-events-large.log-2026.12');
    expect(made?.shards).toBe(Math.ceil(made!.bytes / shardBytes));
    expect(made?.shards).toBeGreaterThan(1);
    expect(await shardsOf(made!.partition)).toBe(made!.shards);
    expect(await store.layOut('large.log', NOW)).toEqual([]);
  });

  it('leaves a small dataset, and a month that is not near its end, to the first event', async () => {
    expect(await store.layOut('small.log', NOW)).toEqual([]);
    expect(await store.layOut('busy.log', '2026-11-20T12:00:00.000Z')).toEqual([]);
    expect(await store.layOut('unheard.log', NOW)).toEqual([]);
  });

  it('makes those partitions that are missing, by the template, and leaves the others as they are', async () => {
    const [there, missing] = ['vigia-events-small.log-2026.11', 'vigia-events-unheard.log-2026.11'];
    const before = await client.count({ index: 'layout-events-small.log-2026.11' });
    await Promise.all([store.makePartitions([there!, missing!]), ofDays.makePartitions([missing!])]);
    await store.makePartitions([missing!]);
    expect(await client.count({ index: 'layout-events-small.log-2026.11' })).toEqual(before);
    expect(await shardsOf(missing!)).toBe(1);
    const mapping = await client.indices.getMapping({ index: 'layout-events-unheard.log-2026.11' });
    expect(mapping['layout-events-unheard.log-2026.11']?.mappings.properties?.['@timestamp']).toMatchObject({
      type: 'date',
    });
  });

  it('makes days from the day on that the settings name, each for a day’s events', async () => {
    const [day, ...more] = await ofDays.layOut('busy.log', NOW, DAILY);
    expect(more).toEqual([]);
    expect(day?.partition).toBe('vigia-events-busy.log-2026.12.01');
    expect(await shardsOf(day!.partition)).toBe(day!.shards);
    const [month] = await store.layOut('busy.log', NOW);
    expect(month!.bytes / day!.bytes).toBeCloseTo(31, 0);
  });

  it('stores in what was made ahead, and knows there what it stored', async () => {
    const coming = [
      event('busy.log', '2026-12-01T00:00:00.000Z', 1),
      event('busy.log', '2026-11-30T23:59:59.999Z', 1),
    ];
    expect(await append(coming)).toEqual([{ outcome: 'stored' }, { outcome: 'stored' }]);
    expect((await append(coming)).map(({ outcome }) => outcome)).toEqual(['duplicate', 'duplicate']);
    await client.indices.refresh({ index: 'layout-events-*' });
    const { count } = await client.count({ index: 'layout-events-busy.log-2026.12.01' });
    expect(count).toBe(1);
  });
});
