/** Unlocks an account that failed logons have locked. Somebody must first know where these came from. */
import { findAccount, readAccount } from '../../targets/directory-accounts.ts';
import { action, said } from '../action.ts';
import { type AccountInput, accountInput } from '../inputs.ts';
import { accountSubject, accountTarget } from '../subjects.ts';

interface Before {
  readonly guid: string;
  readonly lockoutTime: string;
}

export const directoryUnlockAccount = action<AccountInput, Before, { changed: boolean }>({
  id: 'directory.unlock-account',
  title: 'Unlock an account in the directory',
  risk: 'reversible',
  input: accountInput,
  plan: ({ system, account: written }, ctx) =>
    ctx.directory(system, async (directory) => {
      const account = await findAccount(directory, written, ['lockoutTime', 'badPwdCount']);
      const lockoutTime = account.entry.text('lockoutTime') ?? '0';
      return {
        plan: {
          targets: [accountTarget(system, account)],
          changes: lockoutTime === '0' ? [] : [`~ account ${said(account.name)} is no longer locked out`],
          stays: [
            'its password, and whether it is disabled; failed logons that go on lock it again',
            ...(lockoutTime === '0' ? [`account ${said(account.name)} is not locked out`] : []),
          ],
          undo: 'nothing: only failed logons lock an account; disable it to keep somebody out',
          proof: 'reads the account again over a new connection',
          bounds: { accounts: 1 },
          observed: { accounts: 1, failedLogons: Number(account.entry.text('badPwdCount') ?? 0) },
        },
        subjects: [accountSubject(system, account)],
        before: { guid: account.guid, lockoutTime },
      };
    }),
  act: ({ input, before }, ctx) =>
    ctx.directory(input.system, async (directory) => {
      const account = await readAccount(directory, before.guid, ['lockoutTime']);
      if (account === undefined) throw new Error('the account is gone');
      const locked = (account.entry.text('lockoutTime') ?? '0') !== '0';
      if (locked)
        await directory.modify(account.at, [
          { operation: 'replace', attribute: 'lockoutTime', values: ['0'] },
        ]);
      return { changed: locked };
    }),
  verify: ({ input, before }, ctx) =>
    ctx.directory(input.system, async (directory) => {
      const account = await readAccount(directory, before.guid, ['lockoutTime']);
      if (account === undefined) return { outcome: 'not-proven', detail: 'the account is gone' };
      return (account.entry.text('lockoutTime') ?? '0') === '0'
        ? { outcome: 'proven', detail: `${directory.server} shows no lockout` }
        : {
            outcome: 'not-proven',
            detail: 'it is locked out (again): look where the failed logons come from',
          };
    }),
  undo: 'only failed logons lock an account; disable it to keep somebody out',
});
