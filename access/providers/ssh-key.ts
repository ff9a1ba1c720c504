/**
 * A public key that may log on to an account of a Linux host, with the time after which sshd itself takes it no more. Keys lie
 * in a folder of their own, which sshd reads besides the usual file (docs/access.md); one person at a time holds an account,
 * so that all that it does belongs to one grant and its end ends nobody else's sessions.
 */
import { errors } from '../../core/errors.ts';
import {
  findHostAccount,
  type HostAccount,
  killProcessesOf,
  processesOf,
} from '../../targets/host-accounts.ts';
import type { Host } from '../../targets/ssh.ts';
import { provider, said } from '../provider.ts';

type Found = HostAccount;

const FOLDER = '/etc/ssh/vigia-access';
const fileOf = (account: string): string => `${FOLDER}/${account}`;
/** Ends the line of a key; the last character keeps one number from being the beginning of another. */
const markOf = (id: string): string => `vigia-access-${id}_`;

export const sshKey = provider<Found>({
  kinds: ['ssh'],
  oneAtATime: true,
  plan: (wanted, _others, ctx) =>
    ctx.host(wanted.system, async (host) => {
      if (wanted.key === undefined)
        throw errors.usage('a host asks for a public key', 'add --key ~/.ssh/id_ed25519.pub');
      if (!/^[a-z_][a-z0-9_.-]{0,31}$/.test(wanted.role))
        throw errors.usage(`${said(wanted.role)} is no name of an account of a host`);
      const account = await findHostAccount(host, wanted.role);
      await expectFolder(host);
      const lines = await linesOf(host, account.name);
      const processes = await processesOf(host, account.uid);
      return {
        account: account.name,
        found: account,
        plan: {
          targets: [{ system: wanted.system, identity: `uid ${account.uid}`, name: account.name }],
          changes: [
            `+ the key may log on as ${said(account.name)} until the end, after which sshd itself refuses it`,
          ],
          stays: ['other ways to log on to the account: its password, its own authorised keys'],
          undo: `takes the key away and kills every process of ${said(account.name)}`,
          proof: 'reads the keys and lists the processes of the account over a new connection',
          bounds: { accounts: 1 },
          observed: { accounts: 1, keys: lines.length, processes: processes.length },
        },
      };
    }),
  give: ({ system, id, key = '' }, account, to, ctx) =>
    ctx.host(system, async (host) => {
      await expectSame(host, account);
      if ((await linesOf(host, account.name)).some((line) => line.endsWith(markOf(id)))) return;
      const line = `expiry-time="${await hostTime(host, to)}" ${key} ${markOf(id)}`;
      await host.change('giving the key', {
        words: ['/usr/bin/tee', '-a', fileOf(account.name)],
        input: `${line}\n`,
        sudo: true,
      });
    }),
  isGiven: ({ system, id }, account, _to, ctx) =>
    ctx.host(system, async (host) =>
      (await linesOf(host, account.name)).some((line) => line.endsWith(markOf(id)))
        ? { outcome: 'proven', detail: `the key is among those that may log on as ${said(account.name)}` }
        : { outcome: 'not-proven', detail: `the key is not among those of ${said(account.name)}` },
    ),
  take: ({ system, id }, account, _to, ctx) =>
    ctx.host(system, async (host) => {
      if ((await linesOf(host, account.name)).some((line) => line.endsWith(markOf(id))))
        await host.change('taking the key away', {
          words: ['/usr/bin/sed', '-i', `/${markOf(id)}/d`, fileOf(account.name)],
          sudo: true,
        });
      // Under the same number may be nobody by now; under the same name, somebody else.
      if ((await processesOf(host, account.uid)).length > 0) await killProcessesOf(host, account.uid);
    }),
  isGone: ({ system, id }, account, _to, ctx) =>
    ctx.host(system, async (host) => {
      const isThere = (await linesOf(host, account.name)).some((line) => line.endsWith(markOf(id)));
      const left = await processesOf(host, account.uid);
      return {
        right: isThere
          ? { outcome: 'not-proven', detail: `the key may still log on as ${said(account.name)}` }
          : { outcome: 'proven', detail: `the key is not among those of ${said(account.name)}` },
        sessions:
          left.length > 0
            ? {
                outcome: 'not-proven',
                detail: `${left.length} processes of the account run (${left
                  .slice(0, 20)
                  .map(({ pid }) => pid)
                  .join(', ')})`,
              }
            : { outcome: 'proven', detail: 'no process of the account runs' },
      };
    }),
});

async function expectFolder(host: Host): Promise<void> {
  const { code } = await host.read('looking for the folder of keys', {
    words: ['/usr/bin/test', '-d', FOLDER],
    codes: [0, 1],
  });
  if (code === 1)
    throw errors.refused(
      `${host.server} has no folder ${FOLDER}`,
      'set the host up as docs/access.md says: the folder, one line for sshd, the sudoers file',
    );
}

async function linesOf(host: Host, account: string): Promise<string[]> {
  const { text } = await host.read('reading the keys', {
    words: ['/usr/bin/cat', fileOf(account)],
    // 1: nobody was ever given a key for this account.
    codes: [0, 1],
  });
  return text.split('\n').filter((line) => line !== '');
}

/** Under the same name may be somebody else by now. */
async function expectSame(host: Host, { name, uid }: Found): Promise<void> {
  const now = await findHostAccount(host, name);
  if (now.uid !== uid) throw errors.refused(`${name} was number ${uid} and is number ${now.uid} now`);
}

/** In the zone of the host: that is how every sshd since 7.7 reads it; only newer ones know UTC. */
async function hostTime(host: Host, to: string): Promise<string> {
  const words = ['/usr/bin/date', '-d', `@${Math.floor(Date.parse(to) / 1_000)}`, '+%Y%m%d%H%M%S'];
  const { text } = await host.read('asking for the time there', { words });
  const time = text.trim();
  if (/^\d{14}$/.test(time)) return time;
  throw errors.remote(host.server, 'asking for the time there', `date answered ${said(time.slice(0, 40))}`);
}
