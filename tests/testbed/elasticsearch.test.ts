/** Elasticsearch of the test bed: real answers, and the faults that a test can make. */
import { existsSync } from 'node:fs';
import { Client, errors } from '@elastic/elasticsearch';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Elasticsearch, startElasticsearch } from './elasticsearch.ts';
import { needInstalled } from './need.ts';
import { stillRunning } from './processes.ts';

const { describe } = await needInstalled('elasticsearch');

// Two starts of a JVM server on two busy cores.
const slow = 180_000;

describe('Elasticsearch of the test bed', () => {
  let server: Elasticsearch;
  let client: Client;

  beforeAll(async () => {
    server = await startElasticsearch();
    client = new Client({ node: server.url, maxRetries: 0 });
  }, slow);

  afterAll(async () => {
    await client.close();
    await server.stop();
  }, slow);

  it('refuses to create a document twice and finds it once', async () => {
    const document = { index: 'once', id: 'a', document: { user: 'anna' } };
    await client.create({ ...document, refresh: true });
    await expect(client.create(document)).rejects.toMatchObject({ statusCode: 409 });
    const found = await client.search({ index: 'once', query: { match: { user: 'anna' } } });
    expect(found.hits.hits.map((hit) => hit._id)).toEqual(['a']);
  });

  it('does not answer while it is frozen, and answers again afterwards', async () => {
    server.pause();
    try {
      await expect(client.cluster.health({}, { requestTimeout: 300 })).rejects.toThrow(errors.TimeoutError);
    } finally {
      server.resume();
    }
    expect((await client.cluster.health()).number_of_nodes).toBe(1);
  });

  it(
    'keeps its documents and its address when it is killed and started again',
    async () => {
      await client.create({ index: 'kept', id: 'a', document: {} });
      const before = server.pids();
      await server.kill('SIGKILL');
      expect(stillRunning(before)).toEqual([]);
      await expect(client.cluster.health()).rejects.toThrow(errors.ConnectionError);
      await server.start();
      expect((await client.get({ index: 'kept', id: 'a' })).found).toBe(true);
    },
    slow,
  );

  it(
    'leaves no process and no folder when it is stopped',
    async () => {
      const pids = server.pids();
      // The launcher and the server itself.
      expect(pids).toHaveLength(2);
      await server.stop();
      expect(stillRunning(pids)).toEqual([]);
      expect(existsSync(server.nodes[0]!.logFolder)).toBe(false);
    },
    slow,
  );
});
