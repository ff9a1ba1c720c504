/** On a real Elasticsearch, with an index that looks as another shipper fills it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@elastic/elasticsearch';
import { expect, it } from 'vitest';
import { findAll } from '../../core/find-all.ts';
import { need } from '../../tests/testbed/need.ts';
import { compose } from '../compose.ts';
import { readSettings } from '../settings.ts';
import { detect } from './detect.ts';
import { evaluateOnce } from './evaluate-indices.ts';

const es = await need('elasticsearch');
const RULE = `title: Somebody reads the payment folder
id: 3c1d5a52-6d0f-4f0e-8a57-0d3c5f1e2a01
status: test
description: A test.
logsource: { product: windows, service: security }
detection:
  sel: { EventID: 4663, ObjectName|contains: payments }
  condition: sel
level: high
`;

es.describe('indices that others fill', () => {
  it('are evaluated by arrival without copying; repeats change nothing; alerts name index and id', {
    timeout: 180_000,
  }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vigia-indices-'));
    const prefix = `indices-${process.pid}`;
    const index = `${prefix}-shipper-000001`;
    const client = new Client({ node: es.component.url });
    writeFileSync(join(folder, 'rule.yml'), RULE);
    writeFileSync(
      join(folder, 'vigia.yml'),
      JSON.stringify({
        state: 'state',
        store: { kind: 'elasticsearch', nodes: [es.component.url], prefix: `${prefix}-vigia` },
        rules: [join(folder, 'rule.yml')],
        indices: [
          { id: 'shipper', patterns: [`${prefix}-shipper-*`], arrival: 'arrived', overlapSeconds: 600 },
        ],
      }),
    );
    let nowMs = Date.parse('2026-11-21T19:10:00Z');
    const settings = readSettings(join(folder, 'vigia.yml'), {});
    const parts = await compose(settings, { now: () => nowMs });
    const [watched] = settings.indices;
    const add = (id: string, arrived: string, file: string) =>
      client.index({
        index,
        id,
        refresh: true,
        document: {
          '@timestamp': '2026-11-20T08:00:00Z',
          arrived,
          winlog: { channel: 'Security', event_id: '4663', event_data: { ObjectName: file } },
          host: { name: 'srv-files' },
          user: { name: 'ana' },
        },
      });
    try {
      await parts.store.migrate();
      // No index yet is no failure.
      expect(await evaluateOnce(parts, watched!)).toBe(0);
      await client.indices.create({
        index,
        mappings: { properties: { '@timestamp': { type: 'date' }, arrived: { type: 'date' } } },
      });
      await add('one/1', '2026-11-21T19:08:00Z', 'D:\\payments\\2026.csv');
      await add('two', '2026-11-21T19:08:30Z', 'D:\\holidays.txt');
      await add('old', '2026-11-21T11:00:00Z', 'D:\\payments\\old.csv');
      nowMs += 60_000;
      expect(await evaluateOnce(parts, watched!)).toBe(2);
      // It became searchable after the round that should have seen it.
      await add('late', '2026-11-21T19:09:00Z', 'D:\\payments\\late.csv');
      nowMs += 60_000;
      expect(await evaluateOnce(parts, watched!)).toBe(3);
      const alerts = await findAll(parts.store.documents, 'alert');
      expect(alerts.flatMap(({ body }) => body.events).sort()).toEqual([`${index}/late`, `${index}/one/1`]);
      expect((await findAll(parts.store.documents, 'match')).length).toBe(2);
      // The evidence is read where it lies, and nothing was copied.
      const [event] = await parts.store.events.get([`${index}/one/1`]);
      expect(event?.winlog?.event_data?.['ObjectName']).toBe('D:\\payments\\2026.csv');
      expect((await parts.store.size()).events).toBe(0);
      await detect(parts, { signal: new AbortController().signal, until: 'drained' });
      const incidents = await findAll(parts.store.documents, 'incident');
      expect(incidents.map(({ body }) => body.alertCount)).toEqual([2]);

      // An index in which the field is no date would be skipped without a word: it is said instead.
      await client.index({
        index: `${prefix}-shipper-000002`,
        refresh: true,
        document: { arrived: 'yesterday' },
      });
      await expect(evaluateOnce(parts, watched!)).rejects.toThrow(/arrived.*not a date/);
    } finally {
      await parts.close();
      const made = Object.keys(await client.indices.getSettings({ index: `${prefix}-*` }));
      if (made.length > 0) await client.indices.delete({ index: made });
      await client.indices.deleteIndexTemplate({ name: `${prefix}-*` });
      await client.close();
      rmSync(folder, { recursive: true });
    }
  });
});
