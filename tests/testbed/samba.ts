/** A real Active Directory domain controller (Samba) on a loopback address of its own, with standard ports. */
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'ldapts';
import { type Certificate, issueCertificate } from './certificates.ts';
import { command } from './command.ts';
import { contain } from './contained.ts';
import { removeFolder, temporaryFolder } from './folder.ts';
import { sambaSettings } from './samba-settings.ts';
import { provisionOnce } from './samba-template.ts';
import { connectSamba, type SambaFacts, type SambaTools } from './samba-tools.ts';
import { freeLoopbackAddress, untilReady } from './wait.ts';

export interface SambaAd extends SambaTools {
  readonly pids: () => number[];
  stop(): Promise<void>;
}

const realm = 'EXAMPLE.TEST';
const baseDn = 'DC=example,DC=test';
const host = 'dc1.example.test';
const ports = [53, 88, 135, 389, 445, 464, 636, 3268, 3269];

/** Provisions once per machine (5 s), then copies and starts (under 1 s). All copies share one domain SID. */
export async function startSamba(): Promise<SambaAd> {
  const template = await provisionOnce(realm);
  const folder = temporaryFolder('samba');
  try {
    await command('cp', ['-a', `${template}/.`, folder]);
    // Shares are entered as the user who logged on; the databases and keys below stay closed to all but root.
    chmodSync(folder, 0o755);
    const address = await freeLoopbackAddress(ports);
    const pki = await issueCertificate(join(folder, 'pki'), host, [`DNS:${host}`, `IP:${address}`]);
    const facts = describe(folder, address, pki);
    writeFiles(folder, address);
    const server = await contain({
      program: 'samba',
      args: ['-s', join(folder, 'smb.conf'), '--foreground', '--no-process-group', '-M', 'single'],
      logFile: join(folder, 'log', 'output.log'),
      // smbd looks for winbindd in the compiled-in /run/samba only; each controller sees its own there.
      mounts: facts.mounts,
      env: { ...process.env, KRB5_CONFIG: facts.krb5ConfigFile },
    });
    await untilReady('Samba', [server], 30_000, () => answers(facts));
    return {
      ...connectSamba(facts),
      pids: () => server.pids(),
      async stop() {
        await server.stop();
        removeFolder(folder);
      },
    };
  } catch (cause) {
    removeFolder(folder);
    throw cause;
  }
}

function describe(folder: string, address: string, pki: Certificate): SambaFacts {
  return {
    url: `ldaps://${address}`,
    address,
    host,
    realm,
    baseDn,
    ca: pki.ca,
    caFile: pki.caFile,
    admin: {
      dn: `CN=Administrator,CN=Users,${baseDn}`,
      upn: `Administrator@${realm.toLowerCase()}`,
      password: readFileSync(join(folder, 'admin-password'), 'utf8'),
    },
    logs: {
      auth: join(folder, 'log', 'auth.json'),
      dsdb: join(folder, 'log', 'dsdb.json'),
      password: join(folder, 'log', 'password.json'),
      group: join(folder, 'log', 'group.json'),
      transaction: join(folder, 'log', 'transaction.json'),
      text: join(folder, 'log', 'samba.log'),
    },
    settingsFile: join(folder, 'smb.conf'),
    clientSettingsFile: join(folder, 'client.conf'),
    krb5ConfigFile: join(folder, 'krb5.conf'),
    mounts: [
      { from: join(folder, 'run', 'samba'), to: '/run/samba' },
      { from: join(folder, 'hosts'), to: '/etc/hosts' },
    ],
  };
}

function writeFiles(folder: string, address: string): void {
  mkdirSync('/run/samba', { recursive: true });
  for (const name of ['log', 'run/samba', 'ncalrpc']) mkdirSync(join(folder, name), { recursive: true });
  const settings = sambaSettings({ folder, address, realm, host });
  writeFileSync(join(folder, 'smb.conf'), settings.server);
  writeFileSync(join(folder, 'client.conf'), settings.client);
  writeFileSync(join(folder, 'krb5.conf'), settings.kerberos);
  writeFileSync(join(folder, 'hosts'), `127.0.0.1 localhost\n${address} ${host} dc1\n`);
}

/** Ready means: the administrator can log on over TLS and read the domain. */
async function answers(facts: SambaFacts): Promise<boolean> {
  const client = new Client({
    url: facts.url,
    tlsOptions: { ca: facts.ca },
    connectTimeout: 2000,
    timeout: 5000,
  });
  try {
    await client.bind(facts.admin.upn, facts.admin.password);
    const { searchEntries } = await client.search(facts.baseDn, { scope: 'base', attributes: ['dn'] });
    return searchEntries.length === 1;
  } finally {
    await client.unbind();
  }
}
