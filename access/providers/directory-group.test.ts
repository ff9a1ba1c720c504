import { Attribute, Change, type Client } from 'ldapts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEmbedded } from '../../store/embedded/open.ts';
import type { Directory, DirectoryChange } from '../../targets/directory.ts';
import { entryOf } from '../../targets/directory-entry.ts';
import { type DirectoryBed, directoryBed } from '../../tests/proofs/directory-bed.ts';
import { need } from '../../tests/testbed/need.ts';
import type { AccessDesk } from '../index.ts';
import type { ProviderContext } from '../provider.ts';
import { type Desk, openDesk } from '../testbench/desk.ts';
import { directoryGroup } from './directory-group.ts';

const samba = await need('samba');
const MINUTE = 60_000;

samba.describe('a group of a directory for a time', () => {
  let bed: DirectoryBed;
  let desk: Desk;
  let vigia: AccessDesk;
  beforeAll(async () => {
    bed = await directoryBed(samba.component, 'dirgrp');
    desk = await openDesk(openEmbedded, () => ({ directory: bed.target }));
    vigia = desk.process();
    await bed.group('dirgrp-power', ['Server Operators']);
    await bed.group('dirgrp-inner', ['dirgrp-power']);
  });
  afterAll(async () => {
    await desk?.close();
    await bed?.close();
  });
  const start = (account: string, role = 'dirgrp-power') =>
    desk.given(vigia, { system: 'directory', role, account });

  it('works while it lasts and is gone at its end, with what LDAP cannot end said aloud', async () => {
    const person = await bed.person('dirgrp-ana');
    const given = await start('dirgrp-ana');
    expect(given).toMatchObject({ state: 'active', given: { outcome: 'proven' } });
    // Samba knows no membership with an end.
    expect(given.plan.observed['endsItself']).toBe(false);
    expect(given.plan.stays[0]).toContain('Vigia takes it away');
    expect(await bed.groupsOf(person)).toEqual(['dirgrp-power']);
    expect(desk.calls).toEqual(['ldap modify member']);
    desk.wait(30 * MINUTE);
    const ended = await vigia.advance(given.id);
    expect(ended).toMatchObject({
      state: 'ended',
      ended: {
        proof: {
          right: { outcome: 'proven' },
          sessions: { outcome: 'unknown', detail: expect.stringContaining('connections bound before') },
        },
      },
    });
    expect(await bed.groupsOf(person)).toEqual([]);
    expect(desk.calls).toEqual(['ldap modify member', 'ldap modify member']);
  });

  it('is told apart from what a person has by another way, before and after', async () => {
    await bed.person('dirgrp-bo', ['dirgrp-inner']);
    await expect(start('dirgrp-bo')).rejects.toThrow(/in "dirgrp-power" already, for good/);
    await bed.person('dirgrp-cy');
    const given = await start('dirgrp-cy');
    await bed.member(bed.dnOf('dirgrp-cy'), 'dirgrp-inner');
    desk.wait(31 * MINUTE);
    const { ended } = await vigia.advance(given.id);
    expect(ended?.proof.right).toMatchObject({
      outcome: 'proven',
      detail: expect.stringContaining('STILL HAS THE GROUP THROUGH ANOTHER'),
    });
  });

  it('ends for an account that was renamed, and for one that was deleted', async () => {
    const [one, two] = [await bed.person('dirgrp-di'), await bed.person('dirgrp-ed')];
    const [first, second] = [await start('dirgrp-di'), await start('dirgrp-ed')];
    await bed.ldap.modify(one.dn, [
      new Change({
        operation: 'replace',
        modification: new Attribute({ type: 'sAMAccountName', values: ['dirgrp-moved'] }),
      }),
    ]);
    await bed.ldap.del(two.dn);
    desk.wait(31 * MINUTE);
    expect(await vigia.advance(first.id)).toMatchObject({ state: 'ended' });
    expect(await bed.groupsOf(one)).toEqual([]);
    expect(await vigia.advance(second.id)).toMatchObject({
      state: 'ended',
      ended: { proof: { right: { detail: expect.stringContaining('the account is gone') } } },
    });
  });

  it('asks two people for power over the whole domain', async () => {
    await bed.person('dirgrp-fay');
    const asked = await vigia.request(
      { system: 'directory', role: 'domain admins', account: 'dirgrp-fay', why: 'x', minutes: 30 },
      'rita',
    );
    expect(asked).toMatchObject({ policyLine: 'whole-domain', approvalsNeeded: 2 });
    const approve = (by: string) =>
      vigia.approve(asked.id, { by, roles: ['approver'], planHash: asked.planHash });
    expect((await approve('olga')).state).toBe('waiting');
    expect((await approve('Olga@example.test')).state).toBe('waiting');
    expect((await approve('nuno')).state).toBe('approved');
  });

  it('goes on reading through a connection that was bound before: measured, and so said', async () => {
    const person = await bed.person('dirgrp-gil');
    const given = await start('dirgrp-gil');
    const bound: Client = await bed.logon(person);
    desk.wait(31 * MINUTE);
    await vigia.advance(given.id);
    expect((await bound.search(person.dn, { scope: 'base' })).searchEntries).toHaveLength(1);
    await bound.unbind();
  });
});

describe('a directory that ends memberships by itself', () => {
  it('is given a member with a time to live', async () => {
    const changes: DirectoryChange[] = [];
    const account = {
      dn: 'CN=Ana,DC=example,DC=test',
      objectSid: Buffer.alloc(12),
      objectGUID: Buffer.alloc(16),
    };
    const directory = {
      entry: async () => entryOf(account),
      modify: async (_dn: string, made: readonly DirectoryChange[]) => void changes.push(...made),
    } as unknown as Directory;
    const ctx = {
      now: () => Date.parse('2026-11-28T10:00:00Z'),
      directory: (_system: string, use: (directory: Directory) => unknown) => use(directory),
    } as unknown as ProviderContext;
    const found = {
      account: 'a',
      name: 'ana',
      group: { guid: 'g', sid: 's', name: 'power' },
      endsItself: true,
    };
    const wanted = { id: 'ACC-2026-000001', system: 'directory', role: 'power', account: 'ana' };
    await directoryGroup.give(wanted, found, '2026-11-28T10:30:00Z', ctx);
    expect(changes).toEqual([
      { operation: 'add', attribute: 'member', values: ['<TTL=1800,CN=Ana,DC=example,DC=test>'] },
    ]);
  });
});
