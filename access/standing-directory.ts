/** Accounts of an Active Directory that are in a privileged group, at any depth, with their last logon. */
import { EqualityFilter } from 'ldapts';
import type { Directory } from '../targets/directory.ts';
import { ACCOUNT_DISABLED } from '../targets/directory-accounts.ts';
import type { DirectoryEntry } from '../targets/directory-entry.ts';
import { isPrivileged, type PrivilegedGroups } from '../targets/directory-groups.ts';
import type { Privilege } from './standing.ts';

const accountAttributes = [
  'sAMAccountName',
  'objectClass',
  'userAccountControl',
  'lastLogonTimestamp',
  'whenCreated',
  'member',
];

export async function standingInDirectory(
  directory: Directory,
  policy: PrivilegedGroups,
): Promise<Privilege[]> {
  const groups = await directory.search(new EqualityFilter({ attribute: 'objectClass', value: 'group' }), [
    'sAMAccountName',
    'objectSid',
    'adminCount',
    'member',
  ]);
  const has = new Map<string, { entry: DirectoryEntry; groups: Set<string> }>();
  const entries = new Map<string, Promise<DirectoryEntry | undefined>>();
  // Read once each, whatever number of groups lead there.
  const read = (dn: string) => {
    const key = dn.toLowerCase();
    const found = entries.get(key) ?? directory.entry(dn, accountAttributes);
    entries.set(key, found);
    return found;
  };
  for (const group of groups.filter((entry) => isPrivileged(entry, policy))) {
    const name = group.text('sAMAccountName') ?? group.dn;
    const seen = new Set<string>();
    const waiting = group.texts('member');
    for (let dn = waiting.pop(); dn !== undefined; dn = waiting.pop()) {
      if (seen.has(dn.toLowerCase())) continue;
      seen.add(dn.toLowerCase());
      const entry = await read(dn);
      // Of another domain: this directory holds only its name.
      if (entry === undefined) continue;
      if (entry.texts('objectClass').includes('group')) waiting.push(...entry.texts('member'));
      else {
        const known = has.get(entry.guid) ?? { entry, groups: new Set() };
        has.set(entry.guid, { entry, groups: known.groups.add(name) });
      }
    }
  }
  return [...has.values()].map(({ entry, groups: names }) => privilegeOf(entry, [...names].sort()));
}

function privilegeOf(entry: DirectoryEntry, has: readonly string[]): Privilege {
  const created = generalisedTime(entry.text('whenCreated'));
  const lastUsed = fileTime(entry.text('lastLogonTimestamp'));
  return {
    account: entry.text('sAMAccountName') ?? entry.dn,
    has,
    enabled: (Number(entry.text('userAccountControl') ?? 0) & ACCOUNT_DISABLED) === 0,
    ...(created === undefined ? {} : { created }),
    ...(lastUsed === undefined ? {} : { lastUsed }),
  };
}

/** `20261128100000.0Z` */
function generalisedTime(text: string | undefined): string | undefined {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)/.exec(text ?? '') ?? [];
  return year === undefined ? undefined : `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
}

/** Between 1601 and 1970. */
const FILE_TIME_EPOCH_MS = 11_644_473_600_000n;

/** In tenths of microseconds since 1601; 0 is never. */
function fileTime(text: string | undefined): string | undefined {
  if (text === undefined || !/^[1-9]\d{0,18}$/.test(text)) return undefined;
  const ms = Number(BigInt(text) / 10_000n - FILE_TIME_EPOCH_MS);
  return ms < 8.64e15 ? new Date(ms).toISOString() : undefined;
}
