/** Turns what a target says about an account or role into the subject that the protected-asset policy judges. */
import type { PlannedTarget } from '../core/documents.ts';
import { errors } from '../core/errors.ts';
import type { Account } from '../targets/directory-accounts.ts';
import type { Postgresql } from '../targets/postgresql.ts';
import type { Subject } from './action.ts';

export const accountSubject = (system: string, account: Account): Subject => ({
  system,
  kind: 'directory-account',
  names: account.names,
  rid: account.rid,
  domainController: account.domainController,
});

export const accountTarget = (system: string, { guid, name }: Account): PlannedTarget => ({
  system,
  identity: guid,
  name,
});

export interface Role {
  /** Numbers mean something inside one cluster only. */
  readonly cluster: string;
  readonly oid: number;
  readonly name: string;
}

export async function findRole(database: Postgresql, name: string): Promise<Role> {
  const sql = `SELECT oid::int8::text AS oid, (SELECT system_identifier::text FROM pg_control_system()) AS cluster
                 FROM pg_roles WHERE rolname = $1`;
  const [row] = await database.read('reading the role', sql, [name]);
  if (row === undefined) throw errors.notFound('database role', name);
  return { cluster: String(row['cluster']), oid: Number(row['oid']), name };
}

export const roleSubject = (system: string, { oid, name }: Role): Subject => ({
  system,
  kind: 'database-role',
  names: [name],
  oid,
});

export const roleTarget = (system: string, { cluster, oid, name }: Role): PlannedTarget => ({
  system,
  identity: `${cluster}/${oid}`,
  name,
});
