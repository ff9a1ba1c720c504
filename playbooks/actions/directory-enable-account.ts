/** Enables an account in the directory again, after somebody made sure that it is its owner's. */
import { ACCOUNT_DISABLED, findAccount, readAccount } from '../../targets/directory-accounts.ts';
import { setControl } from '../account-control.ts';
import { action, said } from '../action.ts';
import { type AccountInput, accountInput } from '../inputs.ts';
import { accountSubject, accountTarget } from '../subjects.ts';

interface Before {
  readonly guid: string;
  readonly disabled: boolean;
}

export const directoryEnableAccount = action<AccountInput, Before, { changed: boolean }>({
  id: 'directory.enable-account',
  title: 'Enable an account in the directory',
  risk: 'reversible',
  input: accountInput,
  plan: ({ system, account: written }, ctx) =>
    ctx.directory(system, async (directory) => {
      const account = await findAccount(directory, written);
      const disabled = (account.control & ACCOUNT_DISABLED) !== 0;
      return {
        plan: {
          targets: [accountTarget(system, account)],
          changes: disabled
            ? [`~ account ${said(account.name)} becomes enabled: new logons are allowed`]
            : [],
          stays: [
            'password, memberships, logon hours and all other flags of the account, and whether it is locked out',
          ],
          undo: disabled ? 'disables the account again' : 'nothing: it was enabled before',
          proof: 'reads the account again over a new connection',
          bounds: { accounts: 1 },
          observed: { accounts: 1, userAccountControl: account.control },
        },
        subjects: [accountSubject(system, account)],
        before: { guid: account.guid, disabled },
      };
    }),
  act: ({ input, before }, ctx) =>
    ctx.directory(input.system, async (directory) => {
      const account = await readAccount(directory, before.guid);
      if (account === undefined) throw new Error('the account is gone');
      return { changed: await setControl(directory, account, account.control & ~ACCOUNT_DISABLED) };
    }),
  verify: ({ input, before }, ctx) =>
    ctx.directory(input.system, async (directory) => {
      const account = await readAccount(directory, before.guid);
      return account !== undefined && !(account.control & ACCOUNT_DISABLED)
        ? { outcome: 'proven', detail: `${directory.server} shows the account as enabled` }
        : {
            outcome: 'not-proven',
            detail: `${directory.server} does not show the account as enabled; plan a new run`,
          };
    }),
  undo: ({ input, before }, ctx) =>
    ctx.directory(input.system, async (directory) => {
      const account = await readAccount(directory, before.guid);
      if (account === undefined) return { outcome: 'proven', detail: 'the account is gone' };
      if (before.disabled) await setControl(directory, account, account.control | ACCOUNT_DISABLED);
      const after = await readAccount(directory, before.guid);
      return ((after?.control ?? ACCOUNT_DISABLED) & ACCOUNT_DISABLED) !== 0 || !before.disabled
        ? { outcome: 'proven', detail: before.disabled ? 'disabled again' : 'it was enabled before the run' }
        : { outcome: 'not-proven', detail: 'the account is still enabled; disable it by hand' };
    }),
});
