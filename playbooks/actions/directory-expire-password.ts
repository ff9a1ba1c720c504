/** Makes the owner choose a new password at the next logon. The old one is still needed for that: reset it when others know it. */
import { errors } from '../../core/errors.ts';
import type { Directory } from '../../targets/directory.ts';
import { findAccount, readAccount } from '../../targets/directory-accounts.ts';
import { PASSWORD_NEVER_EXPIRES } from '../account-control.ts';
import { action, said } from '../action.ts';
import { type AccountInput, accountInput } from '../inputs.ts';
import { accountSubject, accountTarget } from '../subjects.ts';

interface Before {
  readonly guid: string;
  readonly expired: boolean;
}

/** The directory takes two values: expired, and set just now. */
const EXPIRED = '0';
const SET_NOW = '-1';

export const directoryExpirePassword = action<AccountInput, Before, { changed: boolean }>({
  id: 'directory.expire-password',
  title: 'Expire the password of an account',
  risk: 'destructive',
  input: accountInput,
  plan: ({ system, account: written }, ctx) =>
    ctx.directory(system, async (directory) => {
      const account = await findAccount(directory, written, ['pwdLastSet']);
      if (account.control & PASSWORD_NEVER_EXPIRES)
        throw errors.refused(
          `the password of ${said(account.name)} never expires, by a flag of the account`,
          'reset the password instead, or take the flag off by hand',
        );
      const expired = account.entry.text('pwdLastSet') === EXPIRED;
      return {
        plan: {
          targets: [accountTarget(system, account)],
          changes: expired ? [] : [`~ ${said(account.name)} must choose a new password at the next logon`],
          stays: [
            'the password itself: whoever knows it can choose the new one',
            'sessions and tickets that are open',
          ],
          undo: expired
            ? 'nothing: it was expired before'
            : 'the password is valid again; the directory then takes it for one that was set today',
          proof: 'reads the account again over a new connection',
          bounds: { accounts: 1 },
          observed: { accounts: 1 },
        },
        subjects: [accountSubject(system, account)],
        before: { guid: account.guid, expired },
      };
    }),
  act: ({ input, before }, ctx) =>
    ctx.directory(input.system, async (directory) => {
      const expired = await isExpired(directory, before.guid);
      if (expired === undefined) throw new Error('the account is gone');
      if (!expired) await setPasswordAge(directory, before.guid, EXPIRED);
      return { changed: !expired };
    }),
  verify: ({ input, before }, ctx) =>
    ctx.directory(input.system, async (directory) => {
      const expired = await isExpired(directory, before.guid);
      return expired === false
        ? {
            outcome: 'not-proven',
            detail: `${directory.server} shows a password that is valid; plan a new run`,
          }
        : { outcome: 'proven', detail: expired ? 'the password is expired' : 'the account is gone' };
    }),
  undo: ({ input, before }, ctx) =>
    ctx.directory(input.system, async (directory) => {
      if (before.expired) return { outcome: 'proven', detail: 'it was expired before the run and stays so' };
      if (await isExpired(directory, before.guid)) await setPasswordAge(directory, before.guid, SET_NOW);
      return (await isExpired(directory, before.guid)) === false
        ? { outcome: 'proven', detail: 'the password is valid again' }
        : { outcome: 'not-proven', detail: 'the password is still expired; set a new one by hand' };
    }),
});

/** Undefined when the account is gone. */
async function isExpired(directory: Directory, guid: string): Promise<boolean | undefined> {
  const account = await readAccount(directory, guid, ['pwdLastSet']);
  return account && account.entry.text('pwdLastSet') === EXPIRED;
}

const setPasswordAge = (directory: Directory, guid: string, value: string): Promise<void> =>
  directory.modify(`<GUID=${guid}>`, [{ operation: 'replace', attribute: 'pwdLastSet', values: [value] }]);
