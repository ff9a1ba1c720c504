/** Ends every session of a login of a SQL Server. Disable the login first, or it logs on again. */
import { errors } from '../../core/errors.ts';
import { type AccountServer, unicodeLiteral } from '../../targets/account-server.ts';
import { action, said } from '../action.ts';
import { type DatabaseAccountInput, maxSessions } from '../inputs.ts';
import {
  findSqlServerLogin,
  type SqlServerLogin,
  sqlServerLoginInput,
  sqlServerSubject,
  sqlServerTarget,
  UNTRIED,
} from '../sqlserver-login.ts';

interface Input extends DatabaseAccountInput {
  readonly maxSessions: number;
}

interface Session {
  readonly id: number;
  /** Where it comes from. */
  readonly machine: string | null;
  readonly program: string | null;
}

interface Before extends Pick<SqlServerLogin, 'name' | 'sid'> {
  readonly sessions: readonly Session[];
}

/** 6106: that process is not active any more. */
const ALREADY = [6_106];

export const sqlserverKillSessions = action<Input, Before, { ended: number }>({
  id: 'sqlserver.kill-sessions',
  title: 'End the sessions of a login of a SQL Server',
  untried: UNTRIED,
  risk: 'destructive',
  input: {
    ...sqlServerLoginInput,
    properties: {
      ...sqlServerLoginInput.properties,
      maxSessions: maxSessions('sessions'),
    },
  },
  plan: (input, ctx) =>
    ctx.sqlserver(input.system, async (server) => {
      const login = await findSqlServerLogin(server, input.account);
      const sessions = await live(server, login);
      return {
        plan: {
          targets: [sqlServerTarget(input.system, server, login)],
          changes: [
            `- ends every session of ${said(login.name)} (${sessions.length} now, at most ${input.maxSessions})`,
          ],
          stays: ['distributed transactions without a session'],
          undo: 'impossible: ended sessions cannot be brought back; their open transactions are rolled back',
          proof: 'counts the sessions of the login over a new connection',
          bounds: { sessions: input.maxSessions },
          observed: { sessions: sessions.length, sessionList: sessions },
        },
        subjects: [sqlServerSubject(input.system, login)],
        before: { name: login.name, sid: login.sid, sessions },
      };
    }),
  act: ({ input, before, plan }, ctx) =>
    ctx.sqlserver(input.system, async (server) => {
      const now = await live(server, before);
      if (now.length > (plan.bounds['sessions'] ?? 0))
        throw errors.refused('the login opened more sessions than approved');
      // Numbers of sessions are given again at once: only one that is still this login's is ended.
      await server.change(
        'ending sessions',
        now.map(({ id }) => ({
          sql: `IF EXISTS (SELECT 1 FROM sys.dm_exec_sessions WHERE session_id = ${Number(id)} AND original_login_name = ${unicodeLiteral(before.name)}) KILL ${Number(id)}`,
          already: ALREADY,
        })),
      );
      return { ended: now.length };
    }),
  verify: ({ input, before }, ctx) =>
    ctx.sqlserver(input.system, async (server) => {
      const left = await live(server, before);
      return left.length === 0
        ? { outcome: 'proven', detail: 'no session of the login is open' }
        : {
            outcome: 'not-proven',
            detail: `${left.length} sessions of the login are open (${left.map(({ id }) => id).join(', ')}); disable the login, then plan a new run`,
          };
    }),
  undo: 'ended sessions cannot be brought back',
});

/** By the login that opened it, whomever it impersonates. One that is rolled back takes no more statements. */
async function live(server: AccountServer, { name }: Pick<SqlServerLogin, 'name'>): Promise<Session[]> {
  const rows = await server.read(
    'reading sessions',
    `SELECT s.session_id AS id, s.host_name AS machine, s.program_name AS program FROM sys.dm_exec_sessions s
      WHERE s.is_user_process = 1 AND s.original_login_name = @p1 AND s.session_id <> @@SPID AND NOT EXISTS
        (SELECT 1 FROM sys.dm_exec_requests r WHERE r.session_id = s.session_id AND r.command = 'KILLED/ROLLBACK')
      ORDER BY s.session_id`,
    [name],
  );
  // The columns are named after the fields.
  return rows as unknown as Session[];
}
