/** Stops Kerberos delegation by and of an account: its own tickets stay where they are, and it takes nobody else's further. */
import type { Directory, DirectoryChange } from '../../targets/directory.ts';
import { type Account, byGuid, findAccount, readAccount } from '../../targets/directory-accounts.ts';
import { NOT_DELEGATED, TRUSTED_FOR_DELEGATION, TRUSTED_TO_AUTHENTICATE } from '../account-control.ts';
import { action, said } from '../action.ts';
import { type AccountInput, accountInput } from '../inputs.ts';
import { accountSubject, accountTarget } from '../subjects.ts';

const FLAGS = NOT_DELEGATED | TRUSTED_FOR_DELEGATION | TRUSTED_TO_AUTHENTICATE;
const SERVICES = 'msDS-AllowedToDelegateTo';

interface Delegation {
  readonly guid: string;
  /** Of userAccountControl, those about delegation. */
  readonly flags: number;
  /** Services to which it may take tickets. */
  readonly services: readonly string[];
}

export const directoryBlockDelegation = action<AccountInput, Delegation, { changed: boolean }>({
  id: 'directory.block-delegation',
  title: 'Block Kerberos delegation by and of an account',
  risk: 'destructive',
  input: accountInput,
  plan: ({ system, account: written }, ctx) =>
    ctx.directory(system, async (directory) => {
      const account = await findAccount(directory, written, [SERVICES]);
      const before = delegationOf(account);
      const name = said(account.name);
      return {
        plan: {
          targets: [accountTarget(system, account)],
          changes: [
            ...(before.flags & NOT_DELEGATED ? [] : [`~ tickets of ${name} can no longer be delegated`]),
            ...(before.flags & (TRUSTED_FOR_DELEGATION | TRUSTED_TO_AUTHENTICATE)
              ? [`- ${name} is no longer trusted for delegation`]
              : []),
            ...before.services.map((service) => `- ${name} may no longer delegate to ${said(service)}`),
          ],
          stays: [
            'tickets that were delegated already, until they end; password, memberships and all other flags',
            'who may act for others on the account (msDS-AllowedToActOnBehalfOfOtherIdentity); take that away by hand',
          ],
          undo: 'restores the flags about delegation and the services, as found',
          proof: 'reads the account again over a new connection',
          bounds: { accounts: 1 },
          observed: { accounts: 1, services: before.services },
        },
        subjects: [accountSubject(system, account)],
        before,
      };
    }),
  act: ({ input, before }, ctx) =>
    ctx.directory(input.system, async (directory) => ({
      changed: await bring(directory, { ...before, flags: NOT_DELEGATED, services: [] }),
    })),
  verify: ({ input, before }, ctx) =>
    ctx.directory(input.system, async (directory) => {
      const account = await read(directory, before.guid);
      if (account === undefined) return { outcome: 'proven', detail: 'the account is gone' };
      const { flags, services } = delegationOf(account);
      return flags === NOT_DELEGATED && services.length === 0
        ? { outcome: 'proven', detail: `${directory.server} shows no delegation by or of the account` }
        : { outcome: 'not-proven', detail: `${directory.server} still shows delegation; plan a new run` };
    }),
  undo: ({ input, before }, ctx) =>
    ctx.directory(input.system, async (directory) => {
      await bring(directory, before);
      const account = await read(directory, before.guid);
      return account !== undefined && JSON.stringify(delegationOf(account)) === JSON.stringify(before)
        ? { outcome: 'proven', detail: 'delegation is as before' }
        : { outcome: 'not-proven', detail: 'delegation is not as before; compare it with the journal' };
    }),
});

const read = (directory: Directory, guid: string) => readAccount(directory, guid, [SERVICES]);

const delegationOf = ({ guid, control, entry }: Account): Delegation => ({
  guid,
  flags: control & FLAGS,
  services: entry.texts(SERVICES).sort(),
});

/** Everything in one change, and only what differs. */
async function bring(directory: Directory, to: Delegation): Promise<boolean> {
  const account = await read(directory, to.guid);
  if (account === undefined) throw new Error('the account is gone');
  const now = delegationOf(account);
  const changes: DirectoryChange[] = [];
  if (now.flags !== to.flags) {
    const control = (account.control & ~FLAGS) | to.flags;
    changes.push({ operation: 'delete', attribute: 'userAccountControl', values: [String(account.control)] });
    changes.push({ operation: 'add', attribute: 'userAccountControl', values: [String(control)] });
  }
  if (now.services.join('\n') !== to.services.join('\n'))
    changes.push({ operation: 'replace', attribute: SERVICES, values: to.services });
  if (changes.length > 0) await directory.modify(byGuid(to.guid), changes);
  return changes.length > 0;
}
