/** Locks a local account of a Linux host: password locked and account expired, so that neither password nor key logs on. */
import { errors } from '../../core/errors.ts';
import type { Host } from '../../targets/ssh.ts';
import { action, said } from '../action.ts';
import {
  EXPIRED,
  findHostAccount,
  type HostAccount,
  hostAccountSubject,
  hostAccountTarget,
  type LogonState,
  NEVER,
  readLogon,
} from '../host-account.ts';
import { type HostUserInput, hostUser, system } from '../inputs.ts';

type Before = HostAccount & LogonState;

/** Under the same name may be somebody else by now. */
async function expectSame(host: Host, { name, uid }: Before): Promise<void> {
  const now = await findHostAccount(host, name);
  if (now.uid !== uid) throw errors.refused(`${name} was number ${uid} and is number ${now.uid} now`);
}

const change = (host: Host, operation: string, ...words: string[]) =>
  host.change(operation, { words, sudo: true });

/** Only what differs. */
async function bring(host: Host, name: string, from: LogonState, to: LogonState): Promise<boolean> {
  // Expiry first: it is what stops keys.
  if (from.expires !== to.expires)
    await change(host, 'setting the expiry', '/usr/bin/chage', '-E', dateFor(to.expires), name);
  if (from.passwordLocked !== to.passwordLocked)
    await change(host, 'setting the lock', '/usr/sbin/usermod', to.passwordLocked ? '-L' : '-U', name);
  return from.expires !== to.expires || from.passwordLocked !== to.passwordLocked;
}

const dateFor = (expires: string): string => {
  if (expires === NEVER) return '-1';
  return expires === EXPIRED ? '1' : expires;
};

const LOCKED: LogonState = { passwordLocked: true, expires: EXPIRED };
/** An account that ran out long ago stays as it is: undo can then say the same day again. */
const lockedFrom = (found: LogonState): LogonState =>
  found.expires !== NEVER && found.expires <= EXPIRED ? { ...LOCKED, expires: found.expires } : LOCKED;

export const hostLockUser = action<HostUserInput, Before, { changed: boolean }>({
  id: 'host.lock-user',
  title: 'Lock an account of a Linux host',
  risk: 'destructive',
  input: {
    type: 'object',
    required: ['user'],
    additionalProperties: false,
    properties: { system: system('ssh'), user: hostUser },
  },
  plan: (input, ctx) =>
    ctx.host(input.system, async (host) => {
      const found = await findHostAccount(host, input.user);
      const state = await readLogon(host, found.name);
      const to = lockedFrom(state);
      return {
        plan: {
          targets: [hostAccountTarget(input.system, found)],
          changes: [
            ...(state.expires === to.expires
              ? []
              : [`~ account ${said(found.name)} expires ${state.expires} → ${to.expires}`]),
            ...(state.passwordLocked ? [] : [`- the password of ${said(found.name)} is locked`]),
          ],
          stays: [
            'sessions and processes that are open; authorised keys stay in place but do not log on',
            'timed jobs of the account on systems whose cron does not ask for expiry',
          ],
          undo: 'restores the expiry and the lock of the password as found',
          proof: 'reads password state and expiry again over a new connection',
          bounds: { accounts: 1 },
          observed: { accounts: 1, expires: state.expires, passwordLocked: state.passwordLocked },
        },
        subjects: [hostAccountSubject(input.system, found)],
        before: { ...found, ...state },
      };
    }),
  act: ({ input, before }, ctx) =>
    ctx.host(input.system, async (host) => {
      await expectSame(host, before);
      const now = await readLogon(host, before.name);
      return { changed: await bring(host, before.name, now, lockedFrom(now)) };
    }),
  verify: ({ input, before }, ctx) =>
    ctx.host(input.system, async (host) => {
      await expectSame(host, before);
      const now = await readLogon(host, before.name);
      const left = [
        ...(now.passwordLocked ? [] : ['the password is not locked']),
        ...(now.expires === lockedFrom(now).expires ? [] : [`the account expires ${now.expires}`]),
      ];
      return left.length === 0
        ? { outcome: 'proven', detail: 'the password is locked and the account has expired' }
        : { outcome: 'not-proven', detail: `${left.join('; ')}; plan a new run` };
    }),
  undo: ({ input, before }, ctx) =>
    ctx.host(input.system, async (host) => {
      await expectSame(host, before);
      await bring(host, before.name, await readLogon(host, before.name), before);
      const after = await readLogon(host, before.name);
      return after.expires === before.expires && after.passwordLocked === before.passwordLocked
        ? { outcome: 'proven', detail: 'expiry and lock are as before' }
        : {
            outcome: 'not-proven',
            detail: 'expiry or lock are not as before; set them by hand (chage, usermod)',
          };
    }),
});
