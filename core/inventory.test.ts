import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { inventoryFile, readInventory } from './inventory.ts';

const TEXT = `source: An invented institute
since: 2026-11-28
items:
  - { name: core-switch-1, kind: network, also: [192.0.2.1], tags: [core-switch] }
  - { name: srv-db-1, kind: host, also: [192.0.2.17, srv-db-1.example.test], needs: [core-switch-1] }
  - { name: benefits-db, kind: database, needs: [srv-db-1] }
  - { name: svc-benefits, kind: account }
  - { name: srv-app-1, kind: host, needs: [core-switch-1] }
  - { name: pensions, kind: service, users: 3000, criticality: high, needs: [benefits-db, srv-app-1, svc-benefits] }
  - { name: letters, kind: service, users: 40, needs: [pensions] }
`;

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vigia-inventory-'));
  file = join(folder, 'inventory.yml');
  writeFileSync(file, TEXT);
});
afterEach(() => rmSync(folder, { recursive: true }));

it.each([
  ['a host, by an address', ['192.0.2.17'], [3040, 2, 1, 3, ['pensions', 'benefits-db', 'letters']]],
  ['an account', ['SVC-Benefits'], [3040, 2, 0, 2, ['pensions', 'letters']]],
  ['a switch, through everything behind it', ['core-switch-1'], [3040, 2, 2, 5]],
  ['two names of the same host, once', ['srv-db-1', 'srv-db-1.example.test'], [3040, 2, 1, 3]],
])('counts what suffers with %s', (_, names, [users, services, hosts, dependants, foremost]) => {
  expect(readInventory(file).radius(names as string[])).toMatchObject({
    users,
    services,
    hosts,
    dependants,
    ...(foremost === undefined ? {} : { foremost: expect.arrayContaining(foremost as string[]) }),
  });
});

it('says nothing about a name that it does not know, and takes items that need each other', () => {
  expect(readInventory(file).radius(['unknown'])).toBeUndefined();
  writeFileSync(
    file,
    'source: x\nsince: 2026-11-28\nitems:\n  - { name: a, kind: host, needs: [b] }\n  - { name: b, kind: host, needs: [a] }\n',
  );
  expect(readInventory(file).radius(['a'])).toMatchObject({ hosts: 2, dependants: 1 });
});

it('names every mistake with its place', () => {
  writeFileSync(
    file,
    TEXT.replace('name: srv-app-1, kind: host', 'name: srv-db-1, kind: host').replace(
      '[pensions]',
      '[pension]',
    ),
  );
  expect(() => readInventory(file)).toThrow(
    /inventory\.yml:8:\d+ two items are called "srv-db-1"[\s\S]*:9:\d+ nothing is called "srv-app-1"[\s\S]*:10:\d+ nothing is called "pension"; did you mean "pensions"/,
  );
  writeFileSync(file, TEXT.replace('kind: network', 'kind: switch'));
  expect(() => readInventory(file)).toThrow(/inventory\.yml:4:\d+ .*kind/);
});

it('is read again when the file has changed, and never answers from a file with mistakes', () => {
  const inventory = inventoryFile(file);
  expect(inventory().named(['letters'])).toHaveLength(1);
  expect(inventory()).toBe(inventory());
  writeFileSync(file, TEXT.replace('name: letters', 'name: post'));
  utimesSync(file, 1, 1);
  expect(inventory().named(['letters'])).toHaveLength(0);
  writeFileSync(file, 'items: 7');
  utimesSync(file, 2, 2);
  expect(inventory).toThrow(/inventory\.yml/);
});
