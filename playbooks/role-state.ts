/** What a PostgreSQL role may do, read from the catalogue, and the statements that turn one such state into another. */
import { type Postgresql, quoted, type Statement } from '../targets/postgresql.ts';

export interface Membership {
  readonly of: string;
  readonly admin: boolean;
  readonly grantor: string;
  /** From PostgreSQL 16. */
  readonly inherit?: boolean;
  readonly set?: boolean;
}

export interface RoleState {
  readonly oid: number;
  readonly name: string;
  /** Keyword → set: `{LOGIN: true, SUPERUSER: false, …}`. */
  readonly flags: Readonly<Record<string, boolean>>;
  readonly connectionLimit: number;
  /** As PostgreSQL writes it (`-infinity` too); null when the password never expires. */
  readonly validUntil: string | null;
  readonly memberships: readonly Membership[];
}

export const FLAGS = {
  LOGIN: 'rolcanlogin',
  SUPERUSER: 'rolsuper',
  CREATEROLE: 'rolcreaterole',
  CREATEDB: 'rolcreatedb',
  BYPASSRLS: 'rolbypassrls',
  REPLICATION: 'rolreplication',
} as const;
/** The expiry of a locked role. */
export const NEVER = '-infinity';

/** How much of a role is looked at. */
export type Scope = 'logon and powers' | 'powers';

/** Flags of the scope that the role has. */
export const takenFlags = (now: RoleState, scope: Scope): string[] =>
  Object.keys(FLAGS).filter((flag) => now.flags[flag] && (scope === 'logon and powers' || flag !== 'LOGIN'));

/** The role without what the scope names. */
export function taken(now: RoleState, scope: Scope): RoleState {
  const none = Object.fromEntries(Object.keys(FLAGS).map((flag) => [flag, false]));
  return scope === 'powers'
    ? { ...now, flags: { ...none, LOGIN: now.flags['LOGIN'] === true }, memberships: [] }
    : { ...now, flags: none, connectionLimit: 0, validUntil: NEVER, memberships: [] };
}

/** The role as it was, in what the scope names. */
export function restored(now: RoleState, before: RoleState, scope: Scope): RoleState {
  if (scope === 'powers')
    return {
      ...now,
      flags: { ...before.flags, LOGIN: now.flags['LOGIN'] === true },
      memberships: before.memberships,
    };
  // VALID UNTIL cannot be set back to null; 'infinity' is PostgreSQL's own word for "never expires".
  return { ...before, validUntil: before.validUntil ?? (now.validUntil === null ? null : 'infinity') };
}

/** Only what differs: changing the superuser flag, even to what it is, asks for a superuser. */
export function statements(database: Postgresql, from: RoleState, to: RoleState): Statement[] {
  const name = quoted(from.name);
  const options = Object.keys(FLAGS)
    .filter((flag) => from.flags[flag] !== to.flags[flag])
    .map((flag) => (to.flags[flag] ? flag : `NO${flag}`));
  if (from.connectionLimit !== to.connectionLimit)
    options.push(`CONNECTION LIMIT ${Number(to.connectionLimit)}`);
  if (from.validUntil !== to.validUntil && to.validUntil !== null)
    options.push(`VALID UNTIL ${literal(to.validUntil)}`);
  const same = (a: Membership) => (b: Membership) =>
    a.of === b.of &&
    a.admin === b.admin &&
    a.grantor === b.grantor &&
    a.inherit === b.inherit &&
    a.set === b.set;
  const revoked = from.memberships.filter((each) => !to.memberships.some(same(each)));
  const given = to.memberships.filter((each) => !from.memberships.some(same(each)));
  return [
    ...(options.length > 0 ? [{ sql: `ALTER ROLE ${name} ${options.join(' ')}` }] : []),
    ...revoked.map(({ of, grantor }) => ({
      sql: `REVOKE ${quoted(of)} FROM ${name}${grantedBy(database, grantor)}`,
    })),
    ...given.map((each) => ({
      sql: `GRANT ${quoted(each.of)} TO ${name}${withOptions(database, each)} GRANTED BY ${quoted(each.grantor)}`,
    })),
  ];
}

/** Up to version 15 a membership exists once, whoever granted it; from 16 on once per grantor. */
const grantedBy = (database: Postgresql, grantor: string) =>
  database.version >= 160_000 ? ` GRANTED BY ${quoted(grantor)}` : '';

function withOptions(database: Postgresql, { admin, inherit, set }: Membership): string {
  if (database.version < 160_000) return admin ? ' WITH ADMIN OPTION' : '';
  return ` WITH ADMIN ${admin}, INHERIT ${inherit ?? true}, SET ${set ?? true}`;
}

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

export async function readRole(database: Postgresql, oid: number): Promise<RoleState | undefined> {
  const [row] = await database.read(
    'reading the role',
    `SELECT rolname, ${Object.values(FLAGS).join(', ')}, rolconnlimit, rolvaliduntil::text FROM pg_roles WHERE oid = $1`,
    [oid],
  );
  if (row === undefined) return undefined;
  const more = database.version >= 160_000 ? ', m.inherit_option AS inherit, m.set_option AS set' : '';
  const memberships = await database.read(
    'reading memberships',
    `SELECT g.rolname AS of, m.admin_option AS admin, pg_get_userbyid(m.grantor) AS grantor${more}
       FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid WHERE m.member = $1 ORDER BY g.rolname, grantor`,
    [oid],
  );
  return {
    oid,
    name: String(row['rolname']),
    flags: Object.fromEntries(Object.entries(FLAGS).map(([flag, column]) => [flag, row[column] === true])),
    connectionLimit: Number(row['rolconnlimit']),
    validUntil: row['rolvaliduntil'] === null ? null : String(row['rolvaliduntil']),
    // The columns are named after the fields.
    memberships: memberships as unknown as Membership[],
  };
}
