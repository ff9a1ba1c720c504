/** Finds accounts in an Active Directory, by an identity that survives renaming. */
import { AndFilter, EqualityFilter, OrFilter } from 'ldapts';
import { errors } from '../core/errors.ts';
import type { DirectoryReading } from './directory.ts';
import type { DirectoryEntry } from './directory-entry.ts';

export interface Account {
  readonly entry: DirectoryEntry;
  readonly guid: string;
  /** Where to read and write it, whatever its name is by then. */
  readonly at: string;
  readonly name: string;
  readonly sid: string;
  readonly rid: number;
  readonly control: number;
  /** Every way in which settings, policies and approvers may call it. */
  readonly names: readonly string[];
  readonly domainController: boolean;
}

export const ACCOUNT_DISABLED = 0x2;
const SERVER_TRUST_ACCOUNT = 0x2000;
const PARTIAL_SECRETS_ACCOUNT = 0x4000000;

const attributes = [
  'sAMAccountName',
  'userPrincipalName',
  'objectSid',
  'userAccountControl',
  'primaryGroupID',
];
export const byGuid = (guid: string): string => `<GUID=${guid}>`;

/** By sAMAccountName, user principal name, `DOMAIN\name` or SID. None is an error, and so is more than one. */
export async function findAccount(
  directory: DirectoryReading,
  written: string,
  more: readonly string[] = [],
): Promise<Account> {
  const [domain, name] = written.includes('\\')
    ? (written.split('\\', 2) as [string, string])
    : [undefined, written];
  if (domain !== undefined) await expectDomain(directory, domain, written);
  const keys = ['sAMAccountName', ...(domain === undefined ? ['userPrincipalName'] : [])];
  if (/^S-1-[\d-]+$/i.test(name)) keys.push('objectSid');
  const ways = keys.map((attribute) => new EqualityFilter({ attribute, value: name }));
  const [before, domainPart] = name.split('@', 2) as [string, string?];
  if (domainPart?.toLowerCase() === domainOf(directory.baseDn).toLowerCase())
    ways.push(new EqualityFilter({ attribute: 'sAMAccountName', value: before }));
  const filter = new AndFilter({
    filters: [
      new EqualityFilter({ attribute: 'objectClass', value: 'user' }),
      new OrFilter({ filters: ways }),
    ],
  });
  const found = await directory.search(filter, [...attributes, ...more]);
  if (found.length > 1)
    throw errors.refused(
      `${JSON.stringify(written)} means ${found.length} accounts: ${found.map(({ dn }) => dn).join('; ')}`,
      'name the account by its SID',
    );
  if (found[0] === undefined) throw errors.notFound('directory account', written);
  return accountOf(found[0]);
}

/** The account with this identity now, or undefined when it is gone. */
export async function readAccount(
  directory: DirectoryReading,
  guid: string,
  more: readonly string[] = [],
): Promise<Account | undefined> {
  const entry = await directory.entry(byGuid(guid), [...attributes, ...more]);
  return entry === undefined ? undefined : accountOf(entry);
}

async function expectDomain(directory: DirectoryReading, domain: string, written: string): Promise<void> {
  const root = await directory.entry('', ['configurationNamingContext']);
  const partitions = await directory.search(
    new AndFilter({
      filters: [
        new EqualityFilter({ attribute: 'nETBIOSName', value: domain }),
        new EqualityFilter({ attribute: 'nCName', value: directory.baseDn }),
      ],
    }),
    [],
    `CN=Partitions,${root?.text('configurationNamingContext') ?? `CN=Configuration,${directory.baseDn}`}`,
  );
  if (partitions.length !== 1)
    throw errors.refused(`${JSON.stringify(written)} names another domain than ${directory.baseDn}`);
}

function accountOf(entry: DirectoryEntry): Account {
  const name = entry.text('sAMAccountName') ?? entry.dn;
  const sid = sidText(entry.bytes('objectSid')[0]);
  const control = Number(entry.text('userAccountControl') ?? 0);
  const principal = entry.text('userPrincipalName');
  // A principal name that nobody wrote down still works for a logon: name@domain.
  const implied = `${name}@${domainOf(entry.dn)}`;
  return {
    entry,
    guid: entry.guid,
    at: byGuid(entry.guid),
    name,
    sid,
    rid: Number(sid.slice(sid.lastIndexOf('-') + 1)),
    control,
    names: [name, entry.dn, sid, implied, ...(principal === undefined ? [] : [principal])],
    domainController: (control & (SERVER_TRUST_ACCOUNT | PARTIAL_SECRETS_ACCOUNT)) !== 0,
  };
}

/** `S-1-5-21-…` of the domain of an account. */
export const domainSidOf = ({ sid }: Account): string => sid.slice(0, sid.lastIndexOf('-'));

const domainOf = (dn: string): string =>
  [...dn.matchAll(/(?:^|,)DC=([^,]+)/gi)].map(([, part]) => part).join('.');

/** `S-1-5-21-…` from its bytes. */
export function sidText(bytes: Buffer | undefined): string {
  if (bytes === undefined || bytes.length < 8) return '';
  const parts = Array.from({ length: bytes[1]! }, (_, i) => bytes.readUInt32LE(8 + 4 * i));
  return ['S', bytes[0], bytes.readUIntBE(2, 6), ...parts].join('-');
}
