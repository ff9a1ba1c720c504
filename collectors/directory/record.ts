/** What changed of one object in one write, as a record: the attributes by name, and what rules ask about as it is now. */
import type { DirectoryEntry } from '../../targets/directory-entry.ts';
import { type AttributeChange, readMetadata } from './metadata.ts';

/** Read with every changed object. Values of secrets are never sent by a directory, and none is asked for. */
export const READ = [
  'objectClass',
  'sAMAccountName',
  'uSNCreated',
  'uSNChanged',
  'whenChanged',
  'isDeleted',
  'lastKnownParent',
  'replPropertyMetaData',
  'userAccountControl',
  'userPrincipalName',
  'servicePrincipalName',
  'adminCount',
  'primaryGroupID',
  'groupType',
  'scriptPath',
  'gPCFileSysPath',
  'gPLink',
  'msDS-AllowedToDelegateTo',
  'member',
] as const;

/** Those of `READ` whose values a record holds, where they are set. */
const VALUES = READ.slice(READ.indexOf('userAccountControl'), READ.indexOf('member'));
const MOST_VALUES = 100;

export interface DirectoryRecord {
  guid: string;
  dn: string;
  classes: string[];
  account?: string;
  /** Number of the write in the database of the controller that was asked. */
  usn: number;
  change: 'created' | 'changed' | 'deleted' | 'links';
  /** ISO time of the write; of its arrival at this controller where only links changed. */
  at: string;
  origin?: string;
  attributes: { name: string; version: number }[];
  values: Record<string, string[]>;
  /** At most 100; `memberCount` counts all, and is missing where the directory sends only some. */
  members?: string[];
  memberCount?: number;
}

/** One record for each write after `since`. */
export function recordsOf(
  entry: DirectoryEntry,
  since: (change: AttributeChange) => boolean,
  attributeName: (number: number) => string,
): DirectoryRecord[] {
  const writes = new Map<number, AttributeChange[]>();
  const all = readMetadata(entry.bytes('replPropertyMetaData')[0] ?? Buffer.alloc(0));
  for (const change of all) {
    const known = writes.get(change.usn);
    if (known) known.push(change);
    else writes.set(change.usn, [change]);
  }
  const newest = Number(entry.text('uSNChanged'));
  const created = Number(entry.text('uSNCreated'));
  const isDeleted = entry.text('isDeleted') === 'TRUE';
  const shared = sharedOf(entry);
  const records = [...writes]
    .filter(([, changes]) => since(changes[0]!))
    .sort(([left], [right]) => left - right)
    .map(([usn, changes]): DirectoryRecord => {
      const names = changes.map(({ number, version }) => ({ name: attributeName(number), version }));
      const deletes = isDeleted && names.some(({ name }) => name === 'isDeleted');
      return {
        ...shared,
        usn,
        change: usn === created ? 'created' : deletes ? 'deleted' : 'changed',
        at: new Date(changes[0]!.changedMs).toISOString(),
        origin: changes[0]!.origin,
        attributes: names,
      };
    });
  // A write without a trace in the attributes is one to links: somebody became a member, or ceased to be one.
  if (writes.has(newest)) return records;
  const at = generalTime(entry.text('whenChanged'));
  const link = { number: 0, version: 0, changedMs: Date.parse(at), origin: '', usn: newest };
  return since(link)
    ? [...records, { ...shared, usn: newest, change: 'links', at, attributes: [] }]
    : records;
}

function sharedOf(entry: DirectoryEntry): Omit<DirectoryRecord, 'usn' | 'change' | 'at' | 'attributes'> {
  const values: Record<string, string[]> = {};
  for (const name of VALUES) {
    const found = entry.texts(name).slice(0, MOST_VALUES);
    if (found.length > 0) values[name] = found;
  }
  const account = entry.text('sAMAccountName');
  return {
    guid: entry.guid,
    dn: entry.dn,
    classes: entry.texts('objectClass'),
    ...(account === undefined ? {} : { account }),
    values,
    ...membersOf(entry),
  };
}

function membersOf(entry: DirectoryEntry): Pick<DirectoryRecord, 'members' | 'memberCount'> {
  if (!entry.texts('objectClass').includes('group')) return {};
  try {
    const members = entry.texts('member');
    return { members: members.slice(0, MOST_VALUES), memberCount: members.length };
  } catch {
    return {}; // more members than the directory sends at once
  }
}

/** `20261128100003.0Z` as ISO. */
export function generalTime(written = ''): string {
  const found = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)/.exec(written);
  if (!found) throw new Error(`${JSON.stringify(written)} is no time of a directory`);
  const [, year, month, day, hour, minute, second] = found;
  return `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
}
