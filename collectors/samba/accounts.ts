/** Samba's records of group memberships, passwords and transactions. */
import type { Draft } from '../../core/event.ts';
import { addresses, connection } from './authentication.ts';
import { changeRecord, identifiers, userNames } from './change-record.ts';
import { domainOf, objectName, plainName, userOfSid } from './names.ts';
import { type Json, present, text, unique } from './record.ts';

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
  const draft = changeRecord(body, 'group', ['group', 'change'], action);
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
    related: present({ user: unique([...userNames(body), target]), ip: addresses(connection(body)) }),
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
    ...changeRecord(body, 'password', ['user', 'change'], action),
    ...present({
      user: present({
        ...userOfSid(text(body['userSid'])),
        target: present({ name: target, domain: target === undefined ? undefined : domainOf(dn) }),
      }),
    }),
    related: present({ user: unique([...userNames(body), target]), ip: addresses(connection(body)) }),
    vigia: {
      logsource: { product: 'samba', service: 'password' },
      samba: present({ ...identifiers(body, 'passwordChange'), action: written, dn, object: target }),
    },
  };
}

export function transaction(body: Json): Draft {
  const written = text(body['action']) ?? 'unknown';
  const outcome = written === 'commit' ? 'success' : written === 'rollback' ? 'failure' : 'unknown';
  const draft = changeRecord(body, 'transaction', ['info'], `transaction-${written}`);
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
