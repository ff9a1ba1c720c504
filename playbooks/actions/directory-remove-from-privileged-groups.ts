/** Takes an account out of every group that is privileged or leads to a privileged one, the primary group included. */
import { errors } from '../../core/errors.ts';
import type { Directory } from '../../targets/directory.ts';
import { type Account, domainSidOf, findAccount, readAccount } from '../../targets/directory-accounts.ts';
import { type Group, privilegedMemberships } from '../../targets/directory-groups.ts';
import {
  changeMembership,
  isMember,
  leavePrimaryGroup,
  type Membership,
  type PrimaryGroup,
  primaryRidOf,
  returnToPrimaryGroup,
  usersGroup,
} from '../../targets/directory-memberships.ts';
import { action, type Proof, said } from '../action.ts';
import { type AccountInput, account, system } from '../inputs.ts';
import { accountSubject, accountTarget } from '../subjects.ts';

interface Input extends AccountInput {
  readonly maxMemberships: number;
}

interface Before {
  readonly guid: string;
  readonly memberships: readonly Membership[];
  readonly primary: PrimaryGroup | null;
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
      const groups = [...direct.map(({ group }) => group), ...(primary ? [primary] : [])];
      return {
        plan: {
          targets: [
            accountTarget(input.system, found),
            ...groups.map(({ guid, name }) => ({ system: input.system, identity: guid, name })),
          ],
          changes: [
            ...direct.map(({ group, through }) => {
              const leads = through.filter((name) => name !== group.name).map(said);
              const why = leads.length > 0 ? `, which leads to ${leads.join(', ')}` : '';
              return `- ${said(found.name)} is no longer a member of ${said(group.name)}${why}`;
            }),
            ...(primary
              ? [
                  `~ primary group of ${said(found.name)}: ${said(primary.name)} → Domain Users, and it leaves the former`,
                ]
              : []),
          ],
          stays: [
            ...(groups.length === 0 ? ['no privileged membership can be taken away'] : []),
            'all other memberships; rights given to the account itself; tickets that already carry the groups',
          ],
          undo: 'adds the account to exactly these groups again',
          proof: 'asks the directory for the effective groups of the account over a new connection',
          bounds: { memberships: input.maxMemberships },
          observed: { memberships: groups.length, effective: effective.map(({ name }) => name) },
        },
        subjects: [accountSubject(input.system, found)],
        before: {
          guid: found.guid,
          memberships: direct.map(({ group: { guid, dn, name } }) => ({ guid, dn, name })),
          primary: primary ? await primaryOf(directory, found, primary) : null,
        },
      };
    }),
  act: ({ input, before }, ctx) =>
    ctx.directory(input.system, async (directory) => {
      const removed: string[] = [];
      for (const { guid } of before.memberships)
        if (await changeMembership(directory, 'delete', guid, before.guid)) removed.push(guid);
      if (before.primary !== null) {
        await leavePrimaryGroup(directory, before.guid, before.primary);
        removed.push(before.primary.guid);
      }
      return { removed };
    }),
  verify: ({ input, before }, ctx) =>
    ctx.directory(input.system, async (directory): Promise<Proof> => {
      const found = await readAccount(directory, before.guid);
      if (found === undefined)
        return { outcome: 'proven', detail: `the account is gone from ${directory.server}` };
      const { direct, effective } = await privilegedMemberships(directory, found, ctx.privilegedGroups);
      if (effective.length === 0 && direct.length === 0)
        return {
          outcome: 'proven',
          detail: `${directory.server} computes no privileged group for the account`,
        };
      const names = [
        ...new Set([...effective, ...direct.map(({ group }) => group)].map(({ name }) => said(name))),
      ];
      return { outcome: 'not-proven', detail: `the account still has ${names.join(', ')}; plan a new run` };
    }),
  undo: ({ input, before }, ctx) =>
    ctx.directory(input.system, async (directory) => {
      for (const { guid } of before.memberships) await changeMembership(directory, 'add', guid, before.guid);
      if (before.primary !== null) await returnToPrimaryGroup(directory, before.guid, before.primary);
      const missing: string[] = [];
      for (const group of before.memberships)
        if (!(await isMember(directory, group.guid, before.guid))) missing.push(said(group.name));
      if (before.primary !== null && (await primaryRidOf(directory, before.guid)) !== before.primary.rid)
        missing.push(`${said(before.primary.name)} as primary group`);
      return missing.length === 0
        ? { outcome: 'proven', detail: `member of ${before.memberships.length} groups again` }
        : { outcome: 'not-proven', detail: `still not a member of ${missing.join(', ')}; add it by hand` };
    }),
});

async function primaryOf(directory: Directory, found: Account, group: Group): Promise<PrimaryGroup> {
  const users = await directory.entry(usersGroup(domainSidOf(found)), []);
  if (users === undefined) throw errors.notFound('group', 'Domain Users');
  const { guid, dn, name, sid } = group;
  const rid = Number(sid.slice(sid.lastIndexOf('-') + 1));
  return {
    guid,
    dn,
    name,
    rid,
    usersGuid: users.guid,
    wasInUsers: await isMember(directory, users.guid, found.guid),
  };
}
