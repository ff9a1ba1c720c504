/** Puts accounts into groups and takes them out, writing only what differs; also the primary group, which is no membership. */
import { errors } from '../core/errors.ts';
import type { Directory } from './directory.ts';
import { byGuid } from './directory-accounts.ts';
import { USERS_RID } from './directory-groups.ts';

export interface Membership {
  readonly guid: string;
  readonly dn: string;
  readonly name: string;
}

/** A privileged primary group as it was found. */
export interface PrimaryGroup extends Membership {
  readonly rid: number;
  readonly usersGuid: string;
  /** A member of Domain Users besides. */
  readonly wasInUsers: boolean;
}

export const usersGroup = (domainSid: string): string => `<SID=${domainSid}-${USERS_RID}>`;

export async function isMember(directory: Directory, group: string, member: string): Promise<boolean> {
  const of = await directory.entry(byGuid(group), []);
  const account = await directory.entry(byGuid(member), ['memberOf']);
  const groups = account?.texts('memberOf') ?? [];
  return of !== undefined && groups.some((dn) => dn.toLowerCase() === of.dn.toLowerCase());
}

/** False when there was nothing to change. */
export async function changeMembership(
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

export async function primaryRidOf(directory: Directory, account: string): Promise<number> {
  return Number((await directory.entry(byGuid(account), ['primaryGroupID']))?.text('primaryGroupID'));
}

/** The directory asks for membership of the new group first, and makes the old one an ordinary membership. */
export async function leavePrimaryGroup(
  directory: Directory,
  account: string,
  from: PrimaryGroup,
): Promise<void> {
  if ((await primaryRidOf(directory, account)) === from.rid) {
    await changeMembership(directory, 'add', from.usersGuid, account);
    await setPrimary(directory, account, USERS_RID);
  }
  await changeMembership(directory, 'delete', from.guid, account);
}

export async function returnToPrimaryGroup(
  directory: Directory,
  account: string,
  to: PrimaryGroup,
): Promise<void> {
  if ((await primaryRidOf(directory, account)) !== to.rid) {
    await changeMembership(directory, 'add', to.guid, account);
    await setPrimary(directory, account, to.rid);
  }
  if (!to.wasInUsers) await changeMembership(directory, 'delete', to.usersGuid, account);
}

const setPrimary = (directory: Directory, account: string, rid: number): Promise<void> =>
  directory.modify(byGuid(account), [
    { operation: 'replace', attribute: 'primaryGroupID', values: [String(rid)] },
  ]);
