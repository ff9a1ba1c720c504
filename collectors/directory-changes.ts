/**
 * Changes of an Active Directory (Microsoft or Samba), asked of one controller by update sequence numbers, become ECS events.
 *
 * | The directory says | Event |
 * | --- | --- |
 * | which attributes a write touched (`replPropertyMetaData`) | `vigia.directory.attributes`, `@timestamp`, `vigia.directory.origin` |
 * | a write without such a trace | `event.action` `directory-links-changed`: members, managers and other links; which ones it does not say |
 * | the object as it is now | `vigia.directory.values.*` (names in lower case), `.account_flags`, `.members`, `.member_count` |
 * | name and account | `user.target.name` or `group.name`, `.domain`; whole name in `vigia.directory.dn` |
 *
 * It never says who wrote: that is in the audit log of the controller.
 */
import type { Draft } from '../core/event.ts';
import { collector, type Normalised, reject } from './collector.ts';
import type { DirectoryRecord } from './directory/record.ts';
import { parseObject } from './json/parse-object.ts';
import { accountFlags } from './samba/account-flags.ts';
import { domainOf, objectName, plainName } from './samba/names.ts';
import { present, unique } from './samba/record.ts';

const CHANGES = {
  created: { type: 'creation', action: 'directory-object-created' },
  changed: { type: 'change', action: 'directory-object-changed' },
  deleted: { type: 'deletion', action: 'directory-object-deleted' },
  links: { type: 'change', action: 'directory-links-changed' },
} as const;

const utf8 = new TextDecoder('utf-8');

function normalise(raw: Uint8Array): Normalised {
  const text = utf8.decode(raw);
  const record = parseObject(text);
  if (typeof record === 'string') return reject(record);
  return isRecord(record)
    ? { event: eventOf(record, text) }
    : reject('no change of a directory: guid, dn, usn, change and at are needed');
}

const isRecord = (record: object): record is DirectoryRecord => {
  const { guid, dn, usn, change, at, classes, attributes, values } = record as Partial<DirectoryRecord>;
  return (
    typeof guid === 'string' &&
    typeof dn === 'string' &&
    typeof usn === 'number' &&
    typeof change === 'string' &&
    Object.hasOwn(CHANGES, change) &&
    typeof at === 'string' &&
    !Number.isNaN(Date.parse(at)) &&
    Array.isArray(classes) &&
    Array.isArray(attributes) &&
    typeof values === 'object' &&
    values !== null
  );
};

function eventOf(record: DirectoryRecord, original: string): Draft {
  const { type, action } = CHANGES[record.change];
  const dn = plainName(record.dn)!;
  const classes = record.classes.map((one) => String(one).toLowerCase());
  const kind = classes.includes('group') ? 'group' : classes.includes('user') ? 'user' : undefined;
  const named = { name: record.account ?? objectName(dn), domain: domainOf(dn) };
  const members = record.members?.map((member) => objectName(plainName(String(member))));
  const values = Object.entries(record.values).map(([name, value]) => [name.toLowerCase(), value]);
  return {
    '@timestamp': record.at,
    event: {
      kind: 'event',
      module: 'directory',
      dataset: 'directory.changes',
      category: kind === undefined ? ['configuration'] : ['iam'],
      type: kind === undefined ? [type] : [kind, type],
      action,
      outcome: 'success',
      original,
    },
    ...present({
      user: kind === 'user' ? { target: present(named) } : undefined,
      group: kind === 'group' ? present(named) : undefined,
      related: present({ user: unique([kind === 'user' ? named.name : undefined, ...(members ?? [])]) }),
    }),
    vigia: {
      logsource: { product: 'directory', service: 'changes' },
      directory: present({
        guid: record.guid,
        dn,
        object: objectName(dn),
        classes,
        attributes: unique(record.attributes.map(({ name }) => name)),
        origin: record.origin,
        usn: record.usn,
        values: Object.fromEntries(values) as Record<string, unknown>,
        account_flags: accountFlags(undefined, record.values['userAccountControl']?.[0])?.now,
        members: members && unique(members),
        member_count: record.memberCount,
      }),
    },
  };
}

export const directoryChanges = collector({
  id: 'directory-changes',
  title: 'Changes of an Active Directory',
  summary:
    'Asks one domain controller for the objects it wrote since the last time, deleted ones included: which attributes changed, when, and ' +
    'where the write came from. Needs an account that may read the directory. The directory does not say who wrote, nor what was there ' +
    'before, nor which member came or went: collect the audit log of the controllers, too.',
  guarantee:
    'Begins with what is written after the first look. An object that changed several times between two looks gives one event for each ' +
    'write that left a trace in its attributes; a change of members before another write of the same group is not seen by itself. ' +
    'When another controller answers, or its database was restored, changes are found by time and may come twice.',
  datasets: ['directory.changes'],
  framing: { kind: 'directory' },
  normalise,
});
