/** Puts an account into the named groups: what somebody took away by hand, or an old run whose undo is no longer wanted whole. */
import { AndFilter, EqualityFilter, OrFilter } from 'ldapts';
import { errors } from '../../core/errors.ts';
import type { Directory } from '../../targets/directory.ts';
import { findAccount } from '../../targets/directory-accounts.ts';
import { changeMembership, isMember, type Membership } from '../../targets/directory-memberships.ts';
import { action, said } from '../action.ts';
import { type AccountInput, account, system } from '../inputs.ts';
import { accountSubject, accountTarget } from '../subjects.ts';

interface Input extends AccountInput {
  readonly groups: readonly string[];
}

interface Before {
  readonly guid: string;
  /** Those it was not in. */
  readonly missing: readonly Membership[];
}

export const directoryRestoreMemberships = action<Input, Before, { added: string[] }>({
  id: 'directory.restore-memberships',
  title: 'Put an account back into groups',
  risk: 'reversible',
  input: {
    type: 'object',
    required: ['account', 'groups'],
    additionalProperties: false,
    properties: {
      system: system('directory'),
      account,
      groups: {
        type: 'array',
        minItems: 1,
        maxItems: 50,
        items: { type: 'string', minLength: 1, maxLength: 256 },
        description: 'Groups, by logon name or distinguished name.',
        examples: [['Payments clerks']],
      },
    },
  },
  plan: (input, ctx) =>
    ctx.directory(input.system, async (directory) => {
      const found = await findAccount(directory, input.account);
      const missing: Membership[] = [];
      for (const name of input.groups) {
        const group = await findGroup(directory, name);
        if (!(await isMember(directory, group.guid, found.guid))) missing.push(group);
      }
      return {
        plan: {
          targets: [
            accountTarget(input.system, found),
            ...missing.map(({ guid, name }) => ({ system: input.system, identity: guid, name })),
          ],
          changes: missing.map(({ name }) => `+ ${said(found.name)} becomes a member of ${said(name)}`),
          stays: ['all other memberships; tickets that are open get the groups when they are renewed'],
          undo: 'takes the account out of exactly these groups',
          proof: 'reads the memberships again over a new connection',
          bounds: { memberships: input.groups.length },
          observed: { memberships: missing.length },
        },
        subjects: [accountSubject(input.system, found)],
        before: { guid: found.guid, missing },
      };
    }),
  act: ({ input, before }, ctx) =>
    ctx.directory(input.system, async (directory) => {
      const added: string[] = [];
      for (const { guid } of before.missing)
        if (await changeMembership(directory, 'add', guid, before.guid)) added.push(guid);
      return { added };
    }),
  verify: ({ input, before }, ctx) =>
    ctx.directory(input.system, async (directory) => {
      const left = await membersOf(directory, before, false);
      return left.length === 0
        ? { outcome: 'proven', detail: `member of ${before.missing.length} groups more` }
        : { outcome: 'not-proven', detail: `not a member of ${left.join(', ')}; plan a new run` };
    }),
  undo: ({ input, before }, ctx) =>
    ctx.directory(input.system, async (directory) => {
      for (const { guid } of before.missing) await changeMembership(directory, 'delete', guid, before.guid);
      const left = await membersOf(directory, before, true);
      return left.length === 0
        ? { outcome: 'proven', detail: 'the memberships are as before' }
        : { outcome: 'not-proven', detail: `still a member of ${left.join(', ')}; take it out by hand` };
    }),
});

/** Names of the groups where it is a member, or is not. */
async function membersOf(
  directory: Directory,
  { guid, missing }: Before,
  member: boolean,
): Promise<string[]> {
  const names: string[] = [];
  for (const group of missing)
    if ((await isMember(directory, group.guid, guid)) === member) names.push(said(group.name));
  return names;
}

async function findGroup(directory: Directory, written: string): Promise<Membership> {
  const ways = ['sAMAccountName', 'distinguishedName'].map(
    (attribute) => new EqualityFilter({ attribute, value: written }),
  );
  const filter = new AndFilter({
    filters: [
      new EqualityFilter({ attribute: 'objectClass', value: 'group' }),
      new OrFilter({ filters: ways }),
    ],
  });
  const [group, ...others] = await directory.search(filter, ['sAMAccountName']);
  if (group === undefined) throw errors.notFound('group', written);
  if (others.length > 0)
    throw errors.refused(
      `${said(written)} means ${others.length + 1} groups`,
      'name the group by its distinguished name',
    );
  return { guid: group.guid, dn: group.dn, name: group.text('sAMAccountName') ?? group.dn };
}
