/** Which privileged groups an account has in an Active Directory: direct, nested at any depth, and by primary group. */
import { ExtensibleFilter } from 'ldapts';
import type { Directory } from './directory.ts';
import { type Account, domainSidOf, sidText } from './directory-accounts.ts';
import type { DirectoryEntry } from './directory-entry.ts';

export interface Group {
  readonly guid: string;
  readonly dn: string;
  readonly name: string;
  readonly sid: string;
}

/** Which groups count as privileged, besides those that the directory itself guards (`adminCount=1`). */
export interface PrivilegedGroups {
  /** Of the domain: 512 Domain Admins … */
  readonly domainRids: readonly number[];
  /** Of BUILTIN: 544 Administrators … */
  readonly builtinRids: readonly number[];
  readonly names: readonly string[];
}

export interface PrivilegedMemberships {
  /** Direct memberships that are privileged or lead to a privileged group. */
  readonly direct: readonly { readonly group: Group; readonly through: readonly string[] }[];
  /** Privileged groups that the account has in the end, as the directory computes it. */
  readonly effective: readonly Group[];
  /** The primary group is or leads to one of them; it is not a membership that can be taken away. */
  readonly primary: Group | undefined;
}

/** Domain Users. */
export const USERS_RID = 513;

const groupAttributes = ['sAMAccountName', 'objectSid', 'adminCount'];

/** Direct and nested, at any depth. */
export async function privilegedMemberships(
  directory: Directory,
  account: Account,
  policy: PrivilegedGroups,
): Promise<PrivilegedMemberships> {
  const entry = await directory.entry(account.at, ['tokenGroups', 'memberOf', 'primaryGroupID']);
  const inEnd: Group[] = [];
  for (const bytes of entry?.bytes('tokenGroups') ?? []) {
    const group = await directory.entry(`<SID=${sidText(bytes)}>`, groupAttributes);
    if (group !== undefined && isPrivileged(group, policy)) inEnd.push(groupOf(group));
  }
  const leadingTo = async (at: string): Promise<{ group: Group; through: string[] } | undefined> => {
    const own = await directory.entry(at, groupAttributes);
    if (own === undefined) return undefined;
    const above = isPrivileged(own, policy)
      ? [own]
      : (await ancestors(directory, own.dn)).filter((group) => isPrivileged(group, policy));
    return above.length === 0
      ? undefined
      : { group: groupOf(own), through: above.map((group) => groupOf(group).name) };
  };
  const direct = (await each(entry?.texts('memberOf') ?? [], leadingTo)).filter(
    (found) => found !== undefined,
  );
  direct.sort((a, b) => a.group.guid.localeCompare(b.group.guid));
  const rid = Number(entry?.text('primaryGroupID'));
  // Domain Users is where an account goes that leaves another primary group: there is nowhere to go from there.
  const primary = rid === USERS_RID ? undefined : await leadingTo(`<SID=${domainSidOf(account)}-${rid}>`);
  return { direct, effective: inEnd, primary: primary?.group };
}

/** One after the other: a directory serves one connection in order anyway. */
async function each<T, R>(items: readonly T[], run: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const item of items) results.push(await run(item));
  return results;
}

const ancestors = (directory: Directory, dn: string): Promise<DirectoryEntry[]> =>
  // LDAP_MATCHING_RULE_IN_CHAIN: the server follows nested memberships.
  directory.search(
    new ExtensibleFilter({ matchType: 'member', rule: '1.2.840.113556.1.4.1941', value: dn }),
    groupAttributes,
  );

function groupOf(entry: DirectoryEntry): Group {
  return {
    guid: entry.guid,
    dn: entry.dn,
    name: entry.text('sAMAccountName') ?? entry.dn,
    sid: sidText(entry.bytes('objectSid')[0]),
  };
}

/** By the directory's own mark, by its number or by its name. */
export function isPrivileged(entry: DirectoryEntry, policy: PrivilegedGroups): boolean {
  const { sid, name } = groupOf(entry);
  const rid = Number(sid.slice(sid.lastIndexOf('-') + 1));
  const rids = sid.startsWith('S-1-5-32-') ? policy.builtinRids : policy.domainRids;
  return (
    entry.text('adminCount') === '1' ||
    rids.includes(rid) ||
    policy.names.some((each) => each.toLowerCase() === name.toLowerCase())
  );
}
