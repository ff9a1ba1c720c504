/** A login of a SQL Server, and how it is named in statements, plans and policies. */
import type { PlannedTarget } from '../core/documents.ts';
import { errors } from '../core/errors.ts';
import { type AccountServer, bracketed } from '../targets/account-server.ts';
import { type Subject, said } from './action.ts';
import { databaseAccount } from './inputs.ts';

export interface SqlServerLogin {
  readonly name: string;
  /** As `0x…`; a new login of the same name has another. */
  readonly sid: string;
  /** 1 is the login that was `sa` when the server was set up. */
  readonly number: number;
  /** `S`: with a secret of its own; `U`: of a Windows account. */
  readonly type: string;
  readonly disabled: boolean;
}

export const sqlServerLoginInput = databaseAccount(
  'sqlserver',
  'The login, by its name on the server; DOMAIN\\name for one of a Windows account.',
  'payments_app',
);

const READ = `SELECT name, CONVERT(varchar(172), sid, 1) AS sid, principal_id AS number, type, is_disabled AS disabled
  FROM sys.server_principals WHERE type IN ('S', 'U', 'G', 'E', 'X')`;

export async function findSqlServerLogin(server: AccountServer, written: string): Promise<SqlServerLogin> {
  const [row] = await server.read('looking for the login', `${READ} AND name = @p1`, [written]);
  if (row === undefined) throw errors.notFound('login of the server', written);
  const login = loginOf(row);
  if (login.type === 'G' || login.type === 'X')
    throw errors.refused(
      `${said(login.name)} is a group: disabling its login does not keep its members out`,
      'contain the members in the directory, or name the login of one of them',
    );
  return login;
}

/** By its SID: a name may have been given to another login meanwhile. */
export async function readSqlServerLogin(
  server: AccountServer,
  { sid }: Pick<SqlServerLogin, 'sid'>,
): Promise<SqlServerLogin | undefined> {
  const [row] = await server.read('reading the login', `${READ} AND sid = CONVERT(varbinary(85), @p1, 1)`, [
    sid,
  ]);
  return row === undefined ? undefined : loginOf(row);
}

const loginOf = (row: Readonly<Record<string, unknown>>): SqlServerLogin => ({
  name: String(row['name']),
  sid: String(row['sid']),
  number: Number(row['number']),
  type: String(row['type']).trim(),
  disabled: row['disabled'] === true || row['disabled'] === 1,
});

export const quotedLogin = ({ name }: Pick<SqlServerLogin, 'name'>): string => bracketed(name);

/** The one that cannot be dropped stays protected under its old name, too. */
export const sqlServerSubject = (
  system: string,
  { name, number }: Pick<SqlServerLogin, 'name' | 'number'>,
): Subject => ({
  system,
  kind: 'database-role',
  names: [
    name,
    ...(name.includes('\\') ? [name.slice(name.indexOf('\\') + 1)] : []),
    ...(number === 1 ? ['sa'] : []),
  ],
});

export const sqlServerTarget = (
  system: string,
  { server }: AccountServer,
  { name, sid }: Pick<SqlServerLogin, 'name' | 'sid'>,
): PlannedTarget => ({ system, identity: `${server}/${sid}`, name });

/** Shown in the reference of each of these actions. */
export const UNTRIED =
  'Its tests compare every statement, word for word, with the Transact-SQL reference of SQL Server 2019, over a stand-in that answers as documented and refuses any other statement.';
