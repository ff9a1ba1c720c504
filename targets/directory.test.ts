import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Containment, containment } from '../tests/proofs/containment.ts';
import { need } from '../tests/testbed/need.ts';
import { readsOnly } from './calls.ts';
import { withDirectory } from './directory.ts';
import { findAccount } from './directory-accounts.ts';
import { entryOf } from './directory-entry.ts';
import { privilegedMemberships } from './directory-groups.ts';
import type { DirectorySettings } from './settings.ts';

const samba = await need('samba');
const postgres = await need('postgres');
const groups = { domainRids: [512], builtinRids: [544], names: ['vault keepers'] };

samba.describe('the directory client', () => {
  let bed: Containment;
  let settings: DirectorySettings;
  beforeAll(async () => {
    bed = await containment(samba.component, postgres.component, 'client');
    settings = bed.targets.directory;
  });
  afterAll(() => bed.close());
  const find = (written: string) =>
    withDirectory('directory', settings, readsOnly, (directory) => findAccount(directory, written));

  it('finds an account by name, principal name, domain and name, and SID, always with the same identity', async () => {
    await bed.person('client-lia');
    const byName = await find('client-lia');
    for (const written of ['CLIENT-LIA', 'client-lia@example.test', 'EXAMPLE\\client-lia', byName.sid])
      expect((await find(written)).guid).toBe(byName.guid);
    expect(byName.guid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
  });

  it('takes filter characters in a name as text', async () => {
    await expect(find('*')).rejects.toMatchObject({ code: 'not-found' });
    await expect(find('client-lia)(objectClass=*')).rejects.toMatchObject({ code: 'not-found' });
  });

  it('refuses a name that means two accounts', async () => {
    // Microsoft's directory lets a principal name equal another account's logon name; Samba does not, so this one is made up.
    const entry = (dn: string) => ({ dn, guid: dn, text: () => undefined, texts: () => [], bytes: () => [] });
    const twins = {
      baseDn: 'DC=x',
      server: 'x',
      entry: async () => undefined,
      accepts: async () => false,
      modify: async () => undefined,
    };
    const found = findAccount(
      { ...twins, search: async () => [entry('CN=a,DC=x'), entry('CN=b,DC=x')] },
      'ana',
    );
    await expect(found).rejects.toMatchObject({ code: 'refused', hint: 'name the account by its SID' });
  });

  it('refuses an account of another domain', async () => {
    await expect(find('OTHER\\client-lia')).rejects.toThrow(/names another domain/);
  });

  it('follows nested groups to privileged ones, by identifier, by guard and by name', async () => {
    await bed.group('client-inner', ['Domain Admins']);
    await bed.group('vault keepers');
    await bed.group('client-plain');
    const { name } = await bed.person('client-nested', ['client-inner', 'vault keepers', 'client-plain']);
    const found = await withDirectory('directory', settings, readsOnly, async (directory) =>
      privilegedMemberships(directory, await findAccount(directory, name), groups),
    );
    expect(found.direct.map(({ group }) => group.name).sort()).toEqual(['client-inner', 'vault keepers']);
    expect(found.effective.map((group) => group.name).sort()).toEqual([
      'Administrators',
      'Domain Admins',
      'vault keepers',
    ]);
  });

  it('reads more entries than one page holds', async () => {
    // The schema of every directory has some 1,500 attributes; a server answers at most 1,000 at once.
    const schema = `CN=Schema,CN=Configuration,${bed.baseDn}`;
    const found = await withDirectory('directory', settings, readsOnly, (directory) =>
      directory.search('(objectClass=attributeSchema)', ['cn'], schema),
    );
    expect(found.length).toBeGreaterThan(1_000);
    expect(new Set(found.map(({ guid }) => guid)).size).toBe(found.length);
  });

  it('refuses an answer that holds only some of the values', () => {
    const entry = entryOf({ dn: 'CN=a', 'memberOf;range=0-1499': ['CN=b'], memberOf: [] });
    expect(() => entry.texts('memberOf')).toThrow(/more values of memberOf/);
  });

  it('sends no change where only reads are allowed', async () => {
    const { guid, name } = await find('client-lia');
    const changed = withDirectory('directory', settings, readsOnly, (directory) =>
      directory.modify(`<GUID=${guid}>`, [{ operation: 'replace', attribute: 'description', values: ['x'] }]),
    );
    await expect(changed).rejects.toThrow(/only reads are allowed/);
    const read = await withDirectory('directory', settings, readsOnly, (directory) =>
      directory.entry(`<GUID=${guid}>`, ['description']),
    );
    expect([name, read?.text('description')]).toEqual(['client-lia', undefined]);
  });

  it.each<[string, Partial<DirectorySettings>, RegExp, RegExp]>([
    ['plain LDAP', { url: 'ldap://127.0.0.1' }, /is not ldaps/, /in clear/],
    ['an unknown authority', { caFile: '/etc/hostname' }, /bind as .* failed/, /./],
    ['a server that is not there', { url: 'ldaps://127.0.0.1:1' }, /bind as .* failed: .*ECONNREFUSED/, /./],
    [
      'a missing password file',
      { passwordFile: '/nonexistent' },
      /reading the password file \/nonexistent/,
      /./,
    ],
  ])('says what is wrong with %s', async (_, change, message, hint) => {
    const { code: __, ...failure } = await withDirectory(
      'directory',
      { ...settings, ...change } as DirectorySettings,
      readsOnly,
      async () => ({
        code: '',
        message: 'it worked',
        hint: '',
      }),
    ).catch((error: { message: string; hint?: string; code: string }) => ({
      code: error.code,
      message: error.message,
      hint: error.hint,
    }));
    expect(failure.message).toMatch(message);
    expect(failure.hint ?? 'none').toMatch(hint);
  });

  it('says which account could not log on, and never with which password', async () => {
    const failed = withDirectory(
      'directory',
      { ...settings, bindDn: 'client-lia@example.test' },
      readsOnly,
      async () => undefined,
    );
    await expect(failed).rejects.toMatchObject({
      exitCode: 3,
      hint: expect.stringContaining('check the account of Vigia'),
    });
    await expect(failed).rejects.not.toThrow(bed.secrets[0]);
  });
});
