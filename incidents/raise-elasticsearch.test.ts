import { Client } from '@elastic/elasticsearch';
import { expect, it } from 'vitest';
import type { Alert } from '../core/documents.ts';
import { openElasticsearch } from '../store/elasticsearch/open.ts';
import { need } from '../tests/testbed/need.ts';
import { incidents, loadIncidentPolicies } from './index.ts';

const es = await need('elasticsearch');

/** Other suites share the cluster. */
async function removeAll(prefix: string): Promise<void> {
  const client = new Client({ node: es.component.url });
  const indices = Object.keys(await client.indices.get({ index: `${prefix}-*`, expand_wildcards: 'all' }));
  for (const index of indices) await client.indices.delete({ index });
  await client.indices.deleteIndexTemplate({ name: `${prefix}-*` });
  await client.close();
}

es.describe('raising incidents in a store that several processes share', () => {
  it('gives one open incident when two writers raise alerts about one person at once, and again', async () => {
    const prefix = `incidents-${process.pid}`;
    const open = async () => openElasticsearch({ nodes: es.component.url, prefix });
    const [one, two] = [await open(), await open()];
    try {
      await one.migrate();
      const policies = await loadIncidentPolicies('policies');
      const [left, right] = [one, two].map((store) => incidents({ store, policies, now: Date.now }));
      const alerts = Array.from(
        { length: 8 },
        (_, index): Alert => ({
          id: `alert-${index}`,
          kind: 'event',
          rule: { id: 'rule', title: 'A rule', level: 'high', hash: 'h', tags: [] },
          from: '2026-11-21T18:00:00.000Z',
          to: '2026-11-21T18:00:00.000Z',
          created: '2026-11-21T18:00:01.000Z',
          events: [`event-${index}`],
          eventCount: 1,
          datasets: ['test'],
          entities: [{ type: 'user', name: 'ana' }],
          state: 'open',
          history: [],
        }),
      );
      await one.documents.createMany(
        'alert',
        alerts.map((body) => ({ id: body.id, body })),
      );
      await Promise.all([left!.raise(alerts.slice(0, 5)), right!.raise(alerts.slice(3))]);
      await right!.raise(alerts);
      const { incidents: standing } = await left!.list();
      expect(standing.map(({ body }) => [body.alertCount, body.eventCount])).toEqual([[8, 8]]);
    } finally {
      await Promise.all([one.close(), two.close()]);
      await removeAll(prefix);
    }
  });
});
