/** Client of an Oracle database: the driver's thin mode, pure JavaScript, loaded when it is first needed. */
import { errors } from '../core/errors.ts';
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

/** Errors of the Oracle documentation ("Database Error Messages") for which a person can do something. */
const HINTS: Readonly<Record<string, string>> = {
  '942': 'grant the role AUDIT_VIEWER to the account of Vigia',
  '1017': 'check the account of Vigia on that database and its password',
  '1031': 'grant the role AUDIT_VIEWER to the account of Vigia',
  '12514': 'check the service name in "connect"',
  '28000': 'the account of Vigia is locked',
  '28001': 'the password of the account of Vigia has expired',
};

const realDriver = async (): Promise<OracleDriver> =>
  // The package has no types of its own.
  ((await import('oracledb' as string)) as { default: OracleDriver }).default;

export async function openOracle(
  system: string,
  settings: OracleSettings,
  driver: () => Promise<OracleDriver> = realDriver,
): Promise<SqlSession> {
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
      const code = /\b(?:ORA|NJS)-0*(\d+)/.exec(String((cause as Error).message))?.[1] ?? '';
      throw errors.remote(`${system} (${url.host})`, operation, cause, HINTS[code]);
    }
  };
  const timeoutMs = settings.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const connection = await attempt(`logon as ${settings.user}`, async () =>
    (await driver()).getConnection({
      user: settings.user,
      password: readSecret(system, settings),
      connectString: settings.connect,
      connectTimeout: Math.ceil(timeoutMs / 1_000),
      ...(settings.caFile === undefined ? {} : { walletContent: readAuthority(system, settings.caFile) }),
    }),
  );
  connection.callTimeout = timeoutMs;
  return {
    read: (operation, sql, values = []) =>
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

/** Oracle folds names to capitals. */
const inLowerCase = (row: Row): Row =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name.toLowerCase(), value]));
