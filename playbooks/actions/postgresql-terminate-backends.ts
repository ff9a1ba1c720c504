/** Ends every session that a PostgreSQL role has open. Lock the role first, or it logs on again. */
import { type DatabaseSession, endSessions, sessionsOf } from '../../targets/postgresql-roles.ts';
import { action, said } from '../action.ts';
import { maxSessions, type RoleInput, role, system } from '../inputs.ts';
import { findRole, roleSubject, roleTarget } from '../subjects.ts';

interface Input extends RoleInput {
  readonly maxSessions: number;
}

interface Before {
  readonly oid: number;
  readonly sessions: readonly DatabaseSession[];
}

export const postgresqlTerminateBackends = action<
  Input,
  Before,
  { ended: { pid: number; ended: boolean }[] }
>({
  id: 'postgresql.terminate-backends',
  title: 'End the sessions of a PostgreSQL role',
  risk: 'destructive',
  input: {
    type: 'object',
    required: ['role'],
    additionalProperties: false,
    properties: {
      system: system('postgresql'),
      role,
      maxSessions: maxSessions('sessions'),
    },
  },
  plan: (input, ctx) =>
    ctx.postgresql(input.system, async (database) => {
      const found = await findRole(database, input.role);
      const sessions = await sessionsOf(database, found.oid);
      return {
        plan: {
          targets: [roleTarget(input.system, found)],
          changes: [
            `- ends every session of role ${said(found.name)} (${sessions.length} now, at most ${input.maxSessions})`,
          ],
          stays: ['prepared transactions; sessions that other roles opened and then switched to this role'],
          undo: 'impossible: ended sessions cannot be brought back; their open transactions are rolled back',
          proof: 'counts the sessions of the role over a new connection',
          bounds: { sessions: input.maxSessions },
          observed: { sessions: sessions.length, sessionList: sessions },
        },
        subjects: [roleSubject(input.system, found)],
        before: { oid: found.oid, sessions },
      };
    }),
  act: ({ before, input, plan }, ctx) =>
    ctx.postgresql(input.system, async (database) => {
      if ((await sessionsOf(database, before.oid)).length === 0) return { ended: [] };
      return { ended: await endSessions(database, before.oid, plan.bounds['sessions'] ?? 0) };
    }),
  verify: ({ before, input }, ctx) =>
    ctx.postgresql(input.system, async (database) => {
      const left = await sessionsOf(database, before.oid);
      if (left.length > 0) {
        const pids = left.map(({ pid }) => pid).join(', ');
        return {
          outcome: 'not-proven',
          detail: `${left.length} sessions of the role are open (pid ${pids}); lock the role, then plan a new run`,
        };
      }
      const [row] = await database.read(
        'reading the role',
        'SELECT rolcanlogin FROM pg_roles WHERE oid = $1',
        [before.oid],
      );
      const warning = row?.['rolcanlogin'] === true ? '; it may still log on' : '';
      return { outcome: 'proven', detail: `no session of the role is open${warning}` };
    }),
  undo: 'ended sessions cannot be brought back',
});
