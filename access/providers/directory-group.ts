/**
 * Membership of a group of an Active Directory. Where the forest has the Privileged Access Management feature the directory
 * itself ends it (a member value with a time to live); Samba has no such thing, and everywhere Vigia ends it besides.
 */
import { AndFilter, EqualityFilter } from 'ldapts';
import { errors } from '../../core/errors.ts';
import type { Directory } from '../../targets/directory.ts';
import { findAccount, readAccount, sidText } from '../../targets/directory-accounts.ts';
import { changeMembership, isMember } from '../../targets/directory-memberships.ts';
import { provider, said } from '../provider.ts';

interface Found {
  readonly account: string;
  readonly name: string;
  /** SID and distinguished name: what the directory's own events say. */
  readonly names?: readonly string[];
  readonly group: { readonly guid: string; readonly sid: string; readonly name: string };
  /** The directory ends a membership by itself. */
  readonly endsItself: boolean;
}

const SESSIONS =
  'LDAP can neither list nor end sessions: LDAP connections bound before, open SMB sessions and Kerberos tickets that carry ' +
  'the group go on until they end; to cut them off, run the playbook contain-account or restart the directory service';

export const directoryGroup = provider<Found>({
  kinds: ['directory', 'directory-rehearsal'],
  plan: (wanted, _others, ctx) =>
    ctx.directory(wanted.system, async (directory) => {
      const account = await findAccount(directory, wanted.account);
      const group = await findGroup(directory, wanted.role);
      if (
        (await isEffective(directory, account.guid, group.sid)) ||
        (await isMember(directory, group.guid, account.guid))
      )
        throw errors.refused(
          `${said(account.name)} is in ${said(group.name)} already, for good`,
          'a standing privilege is not given for a time: take it away first; see "vigia access standing"',
        );
      const endsItself = await canEndMemberships(directory);
      return {
        account: account.name,
        found: {
          account: account.guid,
          name: account.name,
          names: [account.sid, account.entry.dn],
          group,
          endsItself,
        },
        plan: {
          targets: [
            { system: wanted.system, identity: account.guid, name: account.name },
            { system: wanted.system, identity: group.guid, name: group.name },
          ],
          changes: [
            `+ ${said(account.name)} becomes a member of ${said(group.name)}${endsItself ? ', which the directory ends by itself' : ''}`,
          ],
          stays: [
            ...(endsItself
              ? []
              : ['this directory ends no membership by itself: Vigia takes it away when the time is over']),
            'all other memberships',
          ],
          undo: `takes the membership away; ${SESSIONS}`,
          proof: 'asks the directory for the effective groups of the account over a new connection',
          bounds: { groups: 1 },
          observed: { groups: 1, endsItself },
        },
      };
    }),
  give: ({ system }, { account, group, endsItself }, to, ctx) =>
    ctx.directory(system, async (directory) => {
      if (!endsItself) return void (await changeMembership(directory, 'add', group.guid, account));
      const holder = await readAccount(directory, account);
      if (holder === undefined) throw errors.notFound('directory account', account);
      const seconds = Math.max(1, Math.round((Date.parse(to) - ctx.now()) / 1_000));
      await directory.modify(`<GUID=${group.guid}>`, [
        { operation: 'add', attribute: 'member', values: [`<TTL=${seconds},${holder.entry.dn}>`] },
      ]);
    }),
  namedInEvents: ({ names = [] }) => names,
  isGiven: ({ system }, { account, name, group }, _to, ctx) =>
    ctx.directory(system, async (directory) =>
      (await isEffective(directory, account, group.sid))
        ? { outcome: 'proven', detail: `${directory.server} computes ${said(group.name)} for ${said(name)}` }
        : {
            outcome: 'not-proven',
            detail: `${directory.server} computes no ${said(group.name)} for ${said(name)}`,
          },
    ),
  take: ({ system }, { account, group }, _to, ctx) =>
    ctx.directory(system, async (directory) => {
      if ((await readAccount(directory, account)) === undefined) return;
      await changeMembership(directory, 'delete', group.guid, account);
    }),
  isGone: ({ system }, { account, name, group }, _to, ctx) =>
    ctx.directory(system, async (directory) => {
      const sessions = { outcome: 'unknown', detail: SESSIONS } as const;
      if ((await readAccount(directory, account)) === undefined)
        return {
          right: { outcome: 'proven', detail: `the account is gone from ${directory.server}` },
          sessions,
        };
      if (await isMember(directory, group.guid, account))
        return {
          right: { outcome: 'not-proven', detail: `${said(name)} is still a member of ${said(group.name)}` },
          sessions,
        };
      // Somebody may have put the account into a group that leads there: not ours to take away, and not to be hidden.
      const through = (await isEffective(directory, account, group.sid))
        ? `, BUT IT STILL HAS THE GROUP THROUGH ANOTHER ONE; see "vigia access standing"`
        : '';
      const detail = `${said(name)} is no member of ${said(group.name)}${through}`;
      return { right: { outcome: 'proven', detail }, sessions };
    }),
});

async function findGroup(directory: Directory, name: string): Promise<Found['group']> {
  const found = await directory.search(
    new AndFilter({
      filters: [
        new EqualityFilter({ attribute: 'objectClass', value: 'group' }),
        new EqualityFilter({ attribute: 'sAMAccountName', value: name }),
      ],
    }),
    ['sAMAccountName', 'objectSid'],
  );
  if (found[0] === undefined) throw errors.notFound('directory group', name);
  if (found.length > 1) throw errors.refused(`${said(name)} means ${found.length} groups`);
  const [{ guid }] = [found[0]];
  return {
    guid,
    sid: sidText(found[0].bytes('objectSid')[0]),
    name: found[0].text('sAMAccountName') ?? name,
  };
}

/** As the directory computes it: direct, nested, by primary group. */
async function isEffective(directory: Directory, account: string, sid: string): Promise<boolean> {
  const entry = await directory.entry(`<GUID=${account}>`, ['tokenGroups']);
  return (entry?.bytes('tokenGroups') ?? []).some((bytes) => sidText(bytes) === sid);
}

/** The optional feature of a forest, switched on where its partitions container names it. */
async function canEndMemberships(directory: Directory): Promise<boolean> {
  const root = await directory.entry('', ['configurationNamingContext']);
  const configuration = root?.text('configurationNamingContext');
  if (configuration === undefined) return false;
  const partitions = await directory.entry(`CN=Partitions,${configuration}`, ['msDS-EnabledFeature']);
  return (partitions?.texts('msDS-EnabledFeature') ?? []).some((dn) =>
    /^CN=Privileged Access Management Feature,/i.test(dn),
  );
}
