/** The Elasticsearch store keeps the contract on a real node, and what only it promises: several processes share it. */
import { Client } from '@elastic/elasticsearch';
import { expect, it } from 'vitest';
import type { Store } from '../../core/store.ts';
import { documentFields } from '../../store/document-fields.ts';
import { openElasticsearch } from '../../store/elasticsearch/open.ts';
import { fieldTypes, loadTemplates } from '../../store/elasticsearch/templates.ts';
import { need } from '../testbed/need.ts';
import { ids, sampleAlert, sampleEvent, sampleEvents } from './samples.ts';
import { storeContract } from './suite.ts';

const es = await need('elasticsearch');
let count = 0;
/** Of this run alone: suites share the cluster. */
const freshPrefix = (): string => `contract-${process.pid}-${++count}`;

async function removeAll(prefix: string): Promise<void> {
  const client = new Client({ node: es.component.url });
  const indices = Object.keys(await client.indices.getSettings({ index: `${prefix}-*` }));
  if (indices.length > 0) await client.indices.delete({ index: indices });
  await client.indices.deleteIndexTemplate({ name: `${prefix}-*` });
  await client.close();
}

es.describe('on a real Elasticsearch', () => {
  storeContract('elasticsearch', async () => {
    const prefix = freshPrefix();
    const client = new Client({ node: es.component.url });
    const open = async (options: { now?: () => number } = {}) => {
      const store = await openElasticsearch({ nodes: es.component.url, prefix, ...options });
      await store.migrate();
      return store;
    };
    return {
      open,
      visible: async () => void (await client.indices.refresh({ index: `${prefix}-events-*` })),
      close: async () => {
        await client.close();
        await removeAll(prefix);
      },
    };
  });

  const withTwo = async (
    use: (one: Store, two: Store, client: Client, prefix: string) => Promise<void>,
  ): Promise<void> => {
    const prefix = freshPrefix();
    const client = new Client({ node: es.component.url });
    const open = () => openElasticsearch({ nodes: es.component.url, prefix });
    const [one, two] = [await open(), await open()];
    await one.migrate();
    try {
      await use(one, two, client, prefix);
    } finally {
      await Promise.all([one.close(), two.close(), client.close()]);
      await removeAll(prefix);
    }
  };

  it('gives two processes different numbers, one lease, and the same documents', () =>
    withTwo(async (one, two) => {
      const stores = [one, two];
      const numbers = await Promise.all(
        Array.from({ length: 20 }, (_, index) => stores[index % 2]!.documents.nextNumber('n')),
      );
      expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
      const leases = await Promise.all(
        stores.map((store, index) => store.leases.acquire('l', `owner${index}`, 60_000)),
      );
      expect(leases.filter(Boolean)).toHaveLength(1);
      await one.documents.create('alert', 'a', sampleAlert(1));
      expect((await two.documents.find('alert', {})).found).toHaveLength(1);
    }));

  it('rejects the event that the mapping refuses, with the reason, and stores the others', () =>
    withTwo(async (store) => {
      const bad = sampleEvent(2, { fields: { user: 'a text where an object belongs' } });
      const batch = [sampleEvent(1, { fields: { user: { name: 'a' } } }), bad, sampleEvent(3)];
      await store.events.append(batch.slice(0, 1));
      const outcomes = await store.events.append(batch);
      expect(outcomes.map((item) => item.outcome)).toEqual(['duplicate', 'rejected', 'stored']);
      expect(outcomes[1]).toMatchObject({ reason: expect.stringContaining('user') });
    }));

  it('keeps storing and finding when a source brings more fields than an index may have', () =>
    withTwo(async (store, _, client, prefix) => {
      const noisy = Array.from({ length: 40 }, (_unused, number) => {
        const fields = Object.fromEntries(
          Array.from({ length: 100 }, (__, f) => [`F${number}_${f}`, `Value ${f}`]),
        );
        return sampleEvent(number, { fields: { winlog: { event_data: fields } } });
      });
      expect((await store.events.append(noisy)).filter((item) => item.outcome !== 'stored')).toEqual([]);
      await client.indices.refresh({ index: `${prefix}-events-*` });
      for (const [number, f] of [
        [0, 0],
        [39, 99],
      ] as const) {
        const where = {
          op: 'equals',
          field: `winlog.event_data.F${number}_${f}`,
          value: `VALUE ${f}`,
        } as const;
        const page = await store.events.read({ where });
        expect(ids(page.events)).toEqual([noisy[number]!.event.event.id]);
      }
    }));

  it('reads index patterns that others fill, with mappings of their own', () =>
    withTwo(async (store, _, client, prefix) => {
      const index = `${prefix}-foreign-1`;
      const properties = {
        user: { properties: { name: { type: 'keyword' as const, ignore_above: 5 } } },
        source: { properties: { ip: { type: 'ip' as const } } },
      };
      await client.indices.create({
        index,
        mappings: { properties: { '@timestamp': { type: 'date' }, ...properties } },
      });
      const documents = [
        {
          '@timestamp': '2026-11-21T19:00:00Z',
          user: { name: 'ALICE and more' },
          source: { ip: '10.0.0.1' },
        },
        { '@timestamp': '2026-11-21T19:00:00Z', user: { name: 'Bob' }, source: { ip: '10.0.0.2' } },
        { user: { name: 'no time' }, free: { text: 'Some Words' } },
      ];
      await client.bulk({
        index,
        operations: documents.flatMap((document) => [{ create: {} }, document]),
        refresh: true,
      });
      const found = async (where: Parameters<typeof store.events.read>[0]['where']) =>
        (
          await store.events.read({ indices: [`${prefix}-foreign-*`], ...(where ? { where } : {}) })
        ).events.map((event) => event.user?.name);
      expect(await found({ op: 'contains', field: 'user.name', value: 'alice' })).toEqual(['ALICE and more']);
      expect(await found({ op: 'cidr', field: 'source.ip', network: '10.0.0.2/32' })).toEqual(['Bob']);
      expect(await found({ op: 'equals', field: 'free.text', value: 'some words' })).toEqual(['no time']);
      const pages = await store.events.read({ indices: [index], size: 2 });
      expect(
        (await store.events.read({ indices: [index], size: 2, after: pages.next! })).events,
      ).toHaveLength(1);
    }));

  it('refuses to store into a cluster without its templates, and says what to do', async () => {
    const store = await openElasticsearch({ nodes: es.component.url, prefix: freshPrefix() });
    await expect(store.events.append(sampleEvents(1))).rejects.toMatchObject({
      code: 'remote',
      hint: expect.stringContaining('vigia serve'),
    });
    await store.close();
  });

  it('puts its templates once, and leaves those of a newer Vigia alone', () =>
    withTwo(async (store, _, client, prefix) => {
      const name = `${prefix}-control`;
      const template = async () =>
        (await client.indices.getIndexTemplate({ name })).index_templates[0]!.index_template;
      expect((await template())._meta).toMatchObject({
        version: loadTemplates().get('control')!._meta.version,
      });
      await client.indices.putIndexTemplate({
        name,
        index_patterns: [`${prefix}-control`],
        priority: 200,
        _meta: { version: 99 },
      });
      await expect(store.migrate()).rejects.toMatchObject({
        code: 'refused',
        message: expect.stringContaining('newer'),
      });
      expect((await template())._meta).toEqual({ version: 99 });
    }));

  it('says that a page was asked for too late', () =>
    withTwo(async (store, _, client, prefix) => {
      await store.events.append(sampleEvents(3));
      await client.indices.refresh({ index: `${prefix}-events-*` });
      const page = await store.events.read({ size: 1 });
      const { view } = JSON.parse(Buffer.from(page.next!, 'base64url').toString()) as { view: string };
      await client.closePointInTime({ id: view });
      await expect(store.events.read({ size: 1, after: page.next! })).rejects.toMatchObject({
        code: 'usage',
        message: expect.stringContaining('expired'),
      });
    }));
});

it('lists the same document fields as its index template', () => {
  const typeOf = fieldTypes(loadTemplates().get('documents')!);
  const inTemplate = Object.fromEntries(Object.keys(documentFields).map((field) => [field, typeOf(field)]));
  expect(inTemplate).toEqual(documentFields);
});
