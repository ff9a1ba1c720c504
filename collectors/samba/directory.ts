/** Samba's records of objects added, changed and deleted, attribute by attribute. */
import type { Draft } from '../../core/event.ts';
import { addresses, connection } from './authentication.ts';
import { changeRecord, identifiers, userNames } from './change-record.ts';
import { type Changes, readChanges } from './changes.ts';
import { domainOf, linkedObject, nameParts, objectName, plainName, userOfSid } from './names.ts';
import { type Json, present, text, unique } from './record.ts';

const operations: Readonly<Record<string, { type: 'creation' | 'change' | 'deletion'; action: string }>> = {
  Add: { type: 'creation', action: 'directory-object-added' },
  Modify: { type: 'change', action: 'directory-object-modified' },
  Delete: { type: 'deletion', action: 'directory-object-deleted' },
};

export function directoryChange(body: Json): Draft {
  const operation = text(body['operation']) ?? 'unknown';
  const known = Object.hasOwn(operations, operation) ? operations[operation] : undefined;
  const changes = readChanges(body['attributes']);
  const dn = plainName(text(body['dn']));
  const kind = objectKind(dn, changes);
  const members = (changes.added['member'] ?? changes.removed['member'] ?? []).map(linkedObject);
  // ECS holds one target: a write that changes several members names them in `vigia.samba.members` only.
  const only = kind === 'group' && members.length === 1 ? members[0] : undefined;
  const target =
    kind === 'account'
      ? { name: changes.added['samaccountname']?.[0] ?? objectName(dn), domain: domainOf(dn) }
      : { name: objectName(only?.dn), id: only?.sid, domain: domainOf(only?.dn) };
  const subject = kind === 'group' ? ['group' as const] : kind === 'account' ? ['user' as const] : [];
  return {
    ...changeRecord(
      body,
      'dsdb',
      [...subject, known?.type ?? 'info'],
      known?.action ?? 'directory-operation',
    ),
    ...present({
      user: present({
        ...userOfSid(text(body['userSid'])),
        target: present(target),
        changes: present({ name: operation === 'Modify' ? changes.added['samaccountname']?.[0] : undefined }),
      }),
      group: kind === 'group' ? present({ name: objectName(dn), domain: domainOf(dn) }) : undefined,
    }),
    related: present({
      user: unique([
        ...userNames(body),
        target.name,
        ...members.flatMap((one) => [objectName(one.dn), one.sid]),
      ]),
      ip: addresses(connection(body)),
    }),
    vigia: {
      logsource: { product: 'samba', service: 'dsdb' },
      samba: present({
        ...identifiers(body, 'dsdbChange'),
        operation,
        dn,
        object: objectName(dn),
        members: unique(members.map((one) => objectName(one.dn))),
        performed_as_system:
          typeof body['performedAsSystem'] === 'boolean' ? body['performedAsSystem'] : undefined,
        attributes: changes.attributes,
        added: changes.added,
        removed: changes.removed,
        account_flags: changes.flags ? present(changes.flags) : undefined,
      }),
    },
  };
}

/** What a changed object is, as far as one record can tell; the record names the class only when the object is made. */
function objectKind(dn: string | undefined, changes: Changes): 'account' | 'group' | 'other' {
  const classes = (changes.added['objectclass'] ?? []).map((one) => one.toLowerCase());
  const touched = changes.attributes.map((name) => name.toLowerCase());
  if (classes.includes('group') || touched.some((name) => name === 'member' || name === 'grouptype'))
    return 'group';
  if (classes.some((one) => one === 'user' || one === 'computer' || one.startsWith('msds-')))
    return 'account';
  const parts = nameParts(dn ?? '');
  const inSystem = parts
    .slice(1)
    .some((part) => part.type === 'CN' && ['configuration', 'system'].includes(part.value.toLowerCase()));
  return classes.length === 0 && parts[0]?.type === 'CN' && !inSystem ? 'account' : 'other';
}
