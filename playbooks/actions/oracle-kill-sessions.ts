/** Ends every session of an account of an Oracle database, on all its instances. Lock the account first, or it logs on again. */
import { errors } from '../../core/errors.ts';
import type { Oracle } from '../../targets/oracle.ts';
import { action, said } from '../action.ts';
import { type DatabaseAccountInput, maxSessions } from '../inputs.ts';
import {
  findOracleAccount,
  type OracleAccount,
  oracleAccountInput,
  oracleSubject,
  oracleTarget,
  UNTRIED,
} from '../oracle-account.ts';

interface Input extends DatabaseAccountInput {
  readonly maxSessions: number;
}

interface Session {
  readonly instance: number;
  readonly sid: number;
  readonly serial: number;
  /** Where it comes from. */
  readonly machine: string | null;
  readonly program: string | null;
}

interface Before extends Pick<OracleAccount, 'name' | 'id'> {
  readonly sessions: readonly Session[];
}

/** ORA-00030: it ended meanwhile. ORA-00031: it is marked, and ends when its current call does. */
const ALREADY = [30, 31];

export const oracleKillSessions = action<Input, Before, { ended: number }>({
  id: 'oracle.kill-sessions',
  title: 'End the sessions of an account of an Oracle database',
  untried: UNTRIED,
  risk: 'destructive',
  input: {
    ...oracleAccountInput,
    properties: {
      ...oracleAccountInput.properties,
      maxSessions: maxSessions('sessions'),
    },
  },
  plan: (input, ctx) =>
    ctx.oracle(input.system, async (database) => {
      const account = await findOracleAccount(database, input.account);
      const sessions = await live(database, account.name);
      return {
        plan: {
          targets: [oracleTarget(input.system, database, account)],
          changes: [
            `- ends every session of ${said(account.name)} on all instances (${sessions.length} now, at most ${input.maxSessions})`,
          ],
          stays: ['sessions that others opened through it as a proxy; distributed transactions in doubt'],
          undo: 'impossible: ended sessions cannot be brought back; their open transactions are rolled back',
          proof: 'counts the sessions of the account over a new connection',
          bounds: { sessions: input.maxSessions },
          observed: { sessions: sessions.length, sessionList: sessions },
        },
        subjects: [oracleSubject(input.system, account)],
        before: { name: account.name, id: account.id, sessions },
      };
    }),
  act: ({ input, before: { name }, plan }, ctx) =>
    ctx.oracle(input.system, async (database) => {
      const now = await live(database, name);
      if (now.length > (plan.bounds['sessions'] ?? 0))
        throw errors.refused('the account opened more sessions than approved');
      // The serial number keeps a session that got the same number meanwhile out of it.
      await database.change(
        'ending sessions',
        now.map(({ sid, serial, instance }) => ({
          sql: `ALTER SYSTEM KILL SESSION '${Number(sid)},${Number(serial)},@${Number(instance)}' IMMEDIATE`,
          already: ALREADY,
        })),
      );
      return { ended: now.length };
    }),
  verify: ({ input, before: { name } }, ctx) =>
    ctx.oracle(input.system, async (database) => {
      const left = await live(database, name);
      return left.length === 0
        ? { outcome: 'proven', detail: 'no session of the account is open' }
        : {
            outcome: 'not-proven',
            detail: `${left.length} sessions of the account are open (${left.map(({ sid, instance }) => `${sid}@${instance}`).join(', ')}); lock the account, then plan a new run`,
          };
    }),
  undo: 'ended sessions cannot be brought back',
});

/** One that is marked takes no more statements; its transaction is rolled back. */
async function live(database: Oracle, name: string): Promise<Session[]> {
  const rows = await database.read(
    'reading sessions',
    `SELECT inst_id AS instance, sid, serial# AS serial, machine, program FROM gv$session
      WHERE type = 'USER' AND username = :1 AND status <> 'KILLED' ORDER BY inst_id, sid`,
    [name],
  );
  // The columns are named after the fields.
  return rows as unknown as Session[];
}
