/** Who an audit event is about: the account that logged in, the account it acts as, the account it changes. */
import type { Draft } from '../../core/event.ts';

/** Decoded values of an event by key; the first record that has one wins. */
export type Values = ReadonlyMap<string, string>;

/** Programs whose `acct` is the person who logs in, rather than somebody whom a person becomes. */
const LOGIN_PROGRAM =
  /(?:^|\/)(?:sshd(?:-session|-auth)?|login|gdm[\w-]*|lightdm|sddm[\w-]*|xrdp[\w-]*|crond?|atd|systemd|vsftpd)$/;
const ACCOUNT_TYPES =
  /^(?:ADD_USER|DEL_USER|USER_MGMT|USER_CHAUTHTOK|ACCT_|CHUSER_ID|ADD_GROUP|DEL_GROUP|GRP_)/;
/** What PAM writes for a name that does not exist, so that a password typed as a name is not logged. */
const NOBODY = /^(?:\?|\(unknown(?: user)?\)|\(invalid user\)|\(null\)|unset)$/;
const UNSET = new Set(['4294967295', '-1', '4294967294']);

export const isNobody = (acct: string | undefined): boolean =>
  acct !== undefined && acct !== '?' && NOBODY.test(acct);
const named = (name: string | undefined): string | undefined =>
  name === undefined || name === '' || NOBODY.test(name) || name.startsWith('unknown(') ? undefined : name;
const numbered = (id: string | undefined): string | undefined =>
  id === undefined || UNSET.has(id) ? undefined : id;

interface Person {
  name?: string;
  id?: string;
}
const person = (name: string | undefined, id: string | undefined): Person => ({
  ...(named(name) === undefined ? {} : { name: named(name)! }),
  ...(numbered(id) === undefined ? {} : { id: numbered(id)! }),
});
const isKnown = (one: Person) => Object.keys(one).length > 0;

/** `useradd -m svc` and its like name the account last. */
const ACCOUNT_TOOL =
  /(?:^|\/)(?:useradd|adduser|usermod|userdel|deluser|passwd|chage|chsh|groupadd|groupdel|gpasswd)$/;
function argumentTarget(args: readonly string[]): string | undefined {
  const last = args.at(-1);
  return args.length > 1 &&
    ACCOUNT_TOOL.test(args[0]!) &&
    last !== undefined &&
    /^[a-z_][\w.-]{0,31}\$?$/i.test(last)
    ? last
    : undefined;
}

export function people(
  type: string,
  values: Values,
  args: readonly string[],
): { user?: NonNullable<Draft['user']>; group?: string } {
  const login = person(values.get('AUID'), values.get('auid'));
  const current = person(values.get('UID'), values.get('uid'));
  const acct = named(values.get('acct'));
  const isLogin = LOGIN_PROGRAM.test(values.get('exe') ?? '') && !ACCOUNT_TYPES.test(type);
  let who = numbered(login.id) === undefined ? current : login;
  if (isLogin && (acct !== undefined || values.has('id') || values.has('acct'))) {
    const id = values.get('id') ?? login.id;
    // The name that PAM was given beats the one that auditd looked up, maybe on another host.
    who = person(acct ?? values.get('ID') ?? (values.has('acct') ? undefined : login.name), id);
  }
  const effective = person(values.get('EUID'), values.get('euid'));
  const became = isLogin || ACCOUNT_TYPES.test(type) || type === 'USER_AUTH' ? undefined : acct;
  const target = ACCOUNT_TYPES.test(type)
    ? person(acct ?? values.get('ID'), values.get('id'))
    : person(argumentTarget(args), undefined);
  const as = became === undefined ? effective : { name: became };
  const user = {
    ...who,
    ...(isKnown(as) && as.id !== (who.id ?? '') ? { effective: as } : {}),
    ...(isKnown(target) && !/GROUP|GRP/.test(type) ? { target } : {}),
  };
  const group =
    named(values.get('grp') ?? values.get('new_group')) ?? (/GROUP|GRP/.test(type) ? acct : undefined);
  return { ...(Object.keys(user).length === 0 ? {} : { user }), ...(group === undefined ? {} : { group }) };
}
