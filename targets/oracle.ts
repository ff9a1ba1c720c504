/** Client of an Oracle database: the driver's thin mode, pure JavaScript, loaded when it is first needed. */
import { errors } from '../core/errors.ts';
import { type AccountServer, changeEach, doubleQuoted } from './account-server.ts';
import type { ChangeCalls } from './calls.ts';
import type { Row } from './postgresql.ts';
import { type OracleSettings, readAuthority, readSecret } from './settings.ts';
import type { SqlSession } from './sql.ts';

/** What we use of the package `oracledb`. */
export interface OracleDriver {
  getConnection(options: Readonly<Record<string, unknown>>): Promise<OracleConnection>;
}
export interface OracleConnection {
  callTimeout: number;
  execute(
    sql: string,
    binds: readonly unknown[],
    options: Readonly<Record<string, unknown>>,
  ): Promise<{ rows?: readonly Row[] }>;
  close(): Promise<void>;
}

const DEFAULT_TIMEOUT_MS = 30_000;
const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);
/** `DB_TYPE_CLOB`, `DB_TYPE_NCLOB` and `DB_TYPE_VARCHAR` of the driver, by number so that it need not be loaded to be stubbed. */
const CLOB = new Set([2017, 2018]);
const VARCHAR = 2001;

const RIGHTS =
  'grant the account of Vigia what the operator guide names: AUDIT_VIEWER to read the trail, more to change accounts';

/** Errors of the Oracle documentation ("Database Error Messages") for which a person can do something. */
const HINTS: Readonly<Record<number, string>> = {
  942: RIGHTS,
  1017: 'check the account of Vigia on that database and its password',
  1031: RIGHTS,
  12514: 'check the service name in "connect"',
  28000: 'the account of Vigia is locked',
  28001: 'the password of the account of Vigia has expired',
};

const realDriver = async (): Promise<OracleDriver> =>
  // The package has no types of its own.
  ((await import('oracledb' as string)) as { default: OracleDriver }).default;

/** An Oracle database whose accounts are changed. */
export interface Oracle extends AccountServer {
  /** Logs on as that account, which is the only way to compare a secret. */
  accepts(user: string, secret: string): Promise<'accepted' | 'refused' | 'locked'>;
}

/** Connects, runs `use`, and hangs up. Each call is a fresh connection. */
export async function withOracle<T>(
  system: string,
  settings: OracleSettings,
  calls: ChangeCalls,
  use: (database: Oracle) => Promise<T>,
  driver: () => Promise<OracleDriver> = realDriver,
): Promise<T> {
  const session = await connect(system, settings, driver);
  try {
    // Of the container that the service leads to, which is a database of its own.
    const [row] = await session.read(
      'asking which database it is',
      'SELECT TO_CHAR(con_dbid) AS id FROM v$database',
    );
    return await use({
      server: String(row?.['id']),
      read: session.read,
      change: (operation, statements) =>
        session.attempt(operation, () =>
          changeEach(calls, operation, statements, { send: session.send, numberOf: codeOf }),
        ),
      accepts: (user, secret) => session.accepts(user, secret),
    });
  } finally {
    await session.close();
  }
}

export const openOracle = (
  system: string,
  settings: OracleSettings,
  driver: () => Promise<OracleDriver> = realDriver,
): Promise<SqlSession> => connect(system, settings, driver);

async function connect(system: string, settings: OracleSettings, driver: () => Promise<OracleDriver>) {
  const url = new URL(settings.connect);
  if (url.protocol === 'tcp:' && !LOOPBACK.has(url.hostname))
    throw errors.usage(
      `target ${system}: ${url.host} is not this machine and the connection is not encrypted`,
      'write tcps://',
    );
  const attempt = async <T>(operation: string, run: () => Promise<T>): Promise<T> => {
    try {
      return await run();
    } catch (cause) {
      throw errors.remote(`${system} (${url.host})`, operation, cause, HINTS[codeOf(cause) ?? 0]);
    }
  };
  const timeoutMs = settings.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const logon = async (user: string, password: string) =>
    (await driver()).getConnection({
      user,
      password,
      connectString: settings.connect,
      connectTimeout: Math.ceil(timeoutMs / 1_000),
      ...(settings.caFile === undefined ? {} : { walletContent: readAuthority(system, settings.caFile) }),
    });
  const connection = await attempt(`logon as ${settings.user}`, () =>
    logon(settings.user, readSecret(system, settings)),
  );
  connection.callTimeout = timeoutMs;
  return {
    attempt,
    send: (sql: string) => connection.execute(sql, [], {}),
    accepts: (user: string, secret: string) =>
      attempt('trying the secret', async () => {
        try {
          const own = await logon(doubleQuoted(user), secret);
          await own.close().catch(() => undefined);
          return 'accepted' as const;
        } catch (cause) {
          const code = codeOf(cause);
          if (code === 1017) return 'refused' as const;
          if (code === 28_000) return 'locked' as const;
          if (code !== undefined && ONLY_WITH_THE_SECRET.has(code)) return 'accepted' as const;
          throw cause;
        }
      }),
    read: (operation: string, sql: string, values: readonly unknown[] = []) =>
      attempt(operation, async () => {
        const { rows = [] } = await connection.execute(sql, values, {
          outFormat: 4_002, // objects, one key a column
          fetchTypeHandler: ({ dbType }: { dbType: { num: number } }) =>
            CLOB.has(dbType.num) ? { type: VARCHAR } : undefined,
        });
        return rows.map(inLowerCase);
      }),
    close: () => connection.close().catch(() => undefined),
  };
}

/** The account has expired, or lacks CREATE SESSION: the server says so only to who knows its secret. */
const ONLY_WITH_THE_SECRET: ReadonlySet<number> = new Set([1_045, 28_001]);

function codeOf(cause: unknown): number | undefined {
  const code = /\b(?:ORA|NJS)-0*(\d+)/.exec(String((cause as Error).message))?.[1];
  return code === undefined ? undefined : Number(code);
}

/** Oracle folds names to capitals. */
const inLowerCase = (row: Row): Row =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name.toLowerCase(), value]));
