/** Disables a login of a SQL Server. Its rights and secret stay; sessions that are open go on. */
import { errors } from '../../core/errors.ts';
import { action, said } from '../action.ts';
import type { DatabaseAccountInput } from '../inputs.ts';
import {
  findSqlServerLogin,
  quotedLogin,
  readSqlServerLogin,
  type SqlServerLogin,
  sqlServerLoginInput,
  sqlServerSubject,
  sqlServerTarget,
  UNTRIED,
} from '../sqlserver-login.ts';

export const sqlserverDisableLogin = action<DatabaseAccountInput, SqlServerLogin, { changed: boolean }>({
  id: 'sqlserver.disable-login',
  title: 'Disable a login of a SQL Server',
  untried: UNTRIED,
  risk: 'destructive',
  input: sqlServerLoginInput,
  plan: (input, ctx) =>
    ctx.sqlserver(input.system, async (server) => {
      const login = await findSqlServerLogin(server, input.account);
      const [row] = await server.read(
        'counting its jobs',
        'SELECT COUNT(*) AS jobs FROM msdb.dbo.sysjobs WHERE owner_sid = CONVERT(varbinary(85), @p1, 1) AND enabled = 1',
        [login.sid],
      );
      const jobs = Number(row?.['jobs']);
      return {
        plan: {
          targets: [sqlServerTarget(input.system, server, login)],
          changes: login.disabled ? [] : [`- login ${said(login.name)} can no longer log on`],
          stays: [
            'its rights and its secret; sessions that are open go on until they are ended',
            `who may impersonate it still can; jobs that it owns (now: ${jobs}) may fail`,
            ...(login.type === 'S'
              ? []
              : ['the Windows account itself, which also gets in by a group that has a login']),
          ],
          undo: login.disabled ? 'leaves it disabled, as it was' : 'enables it',
          proof: 'reads the login again over a new connection',
          bounds: { logins: 1 },
          observed: { logins: 1, jobs },
        },
        subjects: [sqlServerSubject(input.system, login)],
        before: login,
      };
    }),
  act: ({ input, before }, ctx) =>
    ctx.sqlserver(input.system, async (server) => {
      const now = await readSqlServerLogin(server, before);
      if (now === undefined) throw errors.notFound('login of the server', before.name);
      if (!now.disabled) await server.change('disabling the login', [switched(now, 'DISABLE')]);
      return { changed: !now.disabled };
    }),
  verify: ({ input, before }, ctx) =>
    ctx.sqlserver(input.system, async (server) => {
      const now = await readSqlServerLogin(server, before);
      if (now === undefined) return { outcome: 'proven', detail: 'the login is gone' };
      return now.disabled
        ? { outcome: 'proven', detail: 'the login is disabled' }
        : { outcome: 'not-proven', detail: 'the login may still log on; plan a new run' };
    }),
  undo: ({ input, before }, ctx) =>
    ctx.sqlserver(input.system, async (server) => {
      const now = await readSqlServerLogin(server, before);
      if (now === undefined) return { outcome: 'not-proven', detail: 'the login is gone; create it by hand' };
      if (now.disabled !== before.disabled)
        await server.change('restoring the login', [switched(now, before.disabled ? 'DISABLE' : 'ENABLE')]);
      const after = await readSqlServerLogin(server, before);
      return after?.disabled === before.disabled
        ? { outcome: 'proven', detail: before.disabled ? 'disabled, as before' : 'enabled, as before' }
        : { outcome: 'not-proven', detail: 'the login is not as before; look at it and mend it' };
    }),
});

const switched = (login: SqlServerLogin, how: 'DISABLE' | 'ENABLE') => ({
  sql: `ALTER LOGIN ${quotedLogin(login)} ${how}`,
});
