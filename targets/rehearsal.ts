/**
 * A directory to rehearse on: an export (LDIF) whose changes go into a copy, never to a server. For exercises, training and
 * the demo: plans, approvals, proofs and undo are real, what they touch is not. Every sentence it takes part in says so.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { AndFilter, EqualityFilter, ExtensibleFilter, type Filter, NotFilter, OrFilter } from 'ldapts';
import { errors } from '../core/errors.ts';
import { type ChangeCalls, changing } from './calls.ts';
import type { Directory, DirectoryChange } from './directory.ts';
import { sidText } from './directory-accounts.ts';
import { type DirectoryEntry, entryOf } from './directory-entry.ts';
import { type LdifEntry, readLdif, writeLdif } from './ldif.ts';
import type { RehearsalSettings } from './settings.ts';

const IN_CHAIN = '1.2.840.113556.1.4.1941';

/** Reads the copy anew for each use, as a client connects anew: several processes see each other's changes. */
export async function withRehearsal<T>(
  system: string,
  settings: RehearsalSettings,
  calls: ChangeCalls,
  use: (directory: Directory) => Promise<T>,
): Promise<T> {
  const path = existsSync(settings.copy) ? settings.copy : settings.export;
  let entries: LdifEntry[];
  try {
    entries = readLdif(readFileSync(path, 'utf8'), path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === undefined || cause instanceof SyntaxError) throw cause;
    throw errors.remote(`target ${system}`, `reading the directory export ${path}`, cause);
  }
  const root = entries.find(({ dn }) => /^DC=/i.test(dn));
  if (root === undefined)
    throw errors.usage(`target ${system}: ${path} holds no domain`, 'its first entry is "dn: DC=…"');
  return await use(rehearsed(root.dn, entries, settings, calls));
}

function rehearsed(
  baseDn: string,
  entries: readonly LdifEntry[],
  settings: RehearsalSettings,
  calls: ChangeCalls,
): Directory {
  const find = (name: string) => entries.find((entry) => isNamed(entry, name));
  const shown = (entry: LdifEntry): DirectoryEntry =>
    entryOf({ dn: entry.dn, ...Object.fromEntries(entry.attributes), ...computed(entry, entries) });
  return {
    baseDn,
    server: `the rehearsal of ${basename(settings.export)}`,
    search: async (filter, _attributes, base = baseDn) => {
      if (typeof filter === 'string') throw new Error(`a rehearsal reads no filter text: ${filter}`);
      return entries.filter((entry) => isUnder(entry.dn, base) && meets(entry, filter, entries)).map(shown);
    },
    entry: async (name) => {
      const entry = name === '' ? undefined : find(name);
      return entry && shown(entry);
    },
    accepts: async () => {
      throw errors.refused('a rehearsal knows no passwords');
    },
    modify: async (name, changes) => {
      const entry = find(name);
      if (entry === undefined) throw errors.notFound('directory entry', name);
      await changing(calls, `rehearse ${changes.map(({ attribute }) => attribute).join(', ')}`, async () => {
        for (const change of changes) apply(entry, change);
        save(settings.copy, writeLdif(entries));
      });
    },
  };
}

const same = (left: string, right: string): boolean => left.toLowerCase() === right.toLowerCase();
const isUnder = (dn: string, base: string): boolean =>
  same(dn, base) || dn.toLowerCase().endsWith(`,${base.toLowerCase()}`);

/** Names of attributes ignore letter case; the way they are written in the export is kept. */
const nameIn = ({ attributes }: LdifEntry, attribute: string): string =>
  [...attributes.keys()].find((name) => same(name, attribute)) ?? attribute;
const valuesOf = (entry: LdifEntry, attribute: string): Buffer[] =>
  entry.attributes.get(nameIn(entry, attribute)) ?? [];
const textsOf = (entry: LdifEntry, attribute: string): string[] =>
  valuesOf(entry, attribute).map((value) =>
    same(attribute, 'objectSid') ? sidText(value) : value.toString(),
  );

/** A DN, `<GUID=…>` or `<SID=…>`. */
function isNamed(entry: LdifEntry, name: string): boolean {
  const [, kind, id] = /^<(GUID|SID)=(.+)>$/i.exec(name) ?? [];
  if (kind === undefined || id === undefined) return same(entry.dn, name);
  if (same(kind, 'SID')) return textsOf(entry, 'objectSid').includes(id);
  return same(entryOf({ dn: entry.dn, objectGUID: valuesOf(entry, 'objectGUID') }).guid, id);
}

function meets(entry: LdifEntry, filter: Filter, entries: readonly LdifEntry[]): boolean {
  if (filter instanceof AndFilter) return filter.filters.every((one) => meets(entry, one, entries));
  if (filter instanceof OrFilter) return filter.filters.some((one) => meets(entry, one, entries));
  if (filter instanceof NotFilter) return !meets(entry, filter.filter, entries);
  if (filter instanceof EqualityFilter)
    return textsOf(entry, filter.attribute).some((text) => same(text, String(filter.value)));
  if (filter instanceof ExtensibleFilter && filter.rule === IN_CHAIN && same(filter.matchType, 'member'))
    return groupsAbove(String(filter.value), entries).includes(entry);
  throw new Error(`a rehearsal cannot answer the filter ${filter}`);
}

/** What a server works out at each search: the other end of `member`, and all groups in the end. */
function computed(entry: LdifEntry, entries: readonly LdifEntry[]): Record<string, string[] | Buffer[]> {
  const primary = primaryGroup(entry, entries);
  const above = [
    ...groupsAbove(entry.dn, entries),
    ...(primary ? [primary, ...groupsAbove(primary.dn, entries)] : []),
  ];
  return {
    memberOf: directGroups(entry.dn, entries).map(({ dn }) => dn),
    tokenGroups: [...new Set(above)].flatMap((group) => valuesOf(group, 'objectSid')),
  };
}

const directGroups = (member: string, entries: readonly LdifEntry[]): LdifEntry[] =>
  entries.filter((entry) => textsOf(entry, 'member').some((dn) => same(dn, member)));

function groupsAbove(member: string, entries: readonly LdifEntry[]): LdifEntry[] {
  const found = new Set<LdifEntry>();
  const waiting = directGroups(member, entries);
  for (let group = waiting.pop(); group !== undefined; group = waiting.pop()) {
    if (found.has(group)) continue;
    found.add(group);
    waiting.push(...directGroups(group.dn, entries));
  }
  return [...found];
}

function primaryGroup(entry: LdifEntry, entries: readonly LdifEntry[]): LdifEntry | undefined {
  const [rid] = textsOf(entry, 'primaryGroupID');
  const [sid] = textsOf(entry, 'objectSid');
  return rid === undefined || sid === undefined
    ? undefined
    : entries.find((one) => isNamed(one, `<SID=${sid.slice(0, sid.lastIndexOf('-'))}-${rid}>`));
}

/** As a directory: taking away what is not there, or giving what is, is refused. */
function apply(entry: LdifEntry, { operation, attribute, values }: DirectoryChange): void {
  const name = nameIn(entry, attribute);
  const had = valuesOf(entry, attribute);
  const given = values.map((value) => Buffer.from(value as string));
  const isIn = (list: readonly Buffer[], value: Buffer) =>
    list.some((one) => one.equals(value) || same(one.toString(), value.toString()));
  const refuse = (what: string) => {
    throw errors.remote('rehearsal', `changing ${attribute} of ${entry.dn}`, new Error(what));
  };
  if (operation === 'delete' && given.some((value) => !isIn(had, value))) refuse('the value is not there');
  if (operation === 'add' && given.some((value) => isIn(had, value))) refuse('the value is there already');
  const next =
    operation === 'replace'
      ? given
      : operation === 'add'
        ? [...had, ...given]
        : had.filter((value) => !isIn(given, value));
  if (next.length > 0) entry.attributes.set(name, next);
  else entry.attributes.delete(name);
}

/** Whole or not at all. */
function save(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
