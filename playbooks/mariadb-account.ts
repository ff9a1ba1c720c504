/** What a MariaDB account may do, in the server's own words without its secret, and the statements that turn one state into another. */
import type { PlannedTarget } from '../core/documents.ts';
import { errors } from '../core/errors.ts';
import { backticked, type Mariadb } from '../targets/mariadb.ts';
import { type Subject, said } from './action.ts';

export interface MariadbAccount {
  readonly user: string;
  /** The pattern of addresses that belongs to its name. */
  readonly host: string;
}

export interface MariadbState extends MariadbAccount {
  readonly locked: boolean;
  /** As `SHOW GRANTS` lists them, in that order; never with a password. */
  readonly grants: readonly string[];
}

export const nameOf = ({ user, host }: MariadbAccount): string => `${user}@${host}`;
const quoted = ({ user, host }: MariadbAccount): string => `${backticked(user)}@${backticked(host)}`;

/** By `user@host`, or by the user alone when only one account is called so. */
export async function findMariadbAccount(database: Mariadb, written: string): Promise<MariadbAccount> {
  const rows = await database.read(
    'looking for the account',
    `SELECT User AS user, Host AS host, COALESCE(JSON_VALUE(Priv, '$.is_role'), '0') AS role FROM mysql.global_priv
      WHERE User = ? OR CONCAT(User, '@', Host) = ? ORDER BY Host`,
    [written, written],
  );
  // The columns are named after the fields.
  const found = rows as unknown as (MariadbAccount & { role: string })[];
  const exact = found.filter((each) => nameOf(each) === written);
  const [account, ...others] = exact.length > 0 ? exact : found;
  if (account === undefined) throw errors.notFound('account of the database', written);
  if (others.length > 0)
    throw errors.refused(
      `${said(written)} means ${found.length} accounts: ${found.map(nameOf).join(', ')}`,
      'name the account with its host, as user@host',
    );
  if (account.role !== '0')
    throw errors.refused(`${said(written)} is a role, and nobody logs on as a role`, 'name the accounts');
  return { user: account.user, host: account.host };
}

export async function readMariadbAccount(
  database: Mariadb,
  account: MariadbAccount,
): Promise<MariadbState | undefined> {
  const [row] = await database.read(
    'reading the account',
    `SELECT JSON_VALUE(Priv, '$.account_locked') AS locked FROM mysql.global_priv WHERE User = ? AND Host = ?`,
    [account.user, account.host],
  );
  if (row === undefined) return undefined;
  const grants = await database.read('reading its grants', `SHOW GRANTS FOR ${quoted(account)}`);
  return {
    user: account.user,
    host: account.host,
    locked: ['1', 'true'].includes(String(row['locked'])),
    grants: grants.map((grant) => withoutSecret(String(Object.values(grant)[0]))),
  };
}

const WORD = /`(?:[^`]|``)*`|'(?:[^'\\]|\\.|'')*'|[^\s`']+|\s+/g;

/** The global grant says how the account logs on too; what comes from IDENTIFIED up to the next clause is left out. */
export function withoutSecret(grant: string): string {
  const words: readonly string[] = grant.match(WORD) ?? [];
  const from = words.indexOf('IDENTIFIED');
  if (from < 0) return grant;
  const to = words.findIndex((word, at) => at > from && (word === 'REQUIRE' || word === 'WITH'));
  return [...words.slice(0, from), ...(to < 0 ? [] : words.slice(to))].join('').trimEnd();
}

/** What gives nothing: every account has it. */
const isNothing = (grant: string): boolean => grant.startsWith('GRANT USAGE ON *.* ');
export const powersOf = ({ grants }: MariadbState): string[] => grants.filter((grant) => !isNothing(grant));

export const lockStatement = (account: MariadbAccount, locked: boolean): string =>
  `ALTER USER ${quoted(account)} ACCOUNT ${locked ? 'LOCK' : 'UNLOCK'}`;

/** REVOKE ALL takes roles too, but neither the default role nor the right to act as another account. */
export function stripStatements(now: MariadbState): string[] {
  const powers = powersOf(now);
  if (powers.length === 0) return [];
  const proxies = powers.filter((grant) => grant.startsWith('GRANT PROXY ON '));
  const hasDefault = powers.some((grant) => grant.startsWith('SET DEFAULT ROLE '));
  const asked = powers.length - proxies.length - (hasDefault ? 1 : 0);
  return [
    ...(hasDefault ? [`SET DEFAULT ROLE NONE FOR ${quoted(now)}`] : []),
    ...(asked > 0 ? [`REVOKE ALL PRIVILEGES, GRANT OPTION FROM ${quoted(now)}`] : []),
    ...proxies.map((grant) => {
      const whom = grant.slice('GRANT '.length, grant.lastIndexOf(` TO ${quoted(now)}`));
      return `REVOKE ${whom} FROM ${quoted(now)}`;
    }),
  ];
}

/** The server's own words again; what was granted since is left. */
export const grantStatements = (now: MariadbState, before: MariadbState): string[] =>
  powersOf(before).filter((grant) => !now.grants.includes(grant));

/** Roles among the grants that the account of Vigia may take away but not give back: that takes the admin option. */
export async function rolesNotOurs(database: Mariadb, state: MariadbState): Promise<string[]> {
  const rows = await database.read(
    'reading the roles of the account of Vigia',
    `SELECT Role AS role FROM mysql.roles_mapping WHERE Admin_option = 'Y' AND CONCAT(User, '@', Host) = CURRENT_USER()`,
  );
  const ours = rows.map(({ role }) => backticked(String(role)));
  const roles = state.grants.map((grant) => /^GRANT (`(?:[^`]|``)+`) TO /.exec(grant)?.[1] ?? '');
  return roles.filter((role) => role !== '' && !ours.includes(role));
}

/** What is there now and was not before, and the other way round. */
export const grantDifferences = (now: MariadbState, before: MariadbState): string[] => [
  ...powersOf(before).filter((grant) => !now.grants.includes(grant)),
  ...powersOf(now).filter((grant) => !before.grants.includes(grant)),
];

export const mariadbSubject = (system: string, account: MariadbAccount): Subject => ({
  system,
  kind: 'database-role',
  names: [nameOf(account), account.user],
});

/** An account of MariaDB has no number: its name is what it is. */
export const mariadbTarget = (
  system: string,
  { server }: Mariadb,
  account: MariadbAccount,
): PlannedTarget => ({ system, identity: `${server}/${nameOf(account)}`, name: nameOf(account) });
