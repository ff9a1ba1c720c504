/** Gives a directory account a new password that nobody has seen, and leaves it to its owner in the handover folder. */
import type { Directory } from '../../targets/directory.ts';
import { findAccount, readAccount } from '../../targets/directory-accounts.ts';
import { newSecret } from '../../targets/handover.ts';
import { action, said } from '../action.ts';
import { type AccountInput, accountInput } from '../inputs.ts';
import { accountSubject, accountTarget } from '../subjects.ts';

interface Before {
  readonly guid: string;
  /** In the handover folder; its name says nothing. */
  readonly file: string;
}

interface Receipt {
  readonly file: string;
  /** When the directory says that the password was set. */
  readonly setAt: string;
}

export const directoryResetPassword = action<AccountInput, Before, Receipt>({
  id: 'directory.reset-password',
  title: 'Give a directory account a new password',
  risk: 'destructive',
  input: accountInput,
  plan: ({ system, account: written }, ctx) =>
    ctx.directory(system, async (directory) => {
      const account = await findAccount(directory, written);
      const file = ctx.handover(system).name(account.name);
      return {
        plan: {
          targets: [accountTarget(system, account)],
          changes: [`~ account ${said(account.name)} gets a new password; the old one no longer works`],
          stays: [
            'connections, sessions and tickets that are open already; certificates and keys of the account',
            'services and tasks that run as the account: they fail until they get the new password',
          ],
          undo: 'impossible: the old password is known to others, and the directory gives it to nobody',
          proof: 'logs on with the new password',
          bounds: { accounts: 1 },
          observed: { accounts: 1 },
        },
        subjects: [accountSubject(system, account)],
        before: { guid: account.guid, file },
      };
    }),
  act: ({ input, before }, ctx) =>
    ctx.directory(input.system, async (directory) => {
      const account = await readAccount(directory, before.guid);
      if (account === undefined) throw new Error('the account is gone');
      const password = await ctx.handover(input.system).make(before.file);
      // A directory takes the last password but one for an hour after a change: that must not be the old one.
      await setPassword(directory, account.at, newSecret());
      await setPassword(directory, account.at, password);
      return { file: before.file, setAt: await setAtOf(directory, before.guid) };
    }),
  verify: ({ input, before, receipt }, ctx) =>
    ctx.directory(input.system, async (directory) => {
      const handover = ctx.handover(input.system);
      const password = handover.read(before.file);
      const account = await readAccount(directory, before.guid);
      if (account === undefined)
        return { outcome: 'proven', detail: 'the account is gone, and its password with it' };
      if (receipt !== undefined && receipt.setAt !== (await setAtOf(directory, before.guid)))
        return { outcome: 'not-proven', detail: 'somebody has set another password since; plan a new run' };
      const accepted = password !== undefined && (await directory.accepts(account.entry.dn, password));
      if (accepted === 'unknown')
        return {
          outcome: 'unknown',
          detail: `${directory.server} does not say whether the password is right (locked out?); resume the run to ask again`,
        };
      return accepted
        ? {
            outcome: 'proven',
            detail: `the new password is in force; its owner finds it in ${handover.place(before.file)}`,
          }
        : { outcome: 'not-proven', detail: 'the account does not have the new password; plan a new run' };
    }),
  undo: 'the old password is known to others, and the directory gives it to nobody',
});

/** As the directory wants it: in quotes, two bytes a character. */
const setPassword = (directory: Directory, at: string, password: string): Promise<void> =>
  directory.modify(at, [
    { operation: 'replace', attribute: 'unicodePwd', values: [Buffer.from(`"${password}"`, 'utf16le')] },
  ]);

const setAtOf = async (directory: Directory, guid: string): Promise<string> =>
  (await readAccount(directory, guid, ['pwdLastSet']))?.entry.text('pwdLastSet') ?? '';
