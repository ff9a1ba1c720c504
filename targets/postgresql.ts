/** Client of a PostgreSQL server: one short connection per use, with time limits on every statement. */
import { Client, escapeIdentifier } from 'pg';
import { errors } from '../core/errors.ts';
import { type ChangeCalls, changing } from './calls.ts';
import { accountOf, type PostgresqlSettings, readAuthority, readSecret } from './settings.ts';

export type Row = Readonly<Record<string, unknown>>;

export interface Postgresql {
  /** Numeric server version: 150020. */
  readonly version: number;
  read(operation: string, sql: string, values?: readonly unknown[]): Promise<Row[]>;
  /** All statements in one transaction: everything or nothing. */
  change(operation: string, statements: readonly Statement[]): Promise<Row[][]>;
}

export interface Statement {
  readonly sql: string;
  readonly values?: readonly unknown[];
  /** How the server's log writes it, where it holds a secret; as it is when left out. */
  readonly logged?: readonly string[];
}

/** Role names cannot be bind parameters. */
export const quoted = (name: string): string => escapeIdentifier(name);

const DEFAULT_TIMEOUT_MS = 10_000;
const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Connects, runs `use`, and hangs up. Each call is a fresh connection. */
export async function withPostgresql<T>(
  system: string,
  settings: PostgresqlSettings,
  calls: ChangeCalls,
  use: (database: Postgresql) => Promise<T>,
): Promise<T> {
  const database = await openPostgresql(system, settings, calls);
  try {
    return await use(database);
  } finally {
    await database.close();
  }
}

/** A connection that lasts until it is closed. */
export async function openPostgresql(
  system: string,
  settings: PostgresqlSettings,
  calls: ChangeCalls,
): Promise<Postgresql & { close(): Promise<void> }> {
  const url = new URL(settings.url);
  if (url.password !== '')
    throw errors.usage(`target ${system}: the URL holds a password`, 'use passwordFile or passwordEnv');
  const timeoutMs = settings.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const client = new Client({
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port || 5432),
    database: decodeURIComponent(url.pathname.slice(1)) || 'postgres',
    user: accountOf(settings),
    password: readSecret(system, settings),
    application_name: 'vigia',
    connectionTimeoutMillis: timeoutMs,
    statement_timeout: timeoutMs,
    query_timeout: timeoutMs + 1_000,
    lock_timeout: timeoutMs,
    ssl: encryption(system, settings, LOOPBACK.has(url.hostname)),
  });
  // Without a listener the process ends when the server hangs up; the next query tells us.
  client.on('error', () => undefined);
  const attempt = async <R>(operation: string, run: () => Promise<R>): Promise<R> => {
    try {
      return await run();
    } catch (cause) {
      throw errors.remote(`${system} (${url.host})`, operation, cause, hintFor(cause));
    }
  };
  /** A connection answers one question after the other; whoever plans asks several at once. */
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <R>(run: () => Promise<R>): Promise<R> => {
    const turn = last.then(run);
    last = turn.catch(() => undefined);
    return turn;
  };
  try {
    await attempt(`logon as ${accountOf(settings)}`, () => client.connect());
    const version = await attempt('reading the version', async () => {
      const { rows } = await client.query<{ version: number }>(
        `SELECT current_setting('server_version_num')::int AS version`,
      );
      return rows[0]!.version;
    });
    return {
      version,
      read: (operation, sql, values = []) =>
        inTurn(() => attempt(operation, async () => (await client.query<Row>(sql, [...values])).rows)),
      change: (operation, statements) =>
        inTurn(() =>
          changing(
            calls,
            `sql ${operation}`,
            () => attempt(operation, () => transaction(client, statements)),
            {
              system,
              by: [accountOf(settings)],
              changes: statements.map(({ sql, logged = [sql] }) => ({ statement: [...logged] })),
            },
          ),
        ),
      close: () => client.end().catch(() => undefined),
    };
  } catch (cause) {
    await client.end().catch(() => undefined);
    throw cause;
  }
}

async function transaction(client: Client, statements: readonly Statement[]): Promise<Row[][]> {
  const answers: Row[][] = [];
  await client.query('BEGIN');
  try {
    for (const { sql, values } of statements)
      answers.push((await client.query<Row>(sql, [...(values ?? [])])).rows);
    await client.query('COMMIT');
  } catch (cause) {
    // A rollback can only fail when the connection is gone, and then the server rolls back itself.
    await client.query('ROLLBACK').catch(() => undefined);
    throw cause;
  }
  return answers;
}

function encryption(system: string, settings: PostgresqlSettings, local: boolean) {
  if (settings.caFile !== undefined)
    return { ca: readAuthority(system, settings.caFile), rejectUnauthorized: true };
  return local ? false : { rejectUnauthorized: true };
}

function hintFor(cause: unknown): string | undefined {
  const code = (cause as { code?: unknown }).code;
  if (code === '28P01' || code === '28000')
    return 'check the account of Vigia on that server and its password';
  if (code === '42501') return 'the account of Vigia lacks the right to do this';
  if (code === '57014') return 'the server took longer than timeoutMs';
  return undefined;
}
