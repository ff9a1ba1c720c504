/** Gives a login of a SQL Server a new secret that nobody has seen; its owner finds it in a file. */
import { errors } from '../../core/errors.ts';
import { unicodeLiteral } from '../../targets/account-server.ts';
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

interface Before extends Pick<SqlServerLogin, 'name' | 'sid'> {
  /** Of the handover folder: the name of the file, which says nothing. */
  readonly file: string;
}

export const sqlserverRotateSecret = action<DatabaseAccountInput, Before, { file: string }>({
  id: 'sqlserver.rotate-secret',
  title: 'Give a login of a SQL Server a new secret',
  untried: UNTRIED,
  risk: 'destructive',
  input: sqlServerLoginInput,
  plan: (input, ctx) =>
    ctx.sqlserver(input.system, async (server) => {
      const login = await findSqlServerLogin(server, input.account);
      if (login.type !== 'S')
        throw errors.refused(
          `${said(login.name)} is the login of a Windows account, whose secret the directory keeps`,
          'reset its password there',
        );
      const handover = ctx.handover(input.system);
      return {
        plan: {
          targets: [sqlServerTarget(input.system, server, login)],
          changes: [`~ login ${said(login.name)} gets a new secret; the old one no longer works`],
          stays: [
            'sessions that are open; its rights, and whether it is disabled or locked by failed logons',
            'the secret itself goes to the server, encrypted on the way; the server keeps its hash',
          ],
          undo: 'impossible: the old secret is known to others and is not kept; rotate again instead',
          proof: 'lets the server compare its hash with the secret in the handover folder',
          bounds: { logins: 1 },
          observed: { logins: 1 },
        },
        subjects: [sqlServerSubject(input.system, login)],
        before: { name: login.name, sid: login.sid, file: handover.name(login.name) },
      };
    }),
  act: ({ input, before }, ctx) =>
    ctx.sqlserver(input.system, async (server) => {
      const now = await readSqlServerLogin(server, before);
      if (now === undefined) throw errors.notFound('login of the server', before.name);
      const secret = await ctx.handover(input.system).make(before.file);
      await server.change('setting a new secret', [
        { sql: `ALTER LOGIN ${quotedLogin(now)} WITH PASSWORD = ${unicodeLiteral(secret)}`, secret },
      ]);
      return { file: before.file };
    }),
  verify: ({ input, before }, ctx) =>
    ctx.sqlserver(input.system, async (server) => {
      const handover = ctx.handover(input.system);
      const secret = handover.read(before.file);
      const [row] = await server.read(
        'comparing the secret',
        'SELECT PWDCOMPARE(@p1, password_hash) AS same FROM sys.sql_logins WHERE sid = CONVERT(varbinary(85), @p2, 1)',
        [secret ?? '', before.sid],
      );
      return secret !== undefined && Number(row?.['same']) === 1
        ? {
            outcome: 'proven',
            detail: `the new secret is in force; its owner finds it in ${handover.place(before.file)}`,
          }
        : { outcome: 'not-proven', detail: 'the login does not have the new secret; plan a new run' };
    }),
  undo: 'the old secret is known to others and is not kept; rotate again instead',
});
