/** Locks a MariaDB account against new logons. Its grants and password stay; sessions that are open go on. */
import { errors } from '../../core/errors.ts';
import { action, said } from '../action.ts';
import { type DatabaseAccountInput, databaseAccountInput } from '../inputs.ts';
import {
  findMariadbAccount,
  lockStatement,
  type MariadbState,
  mariadbSubject,
  mariadbTarget,
  nameOf,
  readMariadbAccount,
} from '../mariadb-account.ts';

type Before = Pick<MariadbState, 'user' | 'host' | 'locked'>;

export const mariadbLockAccount = action<DatabaseAccountInput, Before, { changed: boolean }>({
  id: 'mariadb.lock-account',
  title: 'Lock a MariaDB account',
  risk: 'destructive',
  input: databaseAccountInput,
  plan: (input, ctx) =>
    ctx.mariadb(input.system, async (database) => {
      const account = await findMariadbAccount(database, input.account);
      const state = await readMariadbAccount(database, account);
      if (state === undefined) throw errors.notFound('account of the database', input.account);
      const [events] = await database.read(
        'counting its events',
        'SELECT COUNT(*) AS events FROM information_schema.EVENTS WHERE DEFINER = ?',
        [nameOf(account)],
      );
      const count = Number(events?.['events']);
      return {
        plan: {
          targets: [mariadbTarget(input.system, database, account)],
          changes: state.locked ? [] : [`- account ${said(nameOf(account))} can no longer log on`],
          stays: [
            'its grants and its password; sessions that are open go on until they are ended',
            `events, views and routines that run with its rights (events now: ${count})`,
          ],
          undo: state.locked ? 'leaves it locked, as it was' : 'unlocks it',
          proof: 'reads the account again over a new connection',
          bounds: { accounts: 1 },
          observed: { accounts: 1, events: count },
        },
        subjects: [mariadbSubject(input.system, account)],
        before: { ...account, locked: state.locked },
      };
    }),
  act: ({ input, before }, ctx) =>
    ctx.mariadb(input.system, async (database) => {
      const now = await readMariadbAccount(database, before);
      if (now === undefined) throw errors.notFound('account of the database', nameOf(before));
      if (!now.locked) await database.change('locking the account', [lockStatement(before, true)]);
      return { changed: !now.locked };
    }),
  verify: ({ input, before }, ctx) =>
    ctx.mariadb(input.system, async (database) => {
      const now = await readMariadbAccount(database, before);
      if (now === undefined) return { outcome: 'proven', detail: 'the account is gone' };
      return now.locked
        ? { outcome: 'proven', detail: 'the account is locked' }
        : { outcome: 'not-proven', detail: 'the account may still log on; plan a new run' };
    }),
  undo: ({ input, before }, ctx) =>
    ctx.mariadb(input.system, async (database) => {
      const now = await readMariadbAccount(database, before);
      if (now === undefined)
        return { outcome: 'not-proven', detail: 'the account is gone; create it by hand' };
      if (now.locked !== before.locked)
        await database.change('restoring the lock', [lockStatement(before, before.locked)]);
      const after = await readMariadbAccount(database, before);
      return after?.locked === before.locked
        ? { outcome: 'proven', detail: before.locked ? 'locked, as before' : 'unlocked, as before' }
        : { outcome: 'not-proven', detail: 'the lock is not as before; look at the account and mend it' };
    }),
});
