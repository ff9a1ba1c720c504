/** What a login of a SQL Server was given there and in each database, with the statement that takes it and the one that gives it back. */
import { type AccountServer, bracketed } from '../targets/account-server.ts';
import type { Row } from '../targets/postgresql.ts';
import { quotedLogin, type SqlServerLogin } from './sqlserver-login.ts';

/** Two rights are the same when they are given by the same words. */
export interface SqlServerRight {
  readonly give: string;
  readonly take: string;
}

export interface SqlServerRights {
  readonly rights: readonly SqlServerRight[];
  /** What it has and no statement of ours takes, or where we may not look, in words. */
  readonly beyond: readonly string[];
}

const SID = 'CONVERT(varbinary(85), @p1, 1)';

export async function readSqlServerRights(
  server: AccountServer,
  login: Pick<SqlServerLogin, 'name' | 'sid'>,
): Promise<SqlServerRights> {
  const read = (operation: string, sql: string) => server.read(operation, sql, [login.sid]);
  const found = [
    (await read('reading server roles', SERVER_ROLES)).map((row) => serverRole(login, row)),
    (await read('reading server permissions', SERVER_PERMISSIONS)).map((row) => serverPermission(login, row)),
  ];
  const beyond: string[] = [];
  for (const row of await read('reading databases', DATABASES)) {
    const name = String(row['name']);
    if (row['owned'] === 1) beyond.push(`everything in the database ${bracketed(name)}, which it owns`);
    if (row['open'] !== 1) {
      beyond.push(
        `whatever it has in the database ${bracketed(name)}, where the account of Vigia may not look`,
      );
      continue;
    }
    found.push((await read('reading database roles', databaseRoles(name))).map((each) => role(name, each)));
    const permissions = await read('reading database permissions', databasePermissions(name));
    found.push(permissions.map((each) => permission(name, each)));
  }
  const all = found.flat();
  return {
    rights: all.filter((each) => typeof each !== 'string'),
    beyond: [...beyond, ...all.filter((each) => typeof each === 'string')],
  };
}

const SERVER_ROLES = `SELECT r.name AS role FROM sys.server_role_members m
  JOIN sys.server_principals r ON r.principal_id = m.role_principal_id
  JOIN sys.server_principals l ON l.principal_id = m.member_principal_id
  WHERE l.sid = ${SID} ORDER BY r.name`;

/** The right to log on is left: taking it is disabling the login. */
const SERVER_PERMISSIONS = `SELECT p.class_desc AS class, p.permission_name AS permission, p.state, g.name AS grantor,
    o.name AS principal, o.type AS principal_type, e.name AS endpoint
  FROM sys.server_permissions p
  JOIN sys.server_principals l ON l.principal_id = p.grantee_principal_id
  JOIN sys.server_principals g ON g.principal_id = p.grantor_principal_id
  LEFT JOIN sys.server_principals o ON p.class = 101 AND o.principal_id = p.major_id
  LEFT JOIN sys.endpoints e ON p.class = 105 AND e.endpoint_id = p.major_id
  WHERE l.sid = ${SID} AND p.state IN ('G', 'W') AND p.permission_name <> 'CONNECT SQL'
  ORDER BY p.class, p.permission_name, p.major_id`;

const DATABASES = `SELECT name, CASE WHEN owner_sid = ${SID} THEN 1 ELSE 0 END AS owned, HAS_DBACCESS(name) AS [open]
  FROM sys.databases WHERE state = 0 ORDER BY name`;

const databaseRoles = (database: string) => {
  const sys = `${bracketed(database)}.sys`;
  return `SELECT u.name AS [user], r.name AS role FROM ${sys}.database_role_members m
  JOIN ${sys}.database_principals u ON u.principal_id = m.member_principal_id
  JOIN ${sys}.database_principals r ON r.principal_id = m.role_principal_id
  WHERE u.sid = ${SID} AND u.name <> 'dbo' ORDER BY r.name`;
};

const databasePermissions = (database: string) => {
  const sys = `${bracketed(database)}.sys`;
  return `SELECT u.name AS [user], p.class_desc AS class, p.permission_name AS permission, p.state, g.name AS grantor,
    s.name AS [schema], o.name AS object, c.name AS [column], t.name AS principal, t.type AS principal_type
  FROM ${sys}.database_permissions p
  JOIN ${sys}.database_principals u ON u.principal_id = p.grantee_principal_id
  JOIN ${sys}.database_principals g ON g.principal_id = p.grantor_principal_id
  LEFT JOIN ${sys}.all_objects o ON p.class = 1 AND o.object_id = p.major_id
  LEFT JOIN ${sys}.all_columns c ON p.class = 1 AND c.object_id = p.major_id AND c.column_id = p.minor_id
  LEFT JOIN ${sys}.schemas s ON s.schema_id = CASE p.class WHEN 1 THEN o.schema_id WHEN 3 THEN p.major_id END
  LEFT JOIN ${sys}.database_principals t ON p.class = 4 AND t.principal_id = p.major_id
  WHERE u.sid = ${SID} AND u.name <> 'dbo' AND p.state IN ('G', 'W') AND NOT (p.class = 0 AND p.permission_name = 'CONNECT')
  ORDER BY p.class, p.permission_name, p.major_id, p.minor_id`;
};

function serverRole(login: Pick<SqlServerLogin, 'name'>, row: Row): SqlServerRight {
  const change = `ALTER SERVER ROLE ${bracketed(String(row['role']))}`;
  return {
    give: `${change} ADD MEMBER ${quotedLogin(login)}`,
    take: `${change} DROP MEMBER ${quotedLogin(login)}`,
  };
}

function serverPermission(login: Pick<SqlServerLogin, 'name'>, row: Row): SqlServerRight | string {
  const named = (column: string) => bracketed(String(row[column]));
  const on: Readonly<Record<string, string>> = {
    SERVER: '',
    SERVER_PRINCIPAL: ` ON ${row['principal_type'] === 'R' ? 'SERVER ROLE' : 'LOGIN'}::${named('principal')}`,
    ENDPOINT: ` ON ENDPOINT::${named('endpoint')}`,
  };
  return granted(row, on[String(row['class'])], quotedLogin(login), '', 'the server');
}

function role(database: string, row: Row): SqlServerRight {
  const change = `USE ${bracketed(database)}; ALTER ROLE ${bracketed(String(row['role']))}`;
  const user = bracketed(String(row['user']));
  return { give: `${change} ADD MEMBER ${user}`, take: `${change} DROP MEMBER ${user}` };
}

const PRINCIPALS: Readonly<Record<string, string>> = { R: 'ROLE', A: 'APPLICATION ROLE' };

function permission(database: string, row: Row): SqlServerRight | string {
  const named = (column: string) => bracketed(String(row[column]));
  const column = row['column'] === null ? '' : ` (${named('column')})`;
  const on: Readonly<Record<string, string>> = {
    DATABASE: '',
    OBJECT_OR_COLUMN: ` ON OBJECT::${named('schema')}.${named('object')}${column}`,
    SCHEMA: ` ON SCHEMA::${named('schema')}`,
    DATABASE_PRINCIPAL: ` ON ${PRINCIPALS[String(row['principal_type']).trim()] ?? 'USER'}::${named('principal')}`,
  };
  const use = `USE ${bracketed(database)}; `;
  return granted(row, on[String(row['class'])], named('user'), use, `the database ${bracketed(database)}`);
}

/** In the name of the grantor, so that it is taken whoever gave it, and given back as it was. */
function granted(
  row: Row,
  on: string | undefined,
  to: string,
  use: string,
  where: string,
): SqlServerRight | string {
  const words = String(row['permission']);
  // Permissions are words of the language; nothing else may get into a statement that way.
  if (on === undefined || !/^[A-Z][A-Z ]*$/.test(words))
    return `${words} on a ${String(row['class']).toLowerCase()} of ${where}`;
  const further = row['state'] === 'W';
  const as = ` AS ${bracketed(String(row['grantor']))}`;
  return {
    give: `${use}GRANT ${words}${on} TO ${to}${further ? ' WITH GRANT OPTION' : ''}${as}`,
    take: `${use}REVOKE ${words}${on} FROM ${to}${further ? ' CASCADE' : ''}${as}`,
  };
}
