/** Answers as SQL Server 2019 documents them, for one login that the test looks into. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Row } from '../../targets/postgresql.ts';
import type { TargetsSettings } from '../../targets/settings.ts';
import {
  type Answer,
  type RecordedDatabase,
  recordedSqlServer,
  sqlServerError,
} from './recorded-database.ts';

export interface LoginState {
  name: string;
  number: number;
  type: string;
  disabled: boolean;
  secret: string;
  /** Session → how `KILL` of it ends. */
  sessions: Map<number, 'ends' | 'is gone'>;
  jobs: number;
  serverRoles: Row[];
  serverPermissions: Row[];
  databases: Row[];
  /** Of the database `pay`. */
  roles: Row[];
  permissions: Row[];
}

export interface SqlServerRecord extends RecordedDatabase {
  readonly login: LoginState;
  readonly targets: TargetsSettings;
  readonly handover: string;
  close(): void;
}

export const SID = '0x01AB';
const BY_SID = 'CONVERT(varbinary(85), @p1, 1)';
const READ = `SELECT name, CONVERT(varchar(172), sid, 1) AS sid, principal_id AS number, type, is_disabled AS disabled
  FROM sys.server_principals WHERE type IN ('S', 'U', 'G', 'E', 'X')`;
const REMOTE = 'Va1-sqlserver-secret';

/** `changes` are the statements that the test expects to be sent, with their effect. */
export function sqlServerRecord(
  given: Partial<LoginState>,
  changes: (login: LoginState) => Readonly<Record<string, Answer>>,
): SqlServerRecord {
  process.env['VIGIA_TEST_SQLSERVER'] = REMOTE;
  const handover = mkdtempSync(join(tmpdir(), 'vigia-sqlserver-'));
  const login: LoginState = {
    name: 'payments_app',
    number: 271,
    type: 'S',
    disabled: false,
    secret: 'known to others',
    sessions: new Map(),
    jobs: 0,
    serverRoles: [],
    serverPermissions: [],
    databases: [{ name: 'pay', owned: 0, open: 1 }],
    roles: [],
    permissions: [],
    ...given,
  };
  const shown = () => {
    const { name, number, type, disabled } = login;
    return { name, sid: SID, number, type, disabled };
  };
  const ofLogin = (rows: () => readonly Row[]) => (values: readonly unknown[]) =>
    values[0] === SID ? rows() : [];
  const kills = Object.fromEntries(
    [...login.sessions].map(([session, how]) => [
      `IF EXISTS (SELECT 1 FROM sys.dm_exec_sessions WHERE session_id = ${session} AND original_login_name = N'${login.name.replaceAll("'", "''")}') KILL ${session}`,
      () => {
        login.sessions.delete(session);
        if (how === 'is gone')
          throw sqlServerError(6106, `Process ID ${session} is not an active process ID.`);
      },
    ]),
  );
  const database = recordedSqlServer({
    logon(user, secret) {
      if (user !== 'vigia' || secret !== REMOTE)
        throw sqlServerError(18_456, `Login failed for user '${user}'.`);
    },
    record: {
      [`SELECT CONVERT(nvarchar(256), SERVERPROPERTY('ServerName')) AS name`]: () => [{ name: 'DB2\\PAY' }],
      [`${READ} AND name = @p1`]: ([name]) => (name === login.name ? [shown()] : []),
      [`${READ} AND sid = ${BY_SID}`]: ofLogin(() => [shown()]),
      [`SELECT COUNT(*) AS jobs FROM msdb.dbo.sysjobs WHERE owner_sid = ${BY_SID} AND enabled = 1`]: ofLogin(
        () => [{ jobs: login.jobs }],
      ),
      [`SELECT s.session_id AS id, s.host_name AS machine, s.program_name AS program FROM sys.dm_exec_sessions s
        WHERE s.is_user_process = 1 AND s.original_login_name = @p1 AND s.session_id <> @@SPID AND NOT EXISTS
          (SELECT 1 FROM sys.dm_exec_requests r WHERE r.session_id = s.session_id AND r.command = 'KILLED/ROLLBACK')
        ORDER BY s.session_id`]: ([name]) =>
        name === login.name
          ? [...login.sessions.keys()].map((id) => ({ id, machine: 'ws9', program: 'sqlcmd' }))
          : [],
      'SELECT PWDCOMPARE(@p1, password_hash) AS same FROM sys.sql_logins WHERE sid = CONVERT(varbinary(85), @p2, 1)':
        ([secret]) => [{ same: secret === login.secret ? 1 : 0 }],
      [`SELECT r.name AS role FROM sys.server_role_members m
        JOIN sys.server_principals r ON r.principal_id = m.role_principal_id
        JOIN sys.server_principals l ON l.principal_id = m.member_principal_id
        WHERE l.sid = ${BY_SID} ORDER BY r.name`]: ofLogin(() => login.serverRoles),
      [`SELECT p.class_desc AS class, p.permission_name AS permission, p.state, g.name AS grantor,
          o.name AS principal, o.type AS principal_type, e.name AS endpoint
        FROM sys.server_permissions p
        JOIN sys.server_principals l ON l.principal_id = p.grantee_principal_id
        JOIN sys.server_principals g ON g.principal_id = p.grantor_principal_id
        LEFT JOIN sys.server_principals o ON p.class = 101 AND o.principal_id = p.major_id
        LEFT JOIN sys.endpoints e ON p.class = 105 AND e.endpoint_id = p.major_id
        WHERE l.sid = ${BY_SID} AND p.state IN ('G', 'W') AND p.permission_name <> 'CONNECT SQL'
        ORDER BY p.class, p.permission_name, p.major_id`]: ofLogin(() => login.serverPermissions),
      [`SELECT name, CASE WHEN owner_sid = ${BY_SID} THEN 1 ELSE 0 END AS owned, HAS_DBACCESS(name) AS [open]
        FROM sys.databases WHERE state = 0 ORDER BY name`]: ofLogin(() => login.databases),
      [`SELECT u.name AS [user], r.name AS role FROM [pay].sys.database_role_members m
        JOIN [pay].sys.database_principals u ON u.principal_id = m.member_principal_id
        JOIN [pay].sys.database_principals r ON r.principal_id = m.role_principal_id
        WHERE u.sid = ${BY_SID} AND u.name <> 'dbo' ORDER BY r.name`]: ofLogin(() => login.roles),
      [`SELECT u.name AS [user], p.class_desc AS class, p.permission_name AS permission, p.state, g.name AS grantor,
          s.name AS [schema], o.name AS object, c.name AS [column], t.name AS principal, t.type AS principal_type
        FROM [pay].sys.database_permissions p
        JOIN [pay].sys.database_principals u ON u.principal_id = p.grantee_principal_id
        JOIN [pay].sys.database_principals g ON g.principal_id = p.grantor_principal_id
        LEFT JOIN [pay].sys.all_objects o ON p.class = 1 AND o.object_id = p.major_id
        LEFT JOIN [pay].sys.all_columns c ON p.class = 1 AND c.object_id = p.major_id AND c.column_id = p.minor_id
        LEFT JOIN [pay].sys.schemas s ON s.schema_id = CASE p.class WHEN 1 THEN o.schema_id WHEN 3 THEN p.major_id END
        LEFT JOIN [pay].sys.database_principals t ON p.class = 4 AND t.principal_id = p.major_id
        WHERE u.sid = ${BY_SID} AND u.name <> 'dbo' AND p.state IN ('G', 'W') AND NOT (p.class = 0 AND p.permission_name = 'CONNECT')
        ORDER BY p.class, p.permission_name, p.major_id, p.minor_id`]: ofLogin(() => login.permissions),
      ...kills,
      ...changes(login),
    },
  });
  return Object.assign(database, {
    login,
    handover,
    targets: {
      sqlserver: {
        kind: 'sqlserver' as const,
        url: 'sqlserver://vigia@db2.example.test:1433/master',
        passwordEnv: 'VIGIA_TEST_SQLSERVER',
        handover,
      },
    },
    close() {
      delete process.env['VIGIA_TEST_SQLSERVER'];
      rmSync(handover, { recursive: true });
    },
  });
}
