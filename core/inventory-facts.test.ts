import { expect, it } from 'vitest';
import type { Event } from './event.ts';
import { type Item, inventoryOf, noInventory } from './inventory.ts';
import { corrections, inventoryFacts, lastReadable } from './inventory-facts.ts';

const item = (name: string, more: Partial<Item> = {}): Item => ({
  name,
  kind: 'host',
  also: [],
  needs: [],
  users: 0,
  tags: [],
  ...more,
});
const inventory = inventoryOf(
  [
    item('srv-db-1', { also: ['192.0.2.17'], owner: 'databases', criticality: 'high', tags: ['payments'] }),
    item('srv-db-1', { kind: 'account' }),
    item('offices', { kind: 'network', also: ['198.51.100.0/24', '2001:db8::/32'] }),
    item('office-braga', { kind: 'network', also: ['198.51.100.128/25'] }),
  ],
  'abc',
);
const event = (more: object): Event =>
  ({
    '@timestamp': '2026-11-28T10:00:00.000Z',
    event: { id: 'e1', hash: '', dataset: 'x', created: '' },
    ...more,
  }) as Event;

it.each([
  ['a host by its name, whatever the letter case', { host: { name: 'SRV-DB-1' } }, { host: 'srv-db-1' }],
  ['a host by one of its addresses', { host: { ip: ['203.0.113.9', '192.0.2.17'] } }, { host: 'srv-db-1' }],
  [
    'where it came from, by the smallest network',
    { source: { ip: '198.51.100.200' } },
    { source: 'office-braga' },
  ],
  ['the larger network otherwise', { source: { ip: '198.51.100.7' } }, { source: 'offices' }],
  ['an IPv6 network', { destination: { address: '2001:db8::7' } }, { destination: 'offices' }],
])('tells %s', (_, machines, expected) => {
  const { version, ...facts } = inventoryFacts(inventory, event(machines))!;
  expect(version).toBe('abc');
  expect(Object.fromEntries(Object.entries(facts).map(([role, { name }]) => [role, name]))).toEqual(expected);
});

it('tells owner, weight and tags, and no accounts', () => {
  expect(inventoryFacts(inventory, event({ host: { name: 'srv-db-1' } }))?.host).toEqual({
    name: 'srv-db-1',
    kind: 'host',
    owner: 'databases',
    criticality: 'high',
    tags: ['payments'],
  });
});

it('tells nothing where it knows nothing', () => {
  expect(inventoryFacts(inventory, event({ host: { name: 'elsewhere' } }))).toBeUndefined();
  expect(inventoryFacts(noInventory, event({ host: { name: 'srv-db-1' } }))).toBeUndefined();
});

it('shows what it would say today of events that say otherwise', () => {
  const host = { name: 'srv-db-1' };
  const then = inventoryFacts(inventory, event({ host }))!;
  const kept = event({ host, vigia: { inventory: { ...then, version: 'old' } } });
  expect(corrections([kept], inventory)).toEqual({});
  const today = inventoryOf([item('srv-db-1', { owner: 'payments' })], 'new');
  expect(corrections([kept], today)).toEqual({
    e1: { version: 'new', host: { name: 'srv-db-1', kind: 'host', owner: 'payments' } },
  });
  expect(corrections([kept], inventoryOf([item('another')], 'new'))).toEqual({ e1: { version: 'new' } });
  expect(corrections([kept], noInventory)).toEqual({});
});

it('goes on with the last inventory that could be read, and warns once for each new mistake', () => {
  const warnings: string[] = [];
  let answer: () => typeof inventory = () => inventory;
  const read = lastReadable(
    () => answer(),
    (text) => warnings.push(text),
  );
  expect(read()).toBe(inventory);
  answer = () => {
    throw new Error('inventory.yml:3:1 is wrong');
  };
  expect([read(), read()]).toEqual([inventory, inventory]);
  answer = () => {
    throw new Error('inventory.yml:4:1 is wrong');
  };
  read();
  expect(warnings).toEqual([
    expect.stringContaining('3:1 is wrong; events are described by the last version'),
    expect.stringContaining('4:1 is wrong'),
  ]);
});
