/** What the two actions share that take powers from a PostgreSQL role: its logon as well, or not. One transaction each. */
import { errors } from '../core/errors.ts';
import { type Action, action, said } from './action.ts';
import { type RoleInput, role, system } from './inputs.ts';
import {
  type RoleState,
  readRole,
  restored,
  type Scope,
  statements,
  taken,
  takenFlags,
} from './role-state.ts';
import { findRole, roleSubject, roleTarget } from './subjects.ts';

interface Input extends RoleInput {
  readonly maxMemberships: number;
}

interface Words extends Pick<Action, 'id' | 'title'> {
  /** What it does, for messages. */
  readonly changing: string;
  readonly scope: Scope;
  readonly stays: readonly string[];
  readonly undo: string;
  /** What is so when nothing is left. */
  readonly done: string;
}

/** `scope` says whether the logon is taken too; what is outside of it is neither taken nor restored. */
export const roleAction = ({ id, title, changing, scope, stays, undo, done }: Words): Action =>
  action<Input, RoleState, { changed: boolean }>({
    id,
    title,
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
        const after = taken(state, scope);
        const flags = takenFlags(state, scope);
        return {
          plan: {
            targets: [roleTarget(input.system, found)],
            changes: [
              ...flags.map((flag) => `- role ${said(state.name)} loses ${flag}`),
              ...(state.connectionLimit === after.connectionLimit
                ? []
                : [`~ connection limit ${state.connectionLimit} → 0`]),
              ...(state.validUntil === after.validUntil
                ? []
                : [`~ password valid until ${state.validUntil ?? 'for ever'} → never`]),
              ...state.memberships.map(
                ({ of }) => `- role ${said(state.name)} is no longer a member of ${said(of)}`,
              ),
            ],
            stays: [...stays],
            undo,
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
        const changes = statements(database, now, taken(now, scope));
        if (changes.length > 0) await database.change(changing, changes);
        return { changed: changes.length > 0 };
      }),
    verify: ({ input, before }, ctx) =>
      ctx.postgresql(input.system, async (database) => {
        const now = await readRole(database, before.oid);
        if (now === undefined) return { outcome: 'proven', detail: 'the role is gone' };
        const after = taken(now, scope);
        const left = [
          ...takenFlags(now, scope),
          ...(now.connectionLimit === after.connectionLimit
            ? []
            : [`connection limit ${now.connectionLimit}`]),
          ...(now.validUntil === after.validUntil ? [] : ['a password that has not expired']),
          ...now.memberships.map(({ of }) => `membership of ${said(of)}`),
        ];
        return left.length === 0
          ? { outcome: 'proven', detail: done }
          : { outcome: 'not-proven', detail: `the role still has ${left.join(', ')}; plan a new run` };
      }),
    undo: ({ input, before }, ctx) =>
      ctx.postgresql(input.system, async (database) => {
        const now = await readRole(database, before.oid);
        if (now === undefined)
          return { outcome: 'not-proven', detail: 'the role is gone; create it by hand' };
        const changes = statements(database, now, restored(now, before, scope));
        if (changes.length > 0) await database.change('restoring the role', changes);
        const after = await readRole(database, before.oid);
        return after !== undefined && statements(database, after, restored(after, before, scope)).length === 0
          ? { outcome: 'proven', detail: 'flags, limits and memberships are as before' }
          : {
              outcome: 'not-proven',
              detail: 'the role is not as before; compare it with the journal and mend it by hand',
            };
      }),
  });
