/** Takes every privilege, role and proxy right from an account of an Oracle database. Several statements, each of which commits. */
import { errors } from '../../core/errors.ts';
import { doubleQuoted } from '../../targets/account-server.ts';
import type { Oracle } from '../../targets/oracle.ts';
import { action } from '../action.ts';
import type { DatabaseAccountInput } from '../inputs.ts';
import {
  everywhere,
  findOracleAccount,
  type OracleAccount,
  oracleAccountInput,
  oracleSubject,
  oracleTarget,
  quotedAccount,
  readOracleAccount,
  UNTRIED,
} from '../oracle-account.ts';
import { type OracleRights, readOracleRights } from '../oracle-rights.ts';

interface Input extends DatabaseAccountInput {
  readonly maxGrants: number;
}

type Before = Pick<OracleAccount, 'name' | 'id' | 'common'> & OracleRights;

export const oracleStripGrants = action<Input, Before, { statements: number }>({
  id: 'oracle.strip-grants',
  title: 'Take all rights and roles from an account of an Oracle database',
  untried: UNTRIED,
  risk: 'destructive',
  input: {
    ...oracleAccountInput,
    properties: {
      ...oracleAccountInput.properties,
      maxGrants: {
        type: 'integer',
        minimum: 1,
        default: 100,
        description: 'More rights than this refuse the step.',
      },
    },
  },
  plan: (input, ctx) =>
    ctx.oracle(input.system, async (database) => {
      const { name, id, common } = await findOracleAccount(database, input.account);
      const rights = await readOracleRights(database, { name });
      const [row] = await database.read(
        'counting what it gave to others',
        'SELECT COUNT(*) AS given FROM dba_tab_privs WHERE grantor = :1 AND owner <> :2',
        [name, name],
      );
      const given = Number(row?.['given']);
      return {
        plan: {
          targets: [oracleTarget(input.system, database, { name, id })],
          changes: [
            ...rights.rights.map(({ give }) => `- taken back: ${give}`),
            ...(given > 0 ? [`- with them ${given} object privileges that it gave to others`] : []),
          ],
          stays: [
            'its own objects, quotas, profile and secret; code of its own that others run with its rights',
            'what open sessions have by a role, until they are ended',
            ...rights.beyond.map((power) => `NOT taken, and then not proven: ${power}; by hand`),
          ],
          undo: `gives the same again, and the default roles; the grantor is then the account of Vigia${
            given > 0 ? '. NOT what it gave to others' : ''
          }`,
          proof: 'reads its rights again over a new connection',
          bounds: { grants: input.maxGrants },
          observed: { grants: rights.rights.length, givenToOthers: given },
        },
        subjects: [oracleSubject(input.system, { name })],
        before: { name, id, common, ...rights },
      };
    }),
  act: ({ input, before, plan }, ctx) =>
    ctx.oracle(input.system, async (database) => {
      if ((await readOracleAccount(database, before)) === undefined)
        throw errors.notFound('account of the database', before.name);
      const { rights } = await readOracleRights(database, before);
      if (rights.length > (plan.bounds['grants'] ?? 0))
        throw errors.refused('the account got more rights than approved');
      const statements = [...new Set(rights.map(({ take }) => take))];
      await database.change(
        'taking rights away',
        statements.map((sql) => ({ sql })),
      );
      return { statements: statements.length };
    }),
  verify: ({ input, before }, ctx) =>
    ctx.oracle(input.system, async (database) => {
      if ((await readOracleAccount(database, before)) === undefined)
        return { outcome: 'proven', detail: 'the account is gone' };
      const { rights, beyond } = await readOracleRights(database, before);
      const left = [...rights.map(({ give }) => give), ...beyond];
      return left.length === 0
        ? { outcome: 'proven', detail: 'the account has no privilege and no role' }
        : {
            outcome: 'not-proven',
            detail: `it still has: ${left.join('; ')}; plan a new run, or take it by hand`,
          };
    }),
  undo: ({ input, before }, ctx) =>
    ctx.oracle(input.system, async (database) => {
      if ((await readOracleAccount(database, before)) === undefined)
        return { outcome: 'not-proven', detail: 'the account is gone; create it by hand' };
      const now = await readOracleRights(database, before);
      await database.change(
        'giving rights back',
        lacking(now, before).map((sql) => ({ sql })),
      );
      await restoreDefaultRoles(database, before);
      const after = await readOracleRights(database, before);
      const different = [
        ...lacking(after, before),
        ...lacking(before, after),
        ...(sameRoles(after, before) ? [] : ['the default roles']),
      ];
      return different.length === 0
        ? { outcome: 'proven', detail: `${before.rights.length} rights and the default roles are as before` }
        : {
            outcome: 'not-proven',
            detail: `not as before: ${different.join('; ')}; compare them and mend them by hand`,
          };
    }),
});

/** In the words that give them: what was there before and is not now. */
const lacking = (now: OracleRights, before: OracleRights): string[] => {
  const has = new Set(now.rights.map(({ give }) => give));
  return before.rights.map(({ give }) => give).filter((give) => !has.has(give));
};

const sameRoles = (one: OracleRights, other: OracleRights): boolean =>
  one.defaultRoles.join('\n') === other.defaultRoles.join('\n');

/** A role that is given anew works from the logon on, also where it was not to. */
async function restoreDefaultRoles(database: Oracle, before: Before): Promise<void> {
  if (sameRoles(await readOracleRights(database, before), before)) return;
  const roles = before.defaultRoles.map(doubleQuoted).join(', ') || 'NONE';
  await database.change('restoring the default roles', [
    { sql: `ALTER USER ${quotedAccount(before)} DEFAULT ROLE ${roles}${everywhere(before.common)}` },
  ]);
}
