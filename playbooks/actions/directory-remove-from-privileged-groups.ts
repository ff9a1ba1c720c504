/** Takes an account out of every group that is privileged or leads to a privileged one. */
import { errors } from '../../core/errors.ts';
import type { Directory } from '../../targets/directory.ts';
import { byGuid, findAccount, readAccount } from '../../targets/directory-accounts.ts';
import { privilegedMemberships } from '../../targets/directory-groups.ts';
import { action, type Proof, said } from '../action.ts';
import { type AccountInput, account, system } from '../inputs.ts';
import { accountSubject, accountTarget } from '../subjects.ts';

interface Input extends AccountInput {
  readonly maxMemberships: number;
}

interface Before {
  readonly guid: string;
  readonly memberships: readonly { readonly guid: string; readonly dn: string; readonly name: string }[];
}

export const directoryRemoveFromPrivilegedGroups = action<Input, Before, { removed: string[] }>({
  id: 'directory.remove-from-privileged-groups',
  title: 'Take an account out of privileged groups',
  risk: 'destructive',
  input: {
    type: 'object',
    required: ['account'],
    additionalProperties: false,
    properties: {
      system: system('directory'),
      account,
      maxMemberships: {
        type: 'integer',
        minimum: 1,
        default: 50,
        description: 'More memberships than this refuse the step.',
      },
    },
  },
  plan: (input, ctx) =>
    ctx.directory(input.system, async (directory) => {
      const found = await findAccount(directory, input.account);
      const { direct, effective, primary } = await privilegedMemberships(
        directory,
        found,
        ctx.privilegedGroups,
      );
      const groups = direct.map(({ group }) => group);
      return {
        plan: {
          targets: [
            accountTarget(input.system, found),
            ...groups.map(({ guid, name }) => ({ system: input.system, identity: guid, name })),
          ],
          changes: direct.map(({ group, through }) => {
            const leads = through.filter((name) => name !== group.name).map(said);
            const why = leads.length > 0 ? `, which leads to ${leads.join(', ')}` : '';
            return `- ${said(found.name)} is no longer a member of ${said(group.name)}${why}`;
          }),
          stays: [
            ...(groups.length === 0 ? ['no privileged membership can be taken away'] : []),
            ...(primary ? [`${said(primary.name)} is the primary group; set another one by hand`] : []),
            'all other memberships; rights given to the account itself; tickets that already carry the groups',
          ],
          undo: 'adds the account to exactly these groups again',
          proof: 'asks the directory for the effective groups of the account over a new connection',
          bounds: { memberships: input.maxMemberships },
          observed: { memberships: groups.length, effective: effective.map(({ name }) => name) },
        },
        subjects: [accountSubject(input.system, found)],
        before: { guid: found.guid, memberships: groups.map(({ guid, dn, name }) => ({ guid, dn, name })) },
      };
    }),
  act: ({ input, before }, ctx) =>
    ctx.directory(input.system, async (directory) => {
      const removed: string[] = [];
      for (const { guid } of before.memberships)
        if (await change(directory, 'delete', guid, before.guid)) removed.push(guid);
      return { removed };
    }),
  verify: ({ input, before }, ctx) =>
    ctx.directory(input.system, async (directory): Promise<Proof> => {
      const found = await readAccount(directory, before.guid);
      if (found === undefined)
        return { outcome: 'proven', detail: `the account is gone from ${directory.server}` };
      const { direct, effective, primary } = await privilegedMemberships(
        directory,
        found,
        ctx.privilegedGroups,
      );
      if (effective.length === 0 && direct.length === 0)
        return {
          outcome: 'proven',
          detail: `${directory.server} computes no privileged group for the account`,
        };
      const names = [
        ...new Set([...effective, ...direct.map(({ group }) => group)].map(({ name }) => said(name))),
      ];
      const advice = primary
        ? `set another primary group than ${said(primary.name)} by hand`
        : 'plan a new run';
      return { outcome: 'not-proven', detail: `the account still has ${names.join(', ')}; ${advice}` };
    }),
  undo: ({ input, before }, ctx) =>
    ctx.directory(input.system, async (directory) => {
      for (const { guid } of before.memberships) await change(directory, 'add', guid, before.guid);
      const missing = [];
      for (const group of before.memberships)
        if (!(await isMember(directory, group.guid, before.guid))) missing.push(said(group.name));
      return missing.length === 0
        ? { outcome: 'proven', detail: `member of ${before.memberships.length} groups again` }
        : { outcome: 'not-proven', detail: `still not a member of ${missing.join(', ')}; add it by hand` };
    }),
});

async function isMember(directory: Directory, group: string, member: string): Promise<boolean> {
  const [of, account] = [
    await directory.entry(byGuid(group), []),
    await directory.entry(byGuid(member), ['memberOf']),
  ];
  return (
    of !== undefined &&
    (account?.texts('memberOf') ?? []).some((dn) => dn.toLowerCase() === of.dn.toLowerCase())
  );
}

/** False when there was nothing to change. */
async function change(
  directory: Directory,
  operation: 'add' | 'delete',
  group: string,
  member: string,
): Promise<boolean> {
  if ((await isMember(directory, group, member)) === (operation === 'add')) return false;
  const account = await directory.entry(byGuid(member), []);
  if (account === undefined) throw errors.notFound('directory account', member);
  await directory.modify(byGuid(group), [{ operation, attribute: 'member', values: [account.dn] }]);
  return true;
}
