/** Samba's directory records: changed objects, group memberships, passwords and transactions. */
import type { Draft } from '../../core/event.ts';
import { addresses, connection } from './authentication.ts';
import { type Changes, readChanges } from './changes.ts';
import { domainOf, linkedObject, nameParts, objectName, plainName, userOfSid } from './names.ts';
import { type Json, number, present, text, unique } from './record.ts';

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
    ...base(body, 'dsdb', [...subject, known?.type ?? 'info'], known?.action ?? 'directory-operation'),
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
      ip: addresses(body),
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

const groupActions: Readonly<Record<string, string>> = {
  Added: 'added-member-to-group',
  Removed: 'removed-member-from-group',
  PrimaryGroup: 'primary-group-changed',
};

export function groupChange(body: Json): Draft {
  const written = text(body['action']) ?? 'unknown';
  const group = plainName(text(body['group']));
  const member = plainName(text(body['user']));
  // On creating an account Samba also writes "the account was added to itself"; that is no membership.
  const ownRecord = group !== undefined && group === member;
  const action = ownRecord
    ? 'account-group-record'
    : Object.hasOwn(groupActions, written)
      ? groupActions[written]!
      : 'group-change';
  const draft = base(body, 'group', ['group', 'change'], action);
  const target = objectName(member);
  return {
    ...draft,
    // "Failure" with status "Success" is written when a whole group goes; nothing is known of the outcome.
    event: {
      ...draft.event,
      outcome: written === 'Failure' ? 'unknown' : (draft.event.outcome ?? 'unknown'),
    },
    ...present({
      user: present({
        ...userOfSid(text(body['userSid'])),
        target: present({ name: target, domain: target === undefined ? undefined : domainOf(member) }),
      }),
      group: ownRecord ? undefined : present({ name: objectName(group), domain: domainOf(group) }),
    }),
    related: present({ user: unique([...userNames(body), target]), ip: addresses(body) }),
    vigia: {
      logsource: { product: 'samba', service: 'group' },
      samba: present({
        ...identifiers(body, 'groupChange'),
        action: written,
        group_dn: group,
        member_dn: member,
      }),
    },
  };
}

export function passwordChange(body: Json): Draft {
  const written = text(body['action']) ?? 'unknown';
  const dn = plainName(text(body['dn']));
  const action = written === 'Reset' ? 'password-reset' : 'password-changed';
  const target = objectName(dn);
  return {
    ...base(body, 'password', ['user', 'change'], action),
    ...present({
      user: present({
        ...userOfSid(text(body['userSid'])),
        target: present({ name: target, domain: target === undefined ? undefined : domainOf(dn) }),
      }),
    }),
    related: present({ user: unique([...userNames(body), target]), ip: addresses(body) }),
    vigia: {
      logsource: { product: 'samba', service: 'password' },
      samba: present({ ...identifiers(body, 'passwordChange'), action: written, dn, object: target }),
    },
  };
}

export function transaction(body: Json): Draft {
  const written = text(body['action']) ?? 'unknown';
  const outcome = written === 'commit' ? 'success' : written === 'rollback' ? 'failure' : 'unknown';
  const draft = base(body, 'transaction', ['info'], `transaction-${written}`);
  return {
    ...draft,
    event: { ...draft.event, category: ['database'], outcome },
    vigia: {
      logsource: { product: 'samba', service: 'transaction' },
      samba: present({
        ...identifiers(body, 'dsdbTransaction'),
        action: written,
        error: text(body['error']),
      }),
    },
  };
}

type IamType = 'user' | 'group' | 'change' | 'creation' | 'deletion' | 'info';

function base(
  body: Json,
  service: string,
  type: IamType[],
  action: string,
): Pick<Draft, 'event' | 'source' | 'destination'> {
  const code = number(body['statusCode']);
  const status = text(body['status']);
  const duration = number(body['duration']);
  return {
    event: {
      kind: 'event',
      category: ['iam'],
      type,
      action,
      outcome: code === undefined ? 'unknown' : code === 0 ? 'success' : 'failure',
      dataset: `samba.${service}`,
      ...present({
        code: text(body['eventId']),
        reason: code === 0 ? undefined : status,
        duration: duration === undefined ? undefined : duration * 1_000,
      }),
    },
    ...connection(body),
  };
}

const identifiers = (body: Json, type: string) => ({
  type,
  status: text(body['status']),
  status_code: number(body['statusCode']),
  transaction_id: text(body['transactionId']),
  session_id: text(body['sessionId']),
});

const userNames = (body: Json): (string | undefined)[] => {
  const user = userOfSid(text(body['userSid']));
  return [user.name, user.id];
};

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
