/**
 * Membership of a PostgreSQL role. The server knows no membership with an end, so Vigia ends it; an account that sleeps
 * between grants (its `VALID UNTIL` is over) is woken until the end of this one, and then the server itself refuses its
 * password whatever becomes of Vigia.
 */
import { errors } from '../../core/errors.ts';
import { type Postgresql, quoted } from '../../targets/postgresql.ts';
import { endSessions, findRole, type Role, sessionsOf } from '../../targets/postgresql-roles.ts';
import { provider, said } from '../provider.ts';

interface Found {
  readonly account: Role;
  readonly role: Role;
  /** `VALID UNTIL` to which the account goes back; null when this access does not move it. */
  readonly asleepSince: string | null;
}

interface State {
  readonly member: boolean;
  /** Epoch ms; null for ever. */
  readonly validUntil: number | null;
}

/** More than anybody has open; what is left is ended by the next attempt. */
const MOST_SESSIONS = 1_000;

export const postgresqlRole = provider<Found>({
  kinds: ['postgresql'],
  plan: (wanted, others, ctx) =>
    ctx.postgresql(wanted.system, async (database) => {
      const [account, role] = [
        await findRole(database, wanted.account),
        await findRole(database, wanted.role),
      ];
      await expectNew(database, account, role);
      const { validUntil } = await stateOf(database, account.oid, role.oid);
      const now = await serverTime(database);
      const movedByVigia = others.some((end) => Date.parse(end) === validUntil);
      const isAsleep = validUntil !== null && (validUntil <= now || movedByVigia);
      const sessions = await sessionsOf(database, account.oid);
      const limits = isAsleep
        ? [`~ the password of ${said(account.name)} is valid until the end of this access, then no longer`]
        : [];
      const early =
        validUntil !== null && !isAsleep
          ? [`the password of ${said(account.name)} ends at ${new Date(validUntil).toISOString()} anyway`]
          : [];
      return {
        account: account.name,
        found: {
          account,
          role,
          asleepSince: isAsleep ? new Date(validUntil).toISOString() : null,
        },
        plan: {
          targets: [target(wanted.system, account), target(wanted.system, role)],
          changes: [`+ role ${said(account.name)} becomes a member of ${said(role.name)}`, ...limits],
          stays: [
            ...early,
            ...(isAsleep
              ? []
              : ['PostgreSQL ends no membership by itself: Vigia takes it away when the time is over']),
            'everything else that the account may do',
          ],
          undo: `takes the membership away and ends every session of ${said(account.name)}, also those that did not use it`,
          proof: 'reads membership and sessions over a new connection',
          bounds: { roles: 1 },
          observed: {
            roles: 1,
            sessions: sessions.length,
            powers: await powersOf(database, role.oid),
            validUntil: validUntil === null ? null : new Date(validUntil).toISOString(),
          },
        },
      };
    }),
  give: ({ system }, { account, role, asleepSince }, to, ctx) =>
    ctx.postgresql(system, async (database) => {
      await database.change('giving the role', [
        { sql: `GRANT ${quoted(role.name)} TO ${quoted(account.name)}` },
        ...(asleepSince === null ? [] : [validity(account, to)]),
      ]);
    }),
  isGiven: ({ system }, { account, role }, _to, ctx) =>
    ctx.postgresql(system, async (database) =>
      (await stateOf(database, account.oid, role.oid)).member
        ? { outcome: 'proven', detail: `${said(account.name)} is a member of ${said(role.name)}` }
        : { outcome: 'not-proven', detail: `${said(account.name)} is no member of ${said(role.name)}` },
    ),
  take: ({ system }, { account, role, asleepSince }, to, ctx) =>
    ctx.postgresql(system, async (database) => {
      const { member, validUntil } = await stateOf(database, account.oid, role.oid);
      // Another access may have moved the validity on: then that one puts it back.
      const isOurs = asleepSince !== null && validUntil === Date.parse(to);
      const [now, of] = [await nameOf(database, account.oid), await nameOf(database, role.oid)];
      const statements = [
        ...(member ? [{ sql: `REVOKE ${quoted(of)} FROM ${quoted(now)}` }] : []),
        ...(isOurs && asleepSince !== to ? [validity({ name: now }, asleepSince)] : []),
      ];
      if (statements.length > 0) await database.change('taking the role away', statements);
      // Whoever switched to the role before keeps it until the session ends.
      if ((await sessionsOf(database, account.oid)).length > 0)
        await endSessions(database, account.oid, MOST_SESSIONS);
    }),
  isGone: ({ system }, { account, role }, _to, ctx) =>
    ctx.postgresql(system, async (database) => {
      const { member } = await stateOf(database, account.oid, role.oid);
      const left = (await sessionsOf(database, account.oid)).map(({ pid }) => pid);
      return {
        right: member
          ? { outcome: 'not-proven', detail: `${said(account.name)} is still a member of ${said(role.name)}` }
          : { outcome: 'proven', detail: `${said(account.name)} is no member of ${said(role.name)}` },
        sessions:
          left.length > 0
            ? { outcome: 'not-proven', detail: `sessions are open (pid ${left.join(', ')})` }
            : { outcome: 'proven', detail: 'no session of the account is open' },
      };
    }),
});

async function expectNew(database: Postgresql, account: Role, role: Role): Promise<void> {
  const [row] = await database.read(
    'reading what the account may do',
    `SELECT a.rolsuper AS super, a.rolcanlogin AS login, pg_has_role(a.oid, $2::oid, 'MEMBER') AS has
       FROM pg_roles a WHERE a.oid = $1::oid`,
    [account.oid, role.oid],
  );
  if (account.oid === role.oid) throw errors.refused(`${said(account.name)} is that role itself`);
  if (row?.['login'] !== true)
    throw errors.refused(
      `${said(account.name)} is no account that logs on`,
      'name the account of the person',
    );
  if (row['super'] === true || row['has'] === true)
    throw errors.refused(
      `${said(account.name)} has ${said(role.name)} already, for good`,
      'a standing privilege is not given for a time: take it away first; see "vigia access standing"',
    );
}

async function stateOf(database: Postgresql, account: number, role: number): Promise<State> {
  const [row] = await database.read(
    'reading the membership',
    `SELECT EXISTS (SELECT FROM pg_auth_members WHERE member = $1::oid AND roleid = $2::oid) AS member,
            (SELECT CASE rolvaliduntil WHEN 'infinity' THEN NULL WHEN '-infinity' THEN 0
                    ELSE extract(epoch FROM rolvaliduntil) * 1000 END::float8
               FROM pg_roles WHERE oid = $1::oid) AS until`,
    [account, role],
  );
  const until = row?.['until'];
  return { member: row?.['member'] === true, validUntil: typeof until === 'number' ? until : null };
}

async function serverTime(database: Postgresql): Promise<number> {
  const [row] = await database.read(
    'reading the time',
    'SELECT (extract(epoch FROM now()) * 1000)::float8 AS now',
  );
  return Number(row?.['now']);
}

/** The name may have changed since; a number that is gone has no name, and nothing can be taken from it. */
async function nameOf(database: Postgresql, oid: number): Promise<string> {
  const [row] = await database.read('reading the role', 'SELECT rolname FROM pg_roles WHERE oid = $1', [oid]);
  return String(row?.['rolname'] ?? '');
}

/** What membership brings, through any number of roles. */
async function powersOf(database: Postgresql, role: number): Promise<string[]> {
  const rows = await database.read(
    'reading what the role may do',
    `WITH RECURSIVE up(oid) AS (SELECT $1::oid UNION SELECT m.roleid FROM pg_auth_members m JOIN up ON m.member = up.oid)
     SELECT rolname AS name, rolsuper AS super, rolcreaterole AS roles, rolbypassrls AS rls, rolreplication AS replication
       FROM pg_roles JOIN up USING (oid) ORDER BY rolname`,
    [role],
  );
  return rows.map(({ name, super: all, roles, rls, replication }) =>
    [
      String(name),
      ...(all ? ['SUPERUSER'] : []),
      ...(roles ? ['CREATEROLE'] : []),
      ...(rls ? ['BYPASSRLS'] : []),
      ...(replication ? ['REPLICATION'] : []),
    ].join(' '),
  );
}

/** Times are ours and of one form; a statement that changes a role takes no parameters. */
const validity = ({ name }: { name: string }, to: string) => ({
  sql: `ALTER ROLE ${quoted(name)} VALID UNTIL '${new Date(to).toISOString()}'`,
});

const target = (system: string, { cluster, oid, name }: Role) => ({
  system,
  identity: `${cluster}/${oid}`,
  name,
});
