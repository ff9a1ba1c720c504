/** Locks an account of an Oracle database against new logons. Its rights and secret stay; sessions that are open go on. */
import { errors } from '../../core/errors.ts';
import { action, said } from '../action.ts';
import type { DatabaseAccountInput } from '../inputs.ts';
import {
  everywhere,
  findOracleAccount,
  isLocked,
  type OracleAccount,
  oracleAccountInput,
  oracleSubject,
  oracleTarget,
  quotedAccount,
  readOracleAccount,
  UNTRIED,
} from '../oracle-account.ts';

export const oracleLockAccount = action<DatabaseAccountInput, OracleAccount, { changed: boolean }>({
  id: 'oracle.lock-account',
  title: 'Lock an account of an Oracle database',
  untried: UNTRIED,
  risk: 'destructive',
  input: oracleAccountInput,
  plan: (input, ctx) =>
    ctx.oracle(input.system, async (database) => {
      const account = await findOracleAccount(database, input.account);
      const [row] = await database.read(
        'counting its jobs',
        `SELECT COUNT(*) AS jobs FROM dba_scheduler_jobs WHERE owner = :1 AND enabled = 'TRUE'`,
        [account.name],
      );
      const jobs = Number(row?.['jobs']);
      return {
        plan: {
          targets: [oracleTarget(input.system, database, account)],
          changes: isLocked(account) ? [] : [`- account ${said(account.name)} can no longer log on`],
          stays: [
            'its rights and its secret; sessions that are open go on until they are ended',
            `jobs that run as it (now: ${jobs}), and code of its own that others run with its rights`,
          ],
          undo: isLocked(account) ? 'leaves it locked, as it was' : 'unlocks it',
          proof: 'reads the account again over a new connection',
          bounds: { accounts: 1 },
          observed: { accounts: 1, jobs, status: account.status },
        },
        subjects: [oracleSubject(input.system, account)],
        before: account,
      };
    }),
  act: ({ input, before }, ctx) =>
    ctx.oracle(input.system, async (database) => {
      const now = await readOracleAccount(database, before);
      if (now === undefined) throw errors.notFound('account of the database', before.name);
      if (!isLocked(now)) await database.change('locking the account', [lock(now, 'LOCK')]);
      return { changed: !isLocked(now) };
    }),
  verify: ({ input, before }, ctx) =>
    ctx.oracle(input.system, async (database) => {
      const now = await readOracleAccount(database, before);
      if (now === undefined) return { outcome: 'proven', detail: 'the account is gone' };
      return isLocked(now)
        ? { outcome: 'proven', detail: `the account is locked (${now.status})` }
        : {
            outcome: 'not-proven',
            detail: `the account may still log on (${now.status}); plan a new run`,
          };
    }),
  undo: ({ input, before }, ctx) =>
    ctx.oracle(input.system, async (database) => {
      const now = await readOracleAccount(database, before);
      if (now === undefined)
        return { outcome: 'not-proven', detail: 'the account is gone; create it by hand' };
      if (isLocked(now) !== isLocked(before))
        await database.change('restoring the lock', [lock(now, isLocked(before) ? 'LOCK' : 'UNLOCK')]);
      const after = await readOracleAccount(database, before);
      return after !== undefined && isLocked(after) === isLocked(before)
        ? { outcome: 'proven', detail: isLocked(before) ? 'locked, as before' : 'unlocked, as before' }
        : { outcome: 'not-proven', detail: 'the lock is not as before; look at the account and mend it' };
    }),
});

const lock = (account: OracleAccount, how: 'LOCK' | 'UNLOCK') => ({
  sql: `ALTER USER ${quotedAccount(account)} ACCOUNT ${how}${everywhere(account.common)}`,
});
