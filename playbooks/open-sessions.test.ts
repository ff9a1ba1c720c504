import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Attribute, Change, Client } from 'ldapts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openEmbedded } from '../store/embedded/open.ts';
import { openSessions, type Rows } from '../tests/proofs/open-sessions.ts';
import { needInstalled } from '../tests/testbed/need.ts';
import { type SambaAd, startSamba } from '../tests/testbed/samba.ts';
import { playbooks } from './index.ts';
import { approver, policiesFolder } from './testbench/bench.ts';

// Of its own: a setting of the server is changed here.
const { describe } = await needInstalled('samba');
const slow = { timeout: 180_000 };
const IDLE_MS = 3_500;

describe('what a disabled account can still do on a real directory', () => {
  let samba: SambaAd;
  let admin: Client;
  const folder = mkdtempSync(join(tmpdir(), 'vigia-open-sessions-'));
  beforeAll(async () => {
    samba = await startSamba();
    admin = new Client({ url: samba.url, tlsOptions: { ca: samba.ca } });
    await admin.bind(samba.admin.upn, samba.admin.password);
  }, 120_000);
  afterAll(async () => {
    await admin?.unbind();
    await samba?.stop();
    rmSync(folder, { recursive: true });
  });

  /** A Domain Admin, disabled by the playbook. */
  async function probed(name: string): Promise<Rows> {
    const password = `Va1-${name}-secret`;
    await samba.tool('user', 'create', name, password);
    await samba.tool('group', 'addmembers', 'Domain Admins', name);
    const dn = `CN=${name},CN=Users,${samba.baseDn}`;
    const passwordFile = join(samba.settingsFile, '..', 'admin-password');
    const directory = {
      kind: 'directory' as const,
      url: samba.url,
      bindDn: samba.admin.upn,
      passwordFile,
      caFile: samba.caFile,
    };
    const store = await openEmbedded({ file: join(folder, `${name}.db`) });
    const flowsFolder = join(import.meta.dirname, 'flows');
    const vigia = playbooks({ store, targets: { directory }, policiesFolder, flowsFolder });
    try {
      return await openSessions(
        samba,
        { name, dn, password },
        async () => {
          const run = await vigia.start('ransomware-first-hour', { accounts: [name] }, 'rita');
          await vigia.approve(run.id, { ...approver, planHash: run.planHash });
          const { steps } = await vigia.execute(run.id);
          expect(steps.find(({ action }) => action === 'directory.disable-account')?.outcome).toBe('proven');
        },
        IDLE_MS,
      );
    } finally {
      await store.close();
    }
  }

  /** The table of the documentation, row by row. */
  const documented = (): Rows => {
    const text = readFileSync(join(import.meta.dirname, '../docs/playbooks.md'), 'utf8');
    const table = text.slice(text.indexOf('| Situation after the account is disabled'));
    const rows = table.slice(0, table.indexOf('\n\n')).split('\n').slice(2);
    return Object.fromEntries(
      rows.map((row) =>
        row
          .split('|')
          .slice(1, 3)
          .map((cell) => cell.replaceAll('*', '').trim()),
      ),
    ) as Rows;
  };

  it('is what the documentation says, row by row', slow, async () => {
    expect(await probed('sessions-usual')).toEqual(documented());
  });

  it('is less when the directory ends idle connections sooner: the rows of LDAP change', slow, async () => {
    const policy = `CN=Default Query Policy,CN=Query-Policies,CN=Directory Service,CN=Windows NT,CN=Services,CN=Configuration,${samba.baseDn}`;
    const { searchEntries } = await admin.search(policy, { scope: 'base', attributes: ['lDAPAdminLimits'] });
    const limits = [searchEntries[0]?.['lDAPAdminLimits'] ?? []].flat().map(String);
    const values = [...limits.filter((limit) => !limit.startsWith('MaxConnIdleTime=')), 'MaxConnIdleTime=2'];
    const modification = new Attribute({ type: 'lDAPAdminLimits', values });
    await admin.modify(policy, [new Change({ operation: 'replace', modification })]);
    expect(await probed('sessions-idle')).toEqual({
      ...documented(),
      'LDAP connection that was bound: reads': 'ended',
      'LDAP connection that was bound: writes': 'ended',
    });
  });
});
