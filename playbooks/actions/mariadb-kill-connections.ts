/** Ends every connection of a MariaDB user. Lock the account first, or it logs on again. */
import { errors } from '../../core/errors.ts';
import { backticked, type Mariadb } from '../../targets/mariadb.ts';
import { action, said } from '../action.ts';
import { type DatabaseAccountInput, databaseAccountInput, maxSessions } from '../inputs.ts';
import {
  findMariadbAccount,
  type MariadbAccount,
  mariadbSubject,
  mariadbTarget,
  nameOf,
} from '../mariadb-account.ts';

interface Input extends DatabaseAccountInput {
  readonly maxSessions: number;
}

interface Session {
  readonly id: string;
  /** Where it comes from. */
  readonly client: string;
  readonly database: string | null;
}

interface Before {
  readonly user: string;
  readonly sessions: readonly Session[];
}

export const mariadbKillConnections = action<Input, Before, { ended: number }>({
  id: 'mariadb.kill-connections',
  title: 'End the connections of a MariaDB user',
  risk: 'destructive',
  input: {
    ...databaseAccountInput,
    properties: {
      ...databaseAccountInput.properties,
      maxSessions: maxSessions('connections'),
    },
  },
  plan: (input, ctx) =>
    ctx.mariadb(input.system, async (database) => {
      const { user } = await findMariadbAccount(database, input.account);
      // The server says with which user name a connection logged on, not with which of its accounts.
      const accounts = await namesakes(database, user);
      const sessions = await live(database, user);
      return {
        plan: {
          targets: accounts.map((account) => mariadbTarget(input.system, database, account)),
          changes: [
            `- ends every connection of the user ${said(user)} (${sessions.length} now, at most ${input.maxSessions})`,
            ...(accounts.length > 1
              ? [
                  `- that is those of all its accounts: ${accounts.map((each) => said(nameOf(each))).join(', ')}`,
                ]
              : []),
          ],
          stays: ['prepared distributed transactions (XA)'],
          undo: 'impossible: ended connections cannot be brought back; their open transactions are rolled back',
          proof: 'counts the connections of the user over a new connection',
          bounds: { sessions: input.maxSessions },
          observed: { sessions: sessions.length, sessionList: sessions },
        },
        subjects: accounts.map((account) => mariadbSubject(input.system, account)),
        before: { user, sessions },
      };
    }),
  act: ({ input, before: { user }, plan }, ctx) =>
    ctx.mariadb(input.system, async (database) => {
      const now = await live(database, user);
      if (now.length > (plan.bounds['sessions'] ?? 0))
        throw errors.refused('the user opened more connections than approved');
      if (now.length > 0) await database.change('ending connections', [`KILL USER ${backticked(user)}`]);
      return { ended: now.length };
    }),
  verify: ({ input, before: { user } }, ctx) =>
    ctx.mariadb(input.system, async (database) => {
      const left = await live(database, user);
      return left.length === 0
        ? { outcome: 'proven', detail: 'no connection of the user is open' }
        : {
            outcome: 'not-proven',
            detail: `${left.length} connections of the user are open (${left.map(({ id }) => id).join(', ')}); lock the account, then plan a new run`,
          };
    }),
  undo: 'ended connections cannot be brought back',
});

async function namesakes(database: Mariadb, user: string): Promise<MariadbAccount[]> {
  const sql = 'SELECT User AS user, Host AS host FROM mysql.global_priv WHERE User = ? ORDER BY Host';
  // The columns are named after the fields.
  return (await database.read('reading its accounts', sql, [user])) as unknown as MariadbAccount[];
}

/** One that is being ended takes no more statements; its transaction is rolled back. */
async function live(database: Mariadb, user: string): Promise<Session[]> {
  const rows = await database.read(
    'reading connections',
    `SELECT CAST(ID AS CHAR) AS id, HOST AS client, DB AS \`database\` FROM information_schema.PROCESSLIST
      WHERE USER = ? AND COMMAND <> 'Killed' AND ID <> CONNECTION_ID() ORDER BY ID`,
    [user],
  );
  // The columns are named after the fields.
  return rows as unknown as Session[];
}
