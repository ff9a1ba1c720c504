/** Disables an account in the directory, so that it refuses new logons. What was open before goes on: see end-sessions. */
import { ACCOUNT_DISABLED, findAccount, readAccount } from '../../targets/directory-accounts.ts';
import { setControl } from '../account-control.ts';
import { action, said } from '../action.ts';
import { type AccountInput, accountInput } from '../inputs.ts';
import { accountSubject, accountTarget } from '../subjects.ts';

interface Before {
  readonly guid: string;
  readonly userAccountControl: number;
}

export const directoryDisableAccount = action<AccountInput, Before, { from: number; to: number }>({
  id: 'directory.disable-account',
  title: 'Disable an account in the directory',
  risk: 'destructive',
  input: accountInput,
  plan: ({ system, account: written }, ctx) =>
    ctx.directory(system, async (directory) => {
      const account = await findAccount(directory, written);
      const disabled = (account.control & ACCOUNT_DISABLED) !== 0;
      return {
        plan: {
          targets: [accountTarget(system, account)],
          changes: disabled
            ? []
            : [`~ account ${said(account.name)} becomes disabled: new logons are refused`],
          stays: [
            ...(disabled ? [`account ${said(account.name)} is disabled already`] : []),
            'password, memberships and all other flags of the account',
            'connections, sessions and tickets that are open already',
          ],
          undo: disabled ? 'nothing: it was disabled before' : 'enables the account again',
          proof: 'reads the account again over a new connection',
          bounds: { accounts: 1 },
          observed: {
            accounts: 1,
            dn: account.entry.dn,
            sid: account.sid,
            userAccountControl: account.control,
          },
        },
        subjects: [accountSubject(system, account)],
        before: { guid: account.guid, userAccountControl: account.control },
      };
    }),
  act: ({ input, before }, ctx) =>
    ctx.directory(input.system, async (directory) => {
      const account = await readAccount(directory, before.guid);
      if (account === undefined) throw new Error('the account is gone');
      const to = account.control | ACCOUNT_DISABLED;
      await setControl(directory, account, to);
      return { from: account.control, to };
    }),
  verify: ({ input, before }, ctx) =>
    ctx.directory(input.system, async (directory) => {
      const account = await readAccount(directory, before.guid);
      if (account === undefined)
        return { outcome: 'proven', detail: `the account is gone from ${directory.server}` };
      if (account.control & ACCOUNT_DISABLED)
        return {
          outcome: 'proven',
          detail: `${directory.server} shows the account as disabled; other controllers follow by replication`,
        };
      return {
        outcome: 'not-proven',
        detail: `${directory.server} shows the account as enabled; plan a new run to disable it`,
      };
    }),
  undo: ({ input, before }, ctx) =>
    ctx.directory(input.system, async (directory) => {
      const account = await readAccount(directory, before.guid);
      if (account === undefined)
        return { outcome: 'not-proven', detail: 'the account is gone; restore it from the recycle bin' };
      if (before.userAccountControl & ACCOUNT_DISABLED)
        return { outcome: 'proven', detail: 'it was disabled before the run and stays so' };
      await setControl(directory, account, account.control & ~ACCOUNT_DISABLED);
      const after = await readAccount(directory, before.guid);
      return after !== undefined && !(after.control & ACCOUNT_DISABLED)
        ? { outcome: 'proven', detail: 'the account is enabled again' }
        : { outcome: 'not-proven', detail: 'the account is still disabled; enable it by hand' };
    }),
});
