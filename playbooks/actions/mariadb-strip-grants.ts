/** Takes every grant and role from a MariaDB account. Several statements, since the server knows no transaction for them. */
import { errors } from '../../core/errors.ts';
import { action, said } from '../action.ts';
import { type DatabaseAccountInput, databaseAccountInput } from '../inputs.ts';
import {
  findMariadbAccount,
  grantDifferences,
  grantStatements,
  type MariadbState,
  mariadbSubject,
  mariadbTarget,
  nameOf,
  powersOf,
  readMariadbAccount,
  rolesNotOurs,
  stripStatements,
} from '../mariadb-account.ts';

interface Input extends DatabaseAccountInput {
  readonly maxGrants: number;
}

export const mariadbStripGrants = action<Input, MariadbState, { statements: number }>({
  id: 'mariadb.strip-grants',
  title: 'Take all grants and roles from a MariaDB account',
  risk: 'destructive',
  input: {
    ...databaseAccountInput,
    properties: {
      ...databaseAccountInput.properties,
      maxGrants: {
        type: 'integer',
        minimum: 1,
        default: 100,
        description: 'More grants than this refuse the step.',
      },
    },
  },
  plan: (input, ctx) =>
    ctx.mariadb(input.system, async (database) => {
      const account = await findMariadbAccount(database, input.account);
      const state = await readMariadbAccount(database, account);
      if (state === undefined) throw errors.notFound('account of the database', input.account);
      const powers = powersOf(state);
      const notOurs = await rolesNotOurs(database, state);
      return {
        plan: {
          targets: [mariadbTarget(input.system, database, account)],
          changes: powers.map((grant) => `- ${said(nameOf(account))} loses: ${grant}`),
          stays: [
            'its password, limits and TLS requirement; it may still log on unless it is locked',
            'global rights of sessions that are open, until they are ended; what it granted to others',
          ],
          undo: `grants the same again, in the words that the server had for it; the grantor is then the account of Vigia${
            notOurs.length > 0
              ? `. NOT the roles ${notOurs.join(', ')}: the account of Vigia has no admin option on them`
              : ''
          }`,
          proof: 'asks for the grants again over a new connection',
          bounds: { grants: input.maxGrants },
          observed: { grants: powers.length },
        },
        subjects: [mariadbSubject(input.system, account)],
        before: state,
      };
    }),
  act: ({ input, before, plan }, ctx) =>
    ctx.mariadb(input.system, async (database) => {
      const now = await readMariadbAccount(database, before);
      if (now === undefined) throw errors.notFound('account of the database', nameOf(before));
      if (powersOf(now).length > (plan.bounds['grants'] ?? 0))
        throw errors.refused('the account got more grants than approved');
      const statements = stripStatements(now);
      await database.change('taking grants away', statements);
      return { statements: statements.length };
    }),
  verify: ({ input, before }, ctx) =>
    ctx.mariadb(input.system, async (database) => {
      const now = await readMariadbAccount(database, before);
      if (now === undefined) return { outcome: 'proven', detail: 'the account is gone' };
      const left = powersOf(now);
      return left.length === 0
        ? { outcome: 'proven', detail: 'the account has no grant and no role' }
        : { outcome: 'not-proven', detail: `it still has: ${left.join('; ')}; plan a new run` };
    }),
  undo: ({ input, before }, ctx) =>
    ctx.mariadb(input.system, async (database) => {
      const now = await readMariadbAccount(database, before);
      if (now === undefined)
        return { outcome: 'not-proven', detail: 'the account is gone; create it by hand' };
      await database.change('granting again', grantStatements(now, before));
      const after = await readMariadbAccount(database, before);
      const different = after === undefined ? ['the account is gone'] : grantDifferences(after, before);
      return different.length === 0
        ? { outcome: 'proven', detail: `${powersOf(before).length} grants are as before` }
        : {
            outcome: 'not-proven',
            detail: `not as before: ${different.join('; ')}; compare them and mend them by hand`,
          };
    }),
});
