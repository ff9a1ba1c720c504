import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AndFilter, EqualityFilter, SubstringFilter } from 'ldapts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ChangeCalls, readsOnly } from './calls.ts';
import { type Directory, withDirectory } from './directory.ts';
import { findAccount } from './directory-accounts.ts';
import { privilegedMemberships } from './directory-groups.ts';
import type { RehearsalSettings } from './settings.ts';

const shipped = join(import.meta.dirname, '..', 'demo', 'directory.ldif');
const free: ChangeCalls = { before() {}, after() {} };
const policy = { domainRids: [512, 519], builtinRids: [544], names: [] };
const DAVE = 'CN=Dave Diaz,OU=Staff,DC=example,DC=test';
const ADMINS = 'CN=Domain Admins,CN=Users,DC=example,DC=test';

let folder: string;
let settings: RehearsalSettings;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vigia-rehearsal-'));
  settings = { kind: 'directory-rehearsal', export: shipped, copy: join(folder, 'copy.ldif') };
});
afterEach(() => rmSync(folder, { recursive: true }));

const using = <T>(use: (directory: Directory) => Promise<T>, calls = free): Promise<T> =>
  withDirectory('directory', settings, calls, use);

describe('a directory to rehearse on', () => {
  it('finds accounts as a server does: by name, principal name, SID and identity', async () => {
    const dave = await using((directory) => findAccount(directory, 'DAVE'));
    for (const written of ['dave@example.test', dave.sid])
      expect((await using((directory) => findAccount(directory, written))).guid).toBe(dave.guid);
    expect(dave.guid).toBe('f0ccdb2e-0c1c-4ff1-8fe6-29d87fb095d9');
    expect(await using((directory) => directory.entry(`<GUID=${dave.guid}>`, []))).toMatchObject({
      dn: DAVE,
    });
    await expect(using((directory) => findAccount(directory, 'nobody'))).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  it('computes memberships at any depth', async () => {
    const found = await using(async (directory) =>
      privilegedMemberships(directory, await findAccount(directory, 'dave'), policy),
    );
    expect(found.direct.map(({ group, through }) => [group.name, through])).toEqual([
      ['Domain Admins', ['Domain Admins']],
    ]);
    expect(found.effective.map(({ name }) => name).sort()).toEqual(['Administrators', 'Domain Admins']);
  });

  it('keeps changes in the copy, sees them in the next use, and leaves the export alone', async () => {
    const before = readFileSync(shipped, 'utf8');
    await using((directory) =>
      directory.modify(ADMINS, [{ operation: 'delete', attribute: 'MEMBER', values: [DAVE] }]),
    );
    const groups = await using(async (directory) => (await directory.entry(DAVE, []))?.texts('memberOf'));
    expect(groups).toEqual(['CN=Helpdesk,CN=Users,DC=example,DC=test']);
    expect(readFileSync(shipped, 'utf8')).toBe(before);
  });

  it('refuses to take away what is not there and to give what is, and then changes nothing', async () => {
    for (const operation of ['add', 'delete'] as const) {
      const value = operation === 'add' ? DAVE : 'CN=Nobody,DC=example,DC=test';
      await expect(
        using((directory) => directory.modify(ADMINS, [{ operation, attribute: 'member', values: [value] }])),
      ).rejects.toMatchObject({ code: 'remote' });
    }
    expect(
      await using(async (directory) => (await directory.entry(ADMINS, []))?.texts('member')),
    ).toHaveLength(2);
  });

  it('cannot be changed by who only reads', async () => {
    const change = using(
      (directory) => directory.modify(DAVE, [{ operation: 'replace', attribute: 'mail', values: ['x'] }]),
      readsOnly,
    );
    await expect(change).rejects.toThrow(/only reads are allowed/);
  });

  it('says in every answer that it is a rehearsal', async () => {
    expect(await using(async ({ server }) => server)).toBe('the rehearsal of directory.ldif');
  });

  it('says which file cannot be read, or holds no domain, and which filter it cannot answer', async () => {
    const at = (path: string) => ({ ...settings, export: path });
    await expect(withDirectory('d', at(join(folder, 'gone')), free, async () => 0)).rejects.toMatchObject({
      code: 'remote',
      message: expect.stringContaining('gone'),
    });
    writeFileSync(join(folder, 'empty'), '\n');
    await expect(withDirectory('d', at(join(folder, 'empty')), free, async () => 0)).rejects.toMatchObject({
      code: 'usage',
    });
    const strange = new AndFilter({
      filters: [
        new EqualityFilter({ attribute: 'objectClass', value: 'user' }),
        new SubstringFilter({ attribute: 'cn', initial: 'D' }),
      ],
    });
    await expect(using((directory) => directory.search(strange, []))).rejects.toThrow(/cannot answer/);
  });
});
