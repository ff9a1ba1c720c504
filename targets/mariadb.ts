/** Client of a MariaDB server: one short connection per use, with time limits on every statement. */
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import { errors } from '../core/errors.ts';
import { type ChangeCalls, changing } from './calls.ts';
import type { Row } from './postgresql.ts';
import { accountOf, type MariadbSettings, readAuthority, readSecret } from './settings.ts';

export interface Mariadb {
  /** What tells this server from others, also after it moved. */
  readonly server: string;
  read(operation: string, sql: string, values?: readonly string[]): Promise<Row[]>;
  /** One after the other: what MariaDB does to accounts is no transaction, so a failure leaves the first ones done. */
  change(operation: string, statements: readonly string[]): Promise<void>;
}

/** Account, database and role names cannot be bind parameters. */
export const backticked = (name: string): string => `\`${name.replaceAll('`', '``')}\``;

const DEFAULT_TIMEOUT_MS = 10_000;
const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Error numbers of MariaDB for which a person can do something. */
const HINTS: Readonly<Record<number, string>> = {
  1044: 'the account of Vigia lacks the right to do this',
  1045: 'check the account of Vigia on that server and its password',
  1142: 'the account of Vigia lacks the right to do this',
  1205: 'the server took longer than timeoutMs',
  1227: 'the account of Vigia lacks the right to do this',
  1969: 'the server took longer than timeoutMs',
};

/** Connects, runs `use`, and hangs up. Each call is a fresh connection. */
export async function withMariadb<T>(
  system: string,
  settings: MariadbSettings,
  calls: ChangeCalls,
  use: (database: Mariadb) => Promise<T>,
): Promise<T> {
  const url = new URL(settings.url);
  if (url.password !== '')
    throw errors.usage(`target ${system}: the URL holds a password`, 'use passwordFile or passwordEnv');
  const attempt = async <R>(operation: string, run: () => Promise<R>): Promise<R> => {
    try {
      return await run();
    } catch (cause) {
      const { errno } = cause as { errno?: number };
      throw errors.remote(`${system} (${url.host})`, operation, cause, HINTS[errno ?? 0]);
    }
  };
  const timeoutMs = settings.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const connection = await attempt(`logon as ${accountOf(settings)}`, () =>
    connect(system, settings, url, timeoutMs),
  );
  // Without a listener the process ends when the server hangs up; the next query tells us.
  connection.on('error', () => undefined);
  try {
    const server = await attempt('preparing the session', () => prepare(connection, timeoutMs));
    return await use({
      server,
      read: (operation, sql, values = []) =>
        attempt(operation, async () => {
          const [rows] = await connection.execute<RowDataPacket[]>({ sql, timeout: timeoutMs }, [...values]);
          return rows;
        }),
      async change(operation, statements) {
        for (const sql of statements)
          await changing(calls, `sql ${operation}`, () =>
            attempt(operation, () => connection.query({ sql, timeout: timeoutMs })),
          );
      },
    });
  } finally {
    connection.destroy();
  }
}

function connect(
  system: string,
  settings: MariadbSettings,
  url: URL,
  timeoutMs: number,
): Promise<Connection> {
  const isPlain = settings.caFile === undefined && LOOPBACK.has(url.hostname);
  const authority = settings.caFile === undefined ? {} : { ca: readAuthority(system, settings.caFile) };
  return createConnection({
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port || 3306),
    user: accountOf(settings),
    password: readSecret(system, settings),
    connectTimeout: timeoutMs,
    supportBigNumbers: true,
    ...(isPlain ? {} : { ssl: { ...authority, rejectUnauthorized: true, verifyIdentity: true } }),
  });
}

/** How the server quotes must not depend on its settings: its own words are kept, and sent again by undo. */
async function prepare(connection: Connection, timeoutMs: number): Promise<string> {
  const seconds = Math.max(1, Math.ceil(timeoutMs / 1_000));
  await connection.query(
    `SET SESSION sql_mode = '', sql_quote_show_create = 1, max_statement_time = ${seconds}, lock_wait_timeout = ${seconds}`,
  );
  const [rows] = await connection.query<RowDataPacket[]>('SELECT @@server_uid AS uid');
  return String(rows[0]?.['uid']);
}
