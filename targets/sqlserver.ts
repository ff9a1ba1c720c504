/** Client of a SQL Server, loaded when it is first needed. Encrypted always; the certificate is checked unless the server is this machine. */
import { errors } from '../core/errors.ts';
import { type AccountServer, changeEach } from './account-server.ts';
import type { ChangeCalls } from './calls.ts';
import type { Row } from './postgresql.ts';
import { accountOf, readAuthority, readSecret, type SqlServerSettings } from './settings.ts';
import type { SqlSession } from './sql.ts';

/** What we use of the package `mssql`. */
export interface SqlServerDriver {
  connect(options: Readonly<Record<string, unknown>>): Promise<SqlServerPool>;
}
export interface SqlServerPool {
  /** Values are bound as `@p1`, `@p2` … */
  query(sql: string, values: readonly unknown[]): Promise<readonly Row[]>;
  close(): Promise<void>;
}

const DEFAULT_TIMEOUT_MS = 30_000;
const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Error numbers of SQL Server's documentation ("Database Engine events and errors") for which a person can do something. */
const HINTS: Readonly<Record<number, string>> = {
  229: 'grant the account of Vigia VIEW ANY DEFINITION and SELECT on what it reads',
  297: 'grant CONTROL SERVER, or VIEW SERVER SECURITY AUDIT from SQL Server 2022 on, to the account of Vigia',
  300: 'grant CONTROL SERVER, or VIEW SERVER SECURITY AUDIT from SQL Server 2022 on, to the account of Vigia',
  4060: 'check the database name in "url"',
  15151: 'the account of Vigia lacks the right to do this',
  15247: 'the account of Vigia lacks the right to do this',
  18456: 'check the account of Vigia on that server and its password',
};

interface Request {
  input(name: string, value: unknown): Request;
  query(sql: string): Promise<{ recordset?: readonly Row[] }>;
}
interface Pool {
  connect(): Promise<unknown>;
  request(): Request;
  close(): Promise<void>;
  on(event: 'error', listener: () => void): void;
}

const realDriver = async (): Promise<SqlServerDriver> => {
  // The package has no types of its own.
  const { default: mssql } = (await import('mssql' as string)) as {
    default: { ConnectionPool: new (options: object) => Pool };
  };
  return {
    async connect(options) {
      const pool = new mssql.ConnectionPool(options);
      // Without a listener the process ends when the server hangs up; the next query tells us.
      pool.on('error', () => undefined);
      await pool.connect();
      return {
        async query(sql, values) {
          const request = pool.request();
          values.forEach((value, at) => void request.input(`p${at + 1}`, value));
          return (await request.query(sql)).recordset ?? [];
        },
        close: () => pool.close(),
      };
    },
  };
};

/** Connects, runs `use`, and hangs up. Each call is a fresh connection. */
export async function withSqlServer<T>(
  system: string,
  settings: SqlServerSettings,
  calls: ChangeCalls,
  use: (server: AccountServer) => Promise<T>,
  driver: () => Promise<SqlServerDriver> = realDriver,
): Promise<T> {
  const session = await connect(system, settings, driver);
  try {
    const [row] = await session.read(
      'asking which server it is',
      `SELECT CONVERT(nvarchar(256), SERVERPROPERTY('ServerName')) AS name`,
    );
    return await use({
      server: String(row?.['name']),
      read: session.read,
      change: (operation, statements) =>
        session.attempt(operation, () =>
          changeEach(calls, operation, statements, { send: session.send, numberOf }),
        ),
    });
  } finally {
    await session.close();
  }
}

export const openSqlServer = (
  system: string,
  settings: SqlServerSettings,
  driver: () => Promise<SqlServerDriver> = realDriver,
): Promise<SqlSession> => connect(system, settings, driver);

async function connect(system: string, settings: SqlServerSettings, driver: () => Promise<SqlServerDriver>) {
  const url = new URL(settings.url);
  if (url.password !== '')
    throw errors.usage(`target ${system}: the URL holds a password`, 'use passwordFile or passwordEnv');
  const attempt = async <T>(operation: string, run: () => Promise<T>): Promise<T> => {
    try {
      return await run();
    } catch (cause) {
      throw errors.remote(`${system} (${url.host})`, operation, cause, HINTS[numberOf(cause) ?? 0]);
    }
  };
  const timeoutMs = settings.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const pool = await attempt(`logon as ${accountOf(settings)}`, async () =>
    (await driver()).connect({
      server: url.hostname.replace(/^\[|\]$/g, ''),
      port: Number(url.port || 1433),
      database: decodeURIComponent(url.pathname.slice(1)) || 'master',
      user: accountOf(settings),
      password: readSecret(system, settings),
      connectionTimeout: timeoutMs,
      requestTimeout: timeoutMs,
      pool: { max: 1 },
      options: {
        appName: 'vigia',
        encrypt: true,
        trustServerCertificate: settings.caFile === undefined && LOOPBACK.has(url.hostname),
        ...(settings.caFile === undefined
          ? {}
          : { cryptoCredentialsDetails: { ca: readAuthority(system, settings.caFile) } }),
      },
    }),
  );
  return {
    attempt,
    send: (sql: string) => pool.query(sql, []),
    read: (operation: string, sql: string, values: readonly unknown[] = []) =>
      attempt(operation, () => pool.query(sql, values)),
    close: () => pool.close().catch(() => undefined),
  };
}

function numberOf(cause: unknown): number | undefined {
  const { number } = cause as { number?: unknown };
  return typeof number === 'number' ? number : undefined;
}
