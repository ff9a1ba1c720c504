/** Gives a PostgreSQL role a new secret that nobody has seen: the server gets only its verifier, its owner a file. */
import { errors } from '../../core/errors.ts';
import { MASK } from '../../core/secrets.ts';
import { type Postgresql, quoted } from '../../targets/postgresql.ts';
import { action, said } from '../action.ts';
import { type RoleInput, roleInput } from '../inputs.ts';
import { isVerifierOf, scramVerifier } from '../scram.ts';
import { findRole, roleSubject, roleTarget } from '../subjects.ts';

interface Before {
  readonly oid: number;
  /** In the handover folder; its name says nothing. */
  readonly file: string;
}

export const postgresqlRotateSecret = action<RoleInput, Before, { file: string }>({
  id: 'postgresql.rotate-secret',
  title: 'Give a PostgreSQL role a new secret',
  risk: 'destructive',
  input: roleInput,
  plan: (input, ctx) =>
    ctx.postgresql(input.system, async (database) => {
      const found = await findRole(database, input.role);
      const file = ctx.handover(input.system).name(found.name);
      return {
        plan: {
          targets: [roleTarget(input.system, found)],
          changes: [`~ role ${said(found.name)} gets a new secret; the old one no longer works`],
          stays: [
            'sessions that are open; powers and memberships; until when the password is valid',
            'logons without a password (certificate, peer, Kerberos): see pg_hba.conf',
          ],
          undo: 'impossible: the old secret is known to others and is not kept; rotate again instead',
          proof: 'compares what the server has with the secret in the handover folder',
          bounds: { roles: 1 },
          observed: { roles: 1 },
        },
        subjects: [roleSubject(input.system, found)],
        before: { oid: found.oid, file },
      };
    }),
  act: ({ input, before }, ctx) =>
    ctx.postgresql(input.system, async (database) => {
      const now = await read(database, before.oid);
      if (now === undefined) throw errors.notFound('database role', input.role);
      const secret = await ctx.handover(input.system).make(before.file);
      const change = `ALTER ROLE ${quoted(now.name)} PASSWORD `;
      await database.change('setting a new secret', [
        {
          sql: `${change}'${scramVerifier(secret)}'`,
          // As pgAudit writes it, and as Vigia reads what the server writes.
          logged: [`${change}<REDACTED>`, `${change}${MASK}`],
        },
      ]);
      return { file: before.file };
    }),
  verify: ({ input, before }, ctx) =>
    ctx.postgresql(input.system, async (database) => {
      const handover = ctx.handover(input.system);
      const secret = handover.read(before.file);
      const now = await read(database, before.oid);
      if (now === undefined) return { outcome: 'proven', detail: 'the role is gone, and its secret with it' };
      return secret !== undefined && isVerifierOf(secret, now.verifier)
        ? {
            outcome: 'proven',
            detail: `the new secret is in force; its owner finds it in ${handover.place(before.file)}`,
          }
        : { outcome: 'not-proven', detail: 'the role does not have the new secret; plan a new run' };
    }),
  undo: 'the old secret is known to others and is not kept; rotate again instead',
});

async function read(
  database: Postgresql,
  oid: number,
): Promise<{ name: string; verifier: string } | undefined> {
  const [row] = await database.read(
    'reading the role',
    'SELECT rolname, rolpassword FROM pg_authid WHERE oid = $1',
    [oid],
  );
  return row && { name: String(row['rolname']), verifier: String(row['rolpassword']) };
}
