/** An account of an Oracle database as its dictionary shows it, and how it is named in statements, plans and policies. */
import type { PlannedTarget } from '../core/documents.ts';
import { errors } from '../core/errors.ts';
import { doubleQuoted } from '../targets/account-server.ts';
import type { Oracle } from '../targets/oracle.ts';
import { type Subject, said } from './action.ts';
import { databaseAccount } from './inputs.ts';

export interface OracleAccount {
  readonly name: string;
  /** Stays when the database is moved; a new account of the same name has another. */
  readonly id: string;
  /** Its own words: `OPEN`, `LOCKED(TIMED)`, `EXPIRED & LOCKED` … */
  readonly status: string;
  /** In the root of a container database: the account exists in every container. */
  readonly common: boolean;
  /** `PASSWORD`, `EXTERNAL`, `GLOBAL` or `NONE`. */
  readonly authentication: string;
  /** When its secret was last set; null when never. */
  readonly secretSince: string | null;
}

export const oracleAccountInput = databaseAccount(
  'oracle',
  'The account; capitals do not matter unless it was created within quotation marks.',
  'PAYMENTS_ADMIN',
);

const READ = `SELECT username AS name, TO_CHAR(user_id) AS id, account_status AS status, common, inherited,
  oracle_maintained AS maintained, authentication_type AS authentication,
  TO_CHAR(password_change_date, 'YYYY-MM-DD HH24:MI:SS') AS secret_since FROM dba_users`;

export async function findOracleAccount(database: Oracle, written: string): Promise<OracleAccount> {
  const rows = await database.read('looking for the account', `${READ} WHERE username IN (:1, UPPER(:2))`, [
    written,
    written,
  ]);
  const row = rows.find(({ name }) => name === written) ?? rows[0];
  if (row === undefined) throw errors.notFound('account of the database', written);
  const name = String(row['name']);
  if (row['maintained'] === 'Y')
    throw errors.refused(
      `${said(name)} is an account that Oracle itself keeps, and the database may need it`,
      'contain it by hand',
    );
  if (row['inherited'] === 'YES')
    throw errors.refused(
      `${said(name)} is an account of the whole container database, which this container cannot change`,
      'name a target whose "connect" leads to the root (CDB$ROOT)',
    );
  return accountOf(row);
}

/** By name and number, so that a new account of the same name is not taken for it. */
export async function readOracleAccount(
  database: Oracle,
  { name, id }: Pick<OracleAccount, 'name' | 'id'>,
): Promise<OracleAccount | undefined> {
  const [row] = await database.read(
    'reading the account',
    `${READ} WHERE username = :1 AND user_id = TO_NUMBER(:2)`,
    [name, id],
  );
  return row === undefined ? undefined : accountOf(row);
}

const accountOf = (row: Readonly<Record<string, unknown>>): OracleAccount => ({
  name: String(row['name']),
  id: String(row['id']),
  status: String(row['status']),
  common: row['common'] === 'YES',
  authentication: String(row['authentication']),
  secretSince: row['secret_since'] === null ? null : String(row['secret_since']),
});

/** Failed logons lock it as well, but that ends by itself. */
export const isLocked = ({ status }: Pick<OracleAccount, 'status'>): boolean =>
  /LOCKED(?!\(TIMED\))/.test(status);

/** Oracle's name for a time in which the old secret works beside the new one. */
export const acceptsOldSecret = ({ status }: Pick<OracleAccount, 'status'>): boolean =>
  status.includes('IN ROLLOVER');

export const quotedAccount = ({ name }: Pick<OracleAccount, 'name'>): string => doubleQuoted(name);
/** In the root a change of a common account must say that it is meant everywhere. */
export const everywhere = (common: boolean): string => (common ? ' CONTAINER=ALL' : '');

export const oracleSubject = (system: string, { name }: Pick<OracleAccount, 'name'>): Subject => ({
  system,
  kind: 'database-role',
  names: [name],
});

export const oracleTarget = (
  system: string,
  { server }: Oracle,
  { name, id }: Pick<OracleAccount, 'name' | 'id'>,
): PlannedTarget => ({ system, identity: `${server}/${id}`, name });

/** Shown in the reference of each of these actions. */
export const UNTRIED =
  'Its tests compare every statement, word for word, with the language reference of Oracle Database 19c, over a stand-in that answers as documented and refuses any other statement.';
