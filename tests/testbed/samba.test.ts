/** The directory of the test bed: real log-ons, changes, audit records and certificates. */
import { existsSync, readFileSync } from 'node:fs';
import { Client } from 'ldapts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { needInstalled } from './need.ts';
import { stillRunning } from './processes.ts';
import { type SambaAd, startSamba } from './samba.ts';

const { describe } = await needInstalled('samba');

/** Matches an object that has at least these values, one level down. */
function containing(value: Record<string, object>): unknown {
  const inner = Object.entries(value).map(([key, part]) => [key, expect.objectContaining(part)]);
  return expect.objectContaining(Object.fromEntries(inner));
}

// The first start on a machine provisions the template.
const slow = 120_000;

describe('the directory of the test bed', () => {
  let first: SambaAd;
  let second: SambaAd;

  beforeAll(async () => {
    [first, second] = await Promise.all([startSamba(), startSamba()]);
  }, slow);

  afterAll(async () => {
    await Promise.all([first.stop(), second.stop()]);
  }, slow);

  async function withClient<T>(samba: SambaAd, work: (client: Client) => Promise<T>): Promise<T> {
    const client = new Client({ url: samba.url, tlsOptions: { ca: samba.ca }, timeout: 10_000 });
    try {
      await client.bind(samba.admin.upn, samba.admin.password);
      return await work(client);
    } finally {
      await client.unbind();
    }
  }

  const people = (samba: SambaAd): Promise<unknown[]> =>
    withClient(samba, async (client) => {
      const filter = '(&(objectClass=user)(description=*test bed*))';
      const { searchEntries } = await client.search(samba.baseDn, { filter, attributes: ['sAMAccountName'] });
      return searchEntries.map((entry) => entry['sAMAccountName']);
    });

  it('runs two controllers at once that know nothing of each other', async () => {
    expect(first.address).not.toBe(second.address);
    await withClient(first, (client) =>
      client.add(`CN=Anna Lopes,CN=Users,${first.baseDn}`, {
        objectClass: 'user',
        sAMAccountName: 'anna',
        description: 'from the test bed',
      }),
    );
    expect(await people(first)).toEqual(['anna']);
    expect(await people(second)).toEqual([]);
  });

  it('writes a JSON audit record of a refused log-on and of a change', async () => {
    const client = new Client({ url: first.url, tlsOptions: { ca: first.ca } });
    await expect(client.bind('anna@example.test', 'wrong')).rejects.toMatchObject({ code: 49 });
    await client.unbind();
    // A new controller writes records of its own meanwhile, and the last line may be half written.
    const records = (file: string): unknown[] =>
      readFileSync(file, 'utf8')
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line));
    const refused = { Authentication: { mappedAccount: 'anna', status: 'NT_STATUS_WRONG_PASSWORD' } };
    const added = { dsdbChange: { operation: 'Add', dn: `CN=Anna Lopes,CN=Users,${first.baseDn}` } };
    const patience = { timeout: 10_000 };
    await expect.poll(() => records(first.logs.auth), patience).toContainEqual(containing(refused));
    await expect.poll(() => records(first.logs.dsdb), patience).toContainEqual(containing(added));
  });

  it('refuses a client that does not trust its certificate authority', async () => {
    const client = new Client({ url: first.url, tlsOptions: { ca: second.ca } });
    await expect(client.bind(first.admin.upn, first.admin.password)).rejects.toThrow(/certificate/i);
    await client.unbind();
  });

  it(
    'gives a Kerberos ticket and lets its owner list a share with it',
    async () => {
      await first.tool('user', 'create', 'bruno', 'Passw0rd-of-bruno');
      const login = await first.run('kinit', ['bruno'], 'Passw0rd-of-bruno\n');
      expect(login).toMatchObject({ code: 0 });
      const share = [
        `//${first.host}/sysvol`,
        '-s',
        first.clientSettingsFile,
        '--use-kerberos=required',
        '-c',
        'ls',
      ];
      const listing = await first.run('smbclient', share);
      expect(listing.stdout).toContain('example.test');
      expect(readFileSync(first.logs.text, 'utf8')).toContain('Kerberos: AS-REQ bruno@EXAMPLE.TEST');
    },
    slow,
  );

  it(
    'says which tool failed and why, without the password',
    async () => {
      const failure = await first
        .tool('user', 'delete', 'nobody-here')
        .catch((error: Error) => error.message);
      expect(failure).toContain('samba-tool user delete ended with exit code');
      expect(failure).toContain('nobody-here');
      expect(failure).not.toContain(first.admin.password);
    },
    slow,
  );

  it(
    'leaves no process and no folder when it is stopped',
    async () => {
      const pids = [...first.pids(), ...second.pids()];
      expect(pids.length).toBeGreaterThan(2);
      await Promise.all([first.stop(), second.stop()]);
      expect(stillRunning(pids)).toEqual([]);
      expect(existsSync(first.settingsFile)).toBe(false);
    },
    slow,
  );
});
