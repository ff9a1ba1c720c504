/** Takes every role and permission from a login of a SQL Server, there and in each database. Several statements, each by itself. */
import { errors } from '../../core/errors.ts';
import { action } from '../action.ts';
import type { DatabaseAccountInput } from '../inputs.ts';
import {
  findSqlServerLogin,
  readSqlServerLogin,
  type SqlServerLogin,
  sqlServerLoginInput,
  sqlServerSubject,
  sqlServerTarget,
  UNTRIED,
} from '../sqlserver-login.ts';
import { readSqlServerRights, type SqlServerRights } from '../sqlserver-rights.ts';

interface Input extends DatabaseAccountInput {
  readonly maxGrants: number;
}

type Before = Pick<SqlServerLogin, 'name' | 'sid'> & SqlServerRights;

export const sqlserverStripLogin = action<Input, Before, { statements: number }>({
  id: 'sqlserver.strip-login',
  title: 'Take all roles and permissions from a login of a SQL Server',
  untried: UNTRIED,
  risk: 'destructive',
  input: {
    ...sqlServerLoginInput,
    properties: {
      ...sqlServerLoginInput.properties,
      maxGrants: {
        type: 'integer',
        minimum: 1,
        default: 100,
        description: 'More roles and permissions than this refuse the step.',
      },
    },
  },
  plan: (input, ctx) =>
    ctx.sqlserver(input.system, async (server) => {
      const login = await findSqlServerLogin(server, input.account);
      const { rights, beyond } = await readSqlServerRights(server, login);
      return {
        plan: {
          targets: [sqlServerTarget(input.system, server, login)],
          changes: rights.map(({ give }) => `- taken back: ${give}`),
          stays: [
            'the right to log on, its secret, what is denied to it, and schemas and jobs that it owns',
            'what it gave to others as a role; where it had WITH GRANT OPTION, what it gave goes with it',
            ...beyond.map((power) => `NOT taken, and then not proven: ${power}; by hand`),
          ],
          undo: 'gives the same again in the name of the same grantors; NOT what it gave to others WITH GRANT OPTION',
          proof: 'reads its roles and permissions again over a new connection',
          bounds: { grants: input.maxGrants },
          observed: { grants: rights.length },
        },
        subjects: [sqlServerSubject(input.system, login)],
        before: { name: login.name, sid: login.sid, rights, beyond },
      };
    }),
  act: ({ input, before, plan }, ctx) =>
    ctx.sqlserver(input.system, async (server) => {
      const now = await readSqlServerLogin(server, before);
      if (now === undefined) throw errors.notFound('login of the server', before.name);
      const { rights } = await readSqlServerRights(server, now);
      if (rights.length > (plan.bounds['grants'] ?? 0))
        throw errors.refused('the login got more roles and permissions than approved');
      await server.change(
        'taking roles and permissions away',
        rights.map(({ take }) => ({ sql: take })),
      );
      return { statements: rights.length };
    }),
  verify: ({ input, before }, ctx) =>
    ctx.sqlserver(input.system, async (server) => {
      const now = await readSqlServerLogin(server, before);
      if (now === undefined) return { outcome: 'proven', detail: 'the login is gone' };
      const { rights, beyond } = await readSqlServerRights(server, now);
      const left = [...rights.map(({ give }) => give), ...beyond];
      return left.length === 0
        ? { outcome: 'proven', detail: 'the login has no role and no permission but to log on' }
        : {
            outcome: 'not-proven',
            detail: `it still has: ${left.join('; ')}; plan a new run, or take it by hand`,
          };
    }),
  undo: ({ input, before }, ctx) =>
    ctx.sqlserver(input.system, async (server) => {
      const now = await readSqlServerLogin(server, before);
      if (now === undefined) return { outcome: 'not-proven', detail: 'the login is gone; create it by hand' };
      await server.change(
        'giving roles and permissions back',
        lacking(await readSqlServerRights(server, before), before).map((sql) => ({ sql })),
      );
      const after = await readSqlServerRights(server, before);
      const different = [...lacking(after, before), ...lacking(before, after)];
      return different.length === 0
        ? { outcome: 'proven', detail: `${before.rights.length} roles and permissions are as before` }
        : {
            outcome: 'not-proven',
            detail: `not as before: ${different.join('; ')}; compare them and mend them by hand`,
          };
    }),
});

/** In the words that give them: what was there before and is not now. */
const lacking = (now: SqlServerRights, before: SqlServerRights): string[] => {
  const has = new Set(now.rights.map(({ give }) => give));
  return before.rights.map(({ give }) => give).filter((give) => !has.has(give));
};
