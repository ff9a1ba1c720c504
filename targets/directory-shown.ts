/** What the events of a directory will show of a change: memberships and new passwords, which rules watch. */
import type { ShownChange } from '../core/documents.ts';
import { VigiaError } from '../core/errors.ts';
import type { Shown } from './calls.ts';
import type { DirectoryChange, DirectoryReading } from './directory.ts';
import { findAccount, sidText } from './directory-accounts.ts';
import type { DirectoryEntry } from './directory-entry.ts';

/** Of one connection, which knows its own account only once. Undefined for changes that no rule reads; then nothing is asked. */
export function shownBy(directory: DirectoryReading, system: string, own: string) {
  let names: Promise<string[]> | undefined;
  return async (dn: string, changes: readonly DirectoryChange[]): Promise<Shown | undefined> => {
    const shown: ShownChange[] = [];
    for (const change of changes) {
      if (change.attribute === 'unicodePwd')
        shown.push({ did: ['password-reset', 'reset-password'], to: await namesAt(directory, dn) });
      if (change.attribute !== 'member' || change.operation === 'replace') continue;
      const did = [change.operation === 'add' ? 'added-member-to-group' : 'removed-member-from-group'];
      const role = await namesAt(directory, dn);
      for (const member of change.values)
        shown.push({ did, to: await namesAt(directory, withoutEnd(String(member))), role });
    }
    if (shown.length === 0) return undefined;
    names ??= namesOfAccount(directory, own);
    return { system, by: await names, changes: shown };
  };
}

/** A member may be written with the time after which the directory takes it away: `<TTL=1800,CN=…>`. */
const withoutEnd = (member: string): string => /^<TTL=\d+,(.*)>$/s.exec(member)?.[1] ?? member;

const IDENTITY = ['sAMAccountName', 'objectSid'];

const namesAt = async (directory: DirectoryReading, dn: string): Promise<string[]> =>
  namesOf(await directory.entry(dn, IDENTITY)) ?? [dn];

/** The account of Vigia; one that cannot be found is named as the settings do, and what it does alerts like anybody's. */
async function namesOfAccount(directory: DirectoryReading, own: string): Promise<string[]> {
  if (own.includes('=')) return namesOf(await directory.entry(own, IDENTITY)) ?? [own];
  const found = await findAccount(directory, own).catch((cause: unknown) => {
    if (cause instanceof VigiaError && ['not-found', 'refused'].includes(cause.code)) return undefined;
    throw cause;
  });
  return namesOf(found?.entry) ?? [own];
}

/** Distinguished name, SID and account name, as far as it has them. */
function namesOf(entry: DirectoryEntry | undefined): string[] | undefined {
  if (entry === undefined) return undefined;
  const all = [entry.dn, sidText(entry.bytes('objectSid')[0]), entry.text('sAMAccountName')];
  return all.filter((name): name is string => name !== undefined && name !== '');
}
