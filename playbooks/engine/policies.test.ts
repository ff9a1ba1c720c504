import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inventoryOf, noInventory } from '../../core/inventory.ts';
import type { Subject } from '../action.ts';
import { policiesFolder } from '../testbench/bench.ts';
import { loadPolicies } from './policies.ts';
import { type Protectors, protect } from './protected.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vigia-policies-'));
  cpSync(policiesFolder, folder, { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true }));

const edit = (name: string, from: string | RegExp, to: string) => {
  const text = readFileSync(join(folder, name), 'utf8');
  expect(text).toMatch(from);
  writeFileSync(join(folder, name), text.replace(from, to));
};
const nobody: Protectors = { ownAccounts: {}, ownHosts: [], approvers: [], inventory: noInventory };
const anna = {
  system: 'directory',
  kind: 'directory-account',
  names: ['anna', 'anna@example.test'],
  rid: 1105,
} as const;

describe('policies', () => {
  it.each([
    [
      'a destructive step without approval',
      'approvals.yml',
      /(risk: destructive\s+needed:) 1/,
      '$1 0',
      /approvals\.yml:\d+:\d+ a destructive step needs at least one/,
    ],
    [
      'a risk without rule',
      'approvals.yml',
      'risk: reversible',
      'risk: destructive',
      /the risk reversible does not stand here exactly once/,
    ],
    [
      'more approvals than people',
      'approvals.yml',
      /(risk: destructive\s+needed:) 1/,
      '$1 2\n    of: [olga]',
      /1 names cannot give 2 approvals/,
    ],
    [
      'a role that does not exist',
      'approvals.yml',
      'role: approver',
      'role: aprover',
      /did you mean "approver"/,
    ],
    [
      'an entry that matches two ways',
      'protected.yml',
      '{ rids: [500] }',
      '{ rids: [500], approvers: true }',
      /protected\.yml:\d+:\d+ "match"/,
    ],
    [
      'an unknown key',
      'protected.yml',
      'why: the last way into the domain',
      'because: the last way into the domain',
      /unknown key "because"/,
    ],
    [
      'a canary that is not in its wave',
      'patching.yml',
      'waves: []',
      'waves:\n  - { id: web, title: Web, canary: wbe1, hosts: [web1, web2], window: servers, notice_hours: 24, unreachable: stop }',
      /patching\.yml:\d+:\d+ the canary wbe1 is no host of the wave; did you mean "web1"/,
    ],
    [
      'a wave in a window that does not exist',
      'patching.yml',
      'waves: []',
      'waves:\n  - { id: web, title: Web, canary: web1, hosts: [web1], window: noon, notice_hours: 24, unreachable: stop }',
      /patching\.yml:\d+:\d+ no window "noon"; known: servers/,
    ],
    [
      'a cluster that can spare nobody',
      'patching.yml',
      'clusters: []',
      'clusters:\n  - { id: db, members: [db1, db2], keep: 2 }',
      /patching\.yml:\d+:\d+ with 2 of 2 members kept, none could be touched/,
    ],
    [
      'a check by a program without its path',
      'patching.yml',
      'health: []',
      'health:\n  - { hosts: [web1], commands: [[check_http, -H, x]] }',
      /patching\.yml:\d+:\d+ "check_http" is no whole path/,
    ],
    [
      'an exemption without an end',
      'patching.yml',
      'exemptions: []',
      'exemptions:\n  - { hosts: [db1], packages: [nginx], why: no time }',
      /patching\.yml:\d+:\d+ .*lacks the key "until"/,
    ],
    [
      'a service whose name is a path',
      'patching.yml',
      'services: {}',
      'services: { java: ../../tmp/x }',
      /patching\.yml:\d+:\d+ "java"/,
    ],
  ])('refuse %s', (_, name, from, to, message) => {
    edit(name, from, to);
    expect(() => loadPolicies(folder)).toThrow(message);
  });

  it('say which file is missing', () => {
    rmSync(join(folder, 'protected.yml'));
    expect(() => loadPolicies(folder)).toThrow(/protected\.yml cannot be read/);
  });
});

describe('the protected-asset list', () => {
  it('lets an ordinary account through', () => {
    expect(protect([anna], loadPolicies(folder).protected, nobody)).toEqual({ decisions: [], approvals: 0 });
  });

  it('can ask for more approvals instead of refusing, which the approval binds', () => {
    edit(
      'protected.yml',
      'protected:\n',
      'protected:\n  - { id: payroll, why: payday, approvals: 2, match: { names: ["AN*"] } }\n',
    );
    expect(protect([anna], loadPolicies(folder).protected, nobody)).toEqual({
      decisions: ['payroll: 2 approvals'],
      approvals: 2,
    });
  });

  it.each([
    ['its principal name', 'anna@example.test'],
    ['its logon name', 'ANNA'],
    ['the name before the domain', 'EXAMPLE\\anna'],
  ])("knows Vigia's own account by %s", (_, own) => {
    expect(() =>
      protect([anna], loadPolicies(folder).protected, { ...nobody, ownAccounts: { directory: own } }),
    ).toThrow(/"anna" on directory is protected by .*protected\.yml:\d+ \(vigia-own-accounts\)/);
  });

  it('does not mistake an account on another target for its own', () => {
    expect(
      protect([anna], loadPolicies(folder).protected, { ...nobody, ownAccounts: { other: 'anna' } })
        .decisions,
    ).toEqual([]);
  });

  it.each(['anna', 'Anna@example.test', 'anna@mail.example'])('knows the approver %s', (name) => {
    expect(() => protect([anna], loadPolicies(folder).protected, { ...nobody, approvers: [name] })).toThrow(
      /\(approvers\)/,
    );
  });

  const host: Subject = { system: 'by hand', kind: 'named-asset', names: ['srv-es-1', '192.0.2.40'] };

  it('knows the machines of its own store', () => {
    expect(() =>
      protect([host], loadPolicies(folder).protected, { ...nobody, ownHosts: ['192.0.2.40'] }),
    ).toThrow(/"srv-es-1" on by hand is protected by .*protected\.yml:\d+ \(vigia-own-store\)/);
  });

  it.each(['core-switch', 'Break-Glass'])('knows what the inventory tags as %s', (tag) => {
    const item = { name: 'srv-es-1', kind: 'host', also: [], needs: [], users: 0, tags: [tag] } as const;
    expect(() =>
      protect([host], loadPolicies(folder).protected, { ...nobody, inventory: inventoryOf([item]) }),
    ).toThrow(/\(tagged-assets\): tagged in the inventory/);
    const other = inventoryOf([{ ...item, tags: ['payments'] }]);
    expect(
      protect([host], loadPolicies(folder).protected, { ...nobody, inventory: other }).decisions,
    ).toEqual([]);
  });
});

it('windows need no days on which they stay shut', () => {
  edit('windows.yml', /^freezes:[\s\S]*$/m, '');
  expect(loadPolicies(folder).windows.freezes).toEqual([]);
});
