/** What the Elasticsearch store does when the cluster is overloaded, cuts the line, or refuses: nothing lost, nothing doubled. */
import { Client } from '@elastic/elasticsearch';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { Store } from '../../core/store.ts';
import type { Backoff } from '../../store/elasticsearch/backoff.ts';
import { openElasticsearch } from '../../store/elasticsearch/open.ts';
import { need } from '../testbed/need.ts';
import { type Fault, type FaultyServer, startFaultyServer } from './faulty-server.ts';
import { sampleAlert, sampleBatch, sampleEvent, sampleEvents } from './samples.ts';

const es = await need('elasticsearch');
const quick: Backoff = { firstMs: 1, mostMs: 5, giveUpMs: 10_000 };
const BULK = /^(POST|PUT) \/_bulk/;

es.describe('the Elasticsearch store on a bad line', () => {
  const prefix = `faults-${process.pid}`;
  let server: FaultyServer;
  let store: Store;
  let client: Client;
  let dataset = 0;

  beforeAll(async () => {
    server = await startFaultyServer(es.component.url);
    client = new Client({ node: es.component.url });
    store = await openElasticsearch({ nodes: server.url, prefix, backoff: quick });
    await store.migrate();
    await store.events.append([sampleEvent(0, { dataset: 'first' })]);
  });
  afterEach(() => server.mend());
  afterAll(async () => {
    await store.close();
    const indices = Object.keys(await client.indices.getSettings({ index: `${prefix}-*` }));
    if (indices.length > 0) await client.indices.delete({ index: indices });
    await client.indices.deleteIndexTemplate({ name: `${prefix}-*` });
    await Promise.all([client.close(), server.close()]);
  });

  const freshDataset = (): string => `fault${++dataset}`;
  const countOf = async (name: string): Promise<number> => {
    const index = `${prefix}-events-${name}-2026.11`;
    await client.indices.refresh({ index });
    return (await client.count({ index })).count;
  };

  const passing: [string, Fault[]][] = [
    [
      'the whole request is answered with 429',
      [
        { kind: 'answer', status: 429 },
        { kind: 'answer', status: 429 },
      ],
    ],
    ['the whole request is answered with 503', [{ kind: 'answer', status: 503 }]],
    [
      'a gateway in between answers 502 and 504',
      [
        { kind: 'answer', status: 502 },
        { kind: 'answer', status: 504 },
      ],
    ],
    ['the connection is cut before the request is read', [{ kind: 'cut-before' }]],
    ['the connection is cut after everything was written', [{ kind: 'cut-after' }]],
    [
      'the connection is cut twice after everything was written',
      [{ kind: 'cut-after' }, { kind: 'cut-after' }],
    ],
    [
      'single items are answered with 429',
      [{ kind: 'items', status: 429, type: 'es_rejected_execution_exception' }],
    ],
    [
      'single items are answered with 503',
      [{ kind: 'items', status: 503, type: 'unavailable_shards_exception' }],
    ],
    [
      'single items are refused, then the line is cut',
      [{ kind: 'items', status: 429, type: 'x' }, { kind: 'cut-after' }],
    ],
  ];

  it.each(passing)('stores every event once when %s', async (_, faults) => {
    const name = freshDataset();
    server.break(BULK, ...faults);
    const outcomes = await store.events.append(sampleEvents(50, { dataset: name }));
    expect(outcomes.map((item) => item.outcome)).toEqual(new Array(50).fill('stored'));
    expect(server.broken.length).toBeGreaterThan(faults.length);
    expect(await countOf(name)).toBe(50);
  });

  it('still tells real duplicates from its own resent events', async () => {
    const name = freshDataset();
    await store.events.append(sampleEvents(3, { dataset: name, batch: 'w/1/1' }));
    server.break(BULK, { kind: 'cut-after' });
    const batch = sampleEvents(5, { dataset: name, batch: 'w/2/1' });
    const outcomes = await store.events.append([...batch, batch[4]!]);
    expect(outcomes.map((item) => item.outcome)).toEqual([
      'duplicate',
      'duplicate',
      'duplicate',
      'stored',
      'stored',
      'duplicate',
    ]);
    expect(outcomes[0]).toEqual({ outcome: 'duplicate', batch: 'w/1/1' });
  });

  it('halves a request that is too large until it fits, and rejects a single event that never fits', async () => {
    const name = freshDataset();
    server.break(BULK, { kind: 'body-limit', bytes: 5_000 });
    const batch = sampleEvents(40, { dataset: name });
    batch[17] = sampleEvent(17, { dataset: name, fields: { message: 'x'.repeat(6_000) } });
    const outcomes = await store.events.append(batch);
    expect(outcomes.filter((item) => item.outcome === 'stored')).toHaveLength(39);
    expect(outcomes[17]).toMatchObject({
      outcome: 'rejected',
      reason: expect.stringContaining('larger than Elasticsearch takes'),
    });
    expect(await countOf(name)).toBe(39);
  });

  it.each([
    [401, 'unknown or has expired'],
    [403, 'lacks a privilege'],
  ])('stops at %i and says why, without trying again', async (status, hint) => {
    server.break(BULK, { kind: 'answer', status });
    await expect(store.events.append(sampleEvents(2, { dataset: freshDataset() }))).rejects.toMatchObject({
      code: 'remote',
      exitCode: 3,
      hint: expect.stringContaining(hint),
    });
    expect(server.broken).toHaveLength(1);
  });

  it('does not blame the event for what the cluster lacks', async () => {
    server.break(BULK, { kind: 'items', status: 400, type: 'validation_exception' });
    const failed = store.events.append(sampleEvents(2, { dataset: freshDataset() }));
    await expect(failed).rejects.toMatchObject({
      code: 'remote',
      message: expect.stringContaining('validation_exception'),
    });
  });

  it('gives up after its time, so that the caller knows that nothing is known', async () => {
    const hurried = await openElasticsearch({
      nodes: server.url,
      prefix,
      backoff: { firstMs: 1, mostMs: 2, giveUpMs: 40 },
    });
    server.break(/^(POST|PUT) \/_bulk/, ...new Array<Fault>(1_000).fill({ kind: 'answer', status: 503 }));
    await expect(hurried.events.append(sampleEvents(2, { dataset: freshDataset() }))).rejects.toMatchObject({
      code: 'remote',
      message: expect.stringContaining('503'),
    });
    await hurried.close();
  });

  it('creates a marker once when the answer is lost, and knows that it was the one', async () => {
    const marker = { at: '2026-11-21T19:00:00Z', by: 'one', data: {} };
    server.break(BULK, { kind: 'cut-after' });
    expect(await store.documents.create('marker', 'started', marker)).toBe('created');
    server.break(BULK, { kind: 'cut-after' });
    expect(await store.documents.create('marker', 'started', { ...marker, by: 'two' })).toBe('exists');
    expect((await store.documents.get('marker', 'started'))!.body.by).toBe('one');
  });

  it('updates once when the answer is lost, and does not take its own write for a conflict', async () => {
    await store.documents.create('alert', 'lost', sampleAlert(1));
    const { version } = (await store.documents.get('alert', 'lost'))!;
    server.break(/^PUT \/[^/]+-alerts\//, { kind: 'cut-after' });
    const next = await store.documents.update('alert', 'lost', sampleAlert(2), version);
    expect(await store.documents.get('alert', 'lost')).toEqual({
      id: 'lost',
      version: next,
      body: sampleAlert(2),
    });
    await expect(store.documents.update('alert', 'lost', sampleAlert(3), version)).rejects.toMatchObject({
      code: 'conflict',
    });
  });

  it('publishes a batch and takes a number once when the answer is lost', async () => {
    server.break(/^(PUT|POST) \/[^/]+-batches\//, { kind: 'cut-after' });
    await store.batches.publish(sampleBatch('lost', 1));
    expect(await store.batches.follow([{ writer: 'lost', after: 0 }], 10)).toEqual([sampleBatch('lost', 1)]);
    server.break(/^(PUT|POST) \/[^/]+-control\//, { kind: 'cut-after' });
    expect(await store.documents.nextNumber('lost')).toBe(1);
    expect(await store.documents.nextNumber('lost')).toBe(2);
  });

  it('fails a search of which a part is missing, rather than answer with the rest', async () => {
    const answer = {
      took: 1,
      timed_out: false,
      _shards: { total: 2, successful: 1, skipped: 0, failed: 1 },
      hits: { hits: [] },
      pit_id: 'x',
    };
    server.break(/\/_search/, { kind: 'answer', status: 200, body: answer });
    await expect(store.events.read({})).rejects.toMatchObject({
      code: 'remote',
      message: expect.stringContaining('part of the answer'),
    });
  });

  it('holds callers back while its queue is full, and serves all of them', async () => {
    const name = freshDataset();
    const small = await openElasticsearch({
      nodes: server.url,
      prefix,
      backoff: quick,
      bulk: { queueBytes: 20_000, requestBytes: 10_000, requests: 1 },
    });
    server.break(BULK, { kind: 'answer', status: 429 });
    const calls = Array.from({ length: 10 }, (_, call) =>
      small.events.append(sampleEvents(20, { dataset: name }, call * 20)),
    );
    const outcomes = (await Promise.all(calls)).flat();
    expect(outcomes.map((item) => item.outcome)).toEqual(new Array(200).fill('stored'));
    expect(Math.max(...server.broken.map((sent) => sent.bytes))).toBeLessThan(12_000);
    await small.close();
  });
});
