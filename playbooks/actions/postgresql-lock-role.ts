/** Locks a PostgreSQL role: no logon, no powers, no memberships; open sessions lose superuser at once. One transaction. */
import { errors } from '../../core/errors.ts';
import { action, said } from '../action.ts';
import { type RoleInput, role, system } from '../inputs.ts';
import { FLAGS, lockStatements, NEVER, type RoleState, readRole, restoreStatements } from '../role-state.ts';
import { findRole, roleSubject, roleTarget } from '../subjects.ts';

interface Input extends RoleInput {
  readonly maxMemberships: number;
}

export const postgresqlLockRole = action<Input, RoleState, { changed: boolean }>({
  id: 'postgresql.lock-role',
  title: 'Lock a PostgreSQL role',
  risk: 'destructive',
  input: {
    type: 'object',
    required: ['role'],
    additionalProperties: false,
    properties: {
      system: system('postgresql'),
      role,
      maxMemberships: {
        type: 'integer',
        minimum: 1,
        default: 50,
        description: 'More memberships than this refuse the step.',
      },
    },
  },
  plan: (input, ctx) =>
    ctx.postgresql(input.system, async (database) => {
      const found = await findRole(database, input.role);
      const state = await readRole(database, found.oid);
      if (state === undefined) throw errors.notFound('database role', input.role);
      const taken = Object.keys(FLAGS).filter((flag) => state.flags[flag]);
      return {
        plan: {
          targets: [roleTarget(input.system, found)],
          changes: [
            ...taken.map((flag) => `- role ${said(state.name)} loses ${flag}`),
            ...(state.connectionLimit === 0 ? [] : [`~ connection limit ${state.connectionLimit} → 0`]),
            ...(state.validUntil === NEVER
              ? []
              : [`~ password valid until ${state.validUntil ?? 'for ever'} → never`]),
            ...state.memberships.map(
              ({ of }) => `- role ${said(state.name)} is no longer a member of ${said(of)}`,
            ),
          ],
          stays: [
            'the password (kept, so that undo restores the logon); objects that the role owns; rights granted to the role itself',
            'roles that are members of this role; sessions that are open go on without superuser until they are ended',
          ],
          undo:
            'restores flags, connection limit, expiry and memberships as found; a password that never expired comes back ' +
            "with VALID UNTIL 'infinity', which means the same",
          proof: 'reads the role again over a new connection',
          bounds: { roles: 1, memberships: input.maxMemberships },
          observed: {
            roles: 1,
            memberships: state.memberships.length,
            membershipList: state.memberships,
            validUntil: state.validUntil,
          },
        },
        subjects: [roleSubject(input.system, found)],
        before: state,
      };
    }),
  act: ({ input, before, plan }, ctx) =>
    ctx.postgresql(input.system, async (database) => {
      const now = await readRole(database, before.oid);
      if (now === undefined) throw errors.notFound('database role', before.name);
      if (now.memberships.length > (plan.bounds['memberships'] ?? 0))
        throw errors.refused('the role got more memberships than approved');
      const statements = lockStatements(database, now);
      if (statements.length > 0) await database.change('locking the role', statements);
      return { changed: statements.length > 0 };
    }),
  verify: ({ input, before }, ctx) =>
    ctx.postgresql(input.system, async (database) => {
      const now = await readRole(database, before.oid);
      if (now === undefined) return { outcome: 'proven', detail: 'the role is gone' };
      const left = [
        ...Object.keys(FLAGS).filter((flag) => now.flags[flag]),
        ...(now.connectionLimit === 0 ? [] : [`connection limit ${now.connectionLimit}`]),
        ...(now.validUntil === NEVER ? [] : ['a password that has not expired']),
        ...now.memberships.map(({ of }) => `membership of ${said(of)}`),
      ];
      return left.length === 0
        ? { outcome: 'proven', detail: 'the role cannot log on, has no powers and no memberships' }
        : { outcome: 'not-proven', detail: `the role still has ${left.join(', ')}; plan a new run` };
    }),
  undo: ({ input, before }, ctx) =>
    ctx.postgresql(input.system, async (database) => {
      const now = await readRole(database, before.oid);
      if (now === undefined) return { outcome: 'not-proven', detail: 'the role is gone; create it by hand' };
      const statements = restoreStatements(database, now, before);
      if (statements.length > 0) await database.change('restoring the role', statements);
      const after = await readRole(database, before.oid);
      return after !== undefined && restoreStatements(database, after, before).length === 0
        ? { outcome: 'proven', detail: 'flags, limits and memberships are as before' }
        : {
            outcome: 'not-proven',
            detail: 'the role is not as before; compare it with the journal and mend it by hand',
          };
    }),
});
