/** Whose machines events are about: kept as it was when they were read, with what the inventory says today beside it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Event } from '../../core/event.ts';
import type { InventoryFacts } from '../../core/inventory-facts.ts';
import { openServing, recorded, type Serving } from '../testbench/serving.ts';

const folder = mkdtempSync(join(tmpdir(), 'vigia-inventory-'));
const inventory = join(folder, 'inventory.yml');
const write = (item: string) =>
  writeFileSync(inventory, `source: An invented institute\nsince: 2026-11-28\nitems:\n  - ${item}\n`);

let serving: Serving;
beforeAll(async () => {
  write('{ name: dc1, kind: host, owner: directory team, criticality: high, tags: [domain-controller] }');
  serving = await openServing({ inventory });
  await serving.ingest(recorded('group'));
});
afterAll(async () => {
  await serving.close();
  rmSync(folder, { recursive: true });
});

const search = async (query: string) => {
  const { body } = await serving.call('analyst', 'POST', '/api/v1/events/search', { query });
  return body as unknown as { events: Event[]; corrections: Record<string, InventoryFacts> };
};

it('can be searched for, and is shown with what the inventory says today where that differs', async () => {
  const before = await search('vigia.inventory.host.tags:domain-controller');
  expect(before.events.length).toBeGreaterThan(0);
  expect(before.events[0]!.vigia?.inventory).toMatchObject({
    version: expect.stringMatching(/^[0-9a-f]{12}$/),
    host: { name: 'dc1', kind: 'host', owner: 'directory team', criticality: 'high' },
  });
  expect(before.corrections).toEqual({});

  write('{ name: dc1, kind: host, owner: network team }');
  const after = await search('vigia.inventory.host.tags:domain-controller');
  expect(after.events).toEqual(before.events);
  const [{ event }] = before.events as [Event];
  const correction = {
    version: expect.not.stringMatching(before.events[0]!.vigia!.inventory!.version),
    host: { name: 'dc1', kind: 'host', owner: 'network team' },
  };
  expect(after.corrections[event.id]).toEqual(correction);
  const one = await serving.call('analyst', 'GET', `/api/v1/events/${event.id}`);
  expect(one.body).toMatchObject({ correction, vigia: { inventory: { host: { owner: 'directory team' } } } });
});
