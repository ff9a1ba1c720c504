/** What an account of an Oracle database was given, each with the statement that takes it and the one that gives it back. */
import { doubleQuoted } from '../targets/account-server.ts';
import type { Oracle } from '../targets/oracle.ts';
import type { Row } from '../targets/postgresql.ts';
import { everywhere, type OracleAccount, quotedAccount } from './oracle-account.ts';

/** Two rights are the same when they are given by the same words. */
export interface OracleRight {
  readonly give: string;
  readonly take: string;
}

export interface OracleRights {
  readonly rights: readonly OracleRight[];
  /** Those of its roles that work from the logon on. */
  readonly defaultRoles: readonly string[];
  /** What it has and no statement of ours takes, in words. */
  readonly beyond: readonly string[];
}

type Named = Pick<OracleAccount, 'name'>;

export async function readOracleRights(database: Oracle, account: Named): Promise<OracleRights> {
  const read = (operation: string, sql: string) => database.read(operation, sql, [account.name]);
  const system = await read(
    'reading system privileges',
    'SELECT privilege, admin_option AS admin, common, inherited FROM dba_sys_privs WHERE grantee = :1 ORDER BY privilege',
  );
  const roles = await read(
    'reading roles',
    `SELECT granted_role AS role, admin_option AS admin, delegate_option AS delegates, default_role AS is_default,
       common, inherited FROM dba_role_privs WHERE grantee = :1 ORDER BY granted_role`,
  );
  const objects = await read(
    'reading object privileges',
    `SELECT owner, table_name AS object, type, privilege, grantable, hierarchy, common, inherited
       FROM dba_tab_privs WHERE grantee = :1 ORDER BY owner, table_name, privilege`,
  );
  const columns = await read(
    'reading column privileges',
    `SELECT owner, table_name AS object, column_name AS col, privilege, grantable, common, inherited
       FROM dba_col_privs WHERE grantee = :1 ORDER BY owner, table_name, column_name, privilege`,
  );
  const proxies = await read(
    'reading for whom it may act',
    'SELECT client, authentication, authorization_constraint AS how, role FROM dba_proxies WHERE proxy = :1 ORDER BY client, role',
  );
  const powers = await read(
    'reading administrative privileges',
    'SELECT sysdba, sysoper, sysbackup, sysdg, syskm, sysasm FROM v$pwfile_users WHERE username = :1',
  );
  const inherited = [...system, ...roles, ...objects, ...columns].filter((row) => row['inherited'] === 'YES');
  const own = (rows: readonly Row[]) => rows.filter((row) => row['inherited'] !== 'YES');
  const rights = [
    ...own(system).map((row) => systemRight(account, row)),
    ...own(roles).map((row) => roleRight(account, row)),
    ...own(objects).map((row) => objectRight(account, row)),
    ...own(columns).map((row) => columnRight(account, row)),
    ...[...Map.groupBy(proxies, ({ client }) => String(client))].map(([client, rows]) =>
      proxyRight(account, client, rows),
    ),
  ];
  return {
    // The same right from two grantors is there twice, and is taken and given once.
    rights: [...new Map(rights.map((right) => [right.give, right])).values()],
    defaultRoles: roles.filter((row) => row['is_default'] === 'YES').map(({ role }) => String(role)),
    beyond: [
      ...powers.flatMap((row) =>
        Object.keys(row)
          .filter((power) => row[power] === 'TRUE')
          .map((power) => `${power.toUpperCase()} of the password file`),
      ),
      ...inherited.map(
        (row) => `${String(row['privilege'] ?? row['role'])}, given in the root for all containers`,
      ),
    ],
  };
}

const option = (yes: unknown, words: string): string => (yes === 'YES' ? ` WITH ${words} OPTION` : '');
const inAll = (row: Row): string => everywhere(row['common'] === 'YES');

function systemRight(account: Named, row: Row): OracleRight {
  const privilege = keywords(row['privilege']);
  const to = quotedAccount(account);
  return {
    give: `GRANT ${privilege} TO ${to}${option(row['admin'], 'ADMIN')}${inAll(row)}`,
    take: `REVOKE ${privilege} FROM ${to}${inAll(row)}`,
  };
}

function roleRight(account: Named, row: Row): OracleRight {
  const role = doubleQuoted(String(row['role']));
  const to = quotedAccount(account);
  return {
    give: `GRANT ${role} TO ${to}${option(row['admin'], 'ADMIN')}${option(row['delegates'], 'DELEGATE')}${inAll(row)}`,
    take: `REVOKE ${role} FROM ${to}${inAll(row)}`,
  };
}

function objectRight(account: Named, row: Row): OracleRight {
  const on = objectOf(row);
  const privilege = keywords(row['privilege']);
  const to = quotedAccount(account);
  return {
    give: `GRANT ${privilege} ON ${on} TO ${to}${option(row['hierarchy'], 'HIERARCHY')}${option(row['grantable'], 'GRANT')}${inAll(row)}`,
    take: `REVOKE ${privilege} ON ${on} FROM ${to}${inAll(row)}`,
  };
}

/** Rights on columns are given by column and taken by table. */
function columnRight(account: Named, row: Row): OracleRight {
  const on = objectOf(row);
  const privilege = keywords(row['privilege']);
  const to = quotedAccount(account);
  return {
    give: `GRANT ${privilege} (${doubleQuoted(String(row['col']))}) ON ${on} TO ${to}${option(row['grantable'], 'GRANT')}${inAll(row)}`,
    take: `REVOKE ${privilege} ON ${on} FROM ${to}${inAll(row)}`,
  };
}

/** The account may act as `client`, with all its roles, none, these, or all but these. */
function proxyRight(account: Named, client: string, rows: readonly Row[]): OracleRight {
  const through = `CONNECT THROUGH ${quotedAccount(account)}`;
  const named = rows.flatMap(({ role }) => (role === null ? [] : [doubleQuoted(String(role))])).join(', ');
  const how: Readonly<Record<string, string>> = {
    'NO CLIENT ROLES MAY BE ACTIVATED': ' WITH NO ROLES',
    'PROXY MAY ACTIVATE ROLE': ` WITH ROLE ${named}`,
    'PROXY MAY NOT ACTIVATE ROLE': ` WITH ROLE ALL EXCEPT ${named}`,
  };
  const asks = rows[0]?.['authentication'] === 'YES' ? ' AUTHENTICATION REQUIRED' : '';
  return {
    give: `ALTER USER ${doubleQuoted(client)} GRANT ${through}${how[String(rows[0]?.['how'])] ?? ''}${asks}`,
    take: `ALTER USER ${doubleQuoted(client)} REVOKE ${through}`,
  };
}

/** What is not a table, view or program is named with its kind. */
const KINDS: Readonly<Record<string, 'with owner' | 'alone'>> = {
  DIRECTORY: 'alone',
  EDITION: 'alone',
  USER: 'alone',
  'MINING MODEL': 'with owner',
  'JAVA SOURCE': 'with owner',
  'JAVA RESOURCE': 'with owner',
  'SQL TRANSLATION PROFILE': 'with owner',
};

function objectOf(row: Row): string {
  const kind = String(row['type'] ?? 'TABLE');
  const name = doubleQuoted(String(row['object']));
  const full = `${doubleQuoted(String(row['owner']))}.${name}`;
  if (KINDS[kind] === 'alone') return `${kind} ${name}`;
  return KINDS[kind] === 'with owner' ? `${kind} ${full}` : full;
}

/** Privileges are words of the language; nothing else may get into a statement that way. */
function keywords(privilege: unknown): string {
  const text = String(privilege);
  if (!/^[A-Z][A-Z ]*$/.test(text)) throw new Error(`not the name of a privilege: ${JSON.stringify(text)}`);
  return text;
}
