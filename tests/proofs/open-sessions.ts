/** Probes what a disabled account can still do on a real directory: each row is tried as that person, with the platform's own tools. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Attribute, Change, Client } from 'ldapts';
import type { SambaTools } from '../testbed/samba-tools.ts';

export type Rows = Readonly<Record<string, 'refused' | 'goes on' | 'succeeds' | 'ended'>>;

export interface Account {
  readonly name: string;
  readonly dn: string;
  readonly password: string;
}

/** `disable` is called when everything that can be open is open; `idleMs` is how long the open connections then rest. */
export async function openSessions(
  samba: SambaTools,
  account: Account,
  disable: () => Promise<void>,
  idleMs: number,
): Promise<Rows> {
  const folder = mkdtempSync(join(tmpdir(), 'vigia-sessions-'));
  const probe = probesOf(samba, account, folder);
  try {
    const before = {
      bind: await probe.bind(),
      ntlm: await probe.ntlm(),
      kinit: await probe.kinit(),
      service: await probe.withTicket(),
      another: await probe.anotherTicket(),
    };
    const closed = Object.entries(before).filter(([, works]) => !works);
    if (closed.length > 0) throw new Error(`before the account was disabled: ${JSON.stringify(closed)}`);
    const smb = await probe.openShare();
    const ldap = await probe.openDirectory();
    await disable();
    await sleep(idleMs);
    return {
      'new logon: LDAP bind': word(await probe.bind(), 'succeeds', 'refused'),
      'new logon: NTLM': word(await probe.ntlm(), 'succeeds', 'refused'),
      'new logon: Kerberos (AS-REQ)': word(await probe.kinit(), 'succeeds', 'refused'),
      'LDAP connection that was bound: reads': word(await ldap.reads(), 'goes on', 'ended'),
      'LDAP connection that was bound: writes': word(await ldap.writes(), 'goes on', 'ended'),
      'SMB session that was open': word(await smb.reads(), 'goes on', 'ended'),
      'service ticket in the cache: new SMB session': word(await probe.withTicket(), 'succeeds', 'refused'),
      'TGT in the cache: another service ticket': word(await probe.anotherTicket(), 'succeeds', 'refused'),
    };
  } finally {
    probe.close();
    rmSync(folder, { recursive: true });
  }
}

const word = <A, B>(works: boolean, yes: A, no: B): A | B => (works ? yes : no);

function probesOf(samba: SambaTools, { name, dn, password }: Account, folder: string) {
  const clients: Client[] = [];
  const bound = async () => {
    const client = new Client({ url: samba.url, tlsOptions: { ca: samba.ca }, timeout: 10_000 });
    clients.push(client);
    await client.bind(dn, password);
    return client;
  };
  const share = `//${samba.host}/sysvol`;
  const smbclient = (login: readonly string[], commands: string) =>
    samba.run('smbclient', [share, '-s', samba.clientSettingsFile, ...login, '-c', commands]);
  const cache = join(folder, 'tickets');
  /** A cache of its own: the tools of other suites share theirs. */
  const withCache = (program: string, args: readonly string[], input = '') =>
    samba.run('env', [`KRB5CCNAME=FILE:${cache}`, program, ...args], input);
  const byPassword = ['--use-kerberos=off', '-U', `${samba.realm.split('.')[0]}\\${name}%${password}`];
  const works = (answer: Promise<unknown>) =>
    answer.then(
      () => true,
      () => false,
    );
  return {
    bind: () => works(bound()),
    ntlm: async () => (await smbclient(byPassword, 'ls')).code === 0,
    /** Into another cache, so that the tickets of before stay. */
    kinit: async () => {
      const first = existsSync(cache) ? `${cache}.new` : cache;
      const answer = await samba.run('env', [`KRB5CCNAME=FILE:${first}`, 'kinit', name], `${password}\n`);
      return answer.code === 0;
    },
    withTicket: async () =>
      (
        await withCache('smbclient', [
          share,
          '-s',
          samba.clientSettingsFile,
          '--use-kerberos=required',
          '-c',
          'ls',
        ])
      ).code === 0,
    /** For a service whose ticket is not in the cache: asked for by name each time. */
    anotherTicket: async () =>
      (await withCache('kvno', ['--no-store', `ldap/${samba.host}`]).catch(() => ({ code: 1 }))).code === 0,
    /** One client that lists, waits for a file, and lists again in the same session. */
    async openShare() {
      const [opened, goOn] = [join(folder, 'opened'), join(folder, 'go-on')];
      // Only what it reads from its input may be a command of the shell, on one line without a semicolon.
      const rest = join(folder, 'rest.sh');
      writeFileSync(rest, `touch ${opened}\nuntil test -e ${goOn}; do sleep 0.05; done\n`);
      const ended = samba.run(
        'smbclient',
        [share, '-s', samba.clientSettingsFile, ...byPassword],
        `ls\n!sh ${rest}\nls\nexit\n`,
      );
      let early: string | undefined;
      void ended.then(({ stdout, stderr }) => {
        early = stdout + stderr;
      });
      while (!existsSync(opened)) {
        if (early !== undefined) throw new Error(`the share could not be opened: ${early}`);
        await sleep(20);
      }
      return {
        async reads() {
          writeFileSync(goOn, '');
          const { stdout, stderr } = await ended;
          // Of two listings each has how much room is left.
          const listings = stdout.match(/blocks available/g)?.length ?? 0;
          return listings === 2 && !/NT_STATUS_/.test(stdout + stderr);
        },
      };
    },
    async openDirectory() {
      const client = await bound();
      const change = new Change({
        operation: 'replace',
        modification: new Attribute({ type: 'description', values: ['written after it was disabled'] }),
      });
      return {
        reads: () => works(client.search(dn, { scope: 'base' })),
        writes: () => works(client.modify(dn, [change])),
      };
    },
    close() {
      for (const client of clients) void client.unbind().catch(() => undefined);
    },
  };
}
