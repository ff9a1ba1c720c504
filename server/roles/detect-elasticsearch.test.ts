import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@elastic/elasticsearch';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { touchedBy } from '../../collectors/delivery/touched.ts';
import type { Match } from '../../core/documents.ts';
import { groupKey } from '../../detections/index.ts';
import { need } from '../../tests/testbed/need.ts';
import { compose } from '../compose.ts';
import type { Parts } from '../parts.ts';
import { readSettings } from '../settings.ts';
import { detect } from './detect.ts';
import { PARTITIONS } from './shares.ts';

const es = await need('elasticsearch');
const RULES = `title: Part
id: part
name: part
logsource: {product: linux}
detection: {sel: {event.action: x}, condition: sel}
---
title: Burst
id: burst
level: high
correlation: {type: event_count, rules: [part], group-by: [user.name], timespan: 1m, condition: {gte: 3}}
`;
const GROUPS = 40;

/** Other suites share the cluster. */
async function removeAll(prefix: string): Promise<void> {
  const client = new Client({ node: es.component.url });
  const indices = Object.keys(await client.indices.get({ index: `${prefix}-*`, expand_wildcards: 'all' }));
  for (const index of indices) await client.indices.delete({ index });
  await client.indices.deleteIndexTemplate({ name: `${prefix}-*` });
  await client.close();
}

/** One more match for every group, in a batch of its own. */
async function deliver({ store }: Parts, number: number): Promise<void> {
  const at = new Date(Date.UTC(2026, 10, 20) + number * 1_000).toISOString();
  const matches = Array.from({ length: GROUPS }, (_, n): Match => {
    const by = [`user${n}`];
    return {
      id: `match-${number}-${n}`,
      rule: { id: 'part', title: 'Part', level: 'low', hash: '', tags: [] },
      event: { id: `event-${number}-${n}`, at, dataset: 'test' },
      groups: [groupKey('burst', by)],
      group: { burst: { by, values: [] } },
      entities: [{ type: 'user', name: `user${n}` }],
    };
  });
  await store.documents.createMany(
    'match',
    matches.map((body) => ({ id: body.id, body })),
  );
  await store.batches.publish({
    writer: 'test',
    number,
    at,
    next: { generation: 1, position: '' },
    ledger: [],
    partitions: [],
    alerts: [],
    touched: touchedBy(matches),
  });
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let n = 0; n < 300; n++) {
    if (await isSo()) return;
    await sleep(100);
  }
  throw new Error('it does not come about');
}

es.describe('several processes with the role detect', () => {
  it('share the groups, double nothing, and take over what another leaves', {
    timeout: 120_000,
  }, async () => {
    const prefix = `detect-${process.pid}`;
    const folder = mkdtempSync(join(tmpdir(), 'vigia-detect-'));
    writeFileSync(join(folder, 'rules.yml'), RULES);
    const partitions = new Map<string, number>();
    const open = async (name: string) => {
      const log = pino(
        { level: 'info' },
        {
          write: (line: string) => {
            const held = /works on (\d+) of/.exec(line)?.[1];
            if (held) partitions.set(name, Number(held));
          },
        },
      );
      const settings = {
        ...readSettings(undefined, { VIGIA_STATE: join(folder, name) }),
        store: { kind: 'elasticsearch' as const, nodes: [es.component.url], prefix },
        rules: [join(folder, 'rules.yml')],
      };
      return compose(settings, { log });
    };
    const [left, right] = [await open('left'), await open('right')];
    const [stopLeft, stopRight] = [new AbortController(), new AbortController()];
    const running = [
      detect(left, { signal: stopLeft.signal, until: 'forever' }),
      detect(right, { signal: stopRight.signal, until: 'forever' }),
    ];
    const alerts = async () =>
      (await left.store.documents.find('alert', { size: 1_000 })).found.map(({ body }) => body);
    const counts = async () => (await alerts()).map(({ eventCount }) => eventCount);
    try {
      await until(
        async () =>
          [...partitions.values()].every((held) => held === PARTITIONS / 2) && partitions.size === 2,
      );
      for (const number of [1, 2, 3]) await deliver(left, number);
      await until(async () => (await counts()).length === GROUPS);
      await deliver(left, 4);
      await until(async () => (await counts()).every((count) => count === 4));
      stopLeft.abort();
      await running[0];
      await deliver(right, 5);
      await until(async () => (await counts()).every((count) => count === 5));
      expect(partitions.get('right')).toBe(PARTITIONS);
      const found = await alerts();
      expect(found.map(({ state }) => state)).toEqual(Array.from({ length: GROUPS }, () => 'open'));
      expect(new Set(found.map(({ group }) => group!.key)).size).toBe(GROUPS);
      expect(found.every(({ incident }) => incident !== undefined)).toBe(true);
    } finally {
      stopLeft.abort();
      stopRight.abort();
      await Promise.all(running);
      await left.close();
      await right.close();
      await removeAll(prefix);
      rmSync(folder, { recursive: true });
    }
  });
});
