/** Roles of a PostgreSQL server by an identity that survives renaming, and the sessions that they have open. */
import { errors } from '../core/errors.ts';
import type { Postgresql } from './postgresql.ts';

export interface Role {
  /** Numbers mean something inside one cluster only. */
  readonly cluster: string;
  readonly oid: number;
  readonly name: string;
}

export interface DatabaseSession {
  readonly pid: number;
  readonly since: string;
  readonly address: string | null;
  readonly application: string;
}

/** How long the server waits for each session to end. */
const WAIT_MS = 2_000;

export async function findRole(database: Postgresql, name: string): Promise<Role> {
  const sql = `SELECT oid::int8::text AS oid, (SELECT system_identifier::text FROM pg_control_system()) AS cluster
                 FROM pg_roles WHERE rolname = $1`;
  const [row] = await database.read('reading the role', sql, [name]);
  if (row === undefined) throw errors.notFound('database role', name);
  return { cluster: String(row['cluster']), oid: Number(row['oid']), name };
}

/** All but our own. */
export async function sessionsOf(database: Postgresql, oid: number): Promise<DatabaseSession[]> {
  const rows = await database.read(
    'reading sessions',
    `SELECT pid, backend_start::text AS since, host(client_addr) AS address, application_name AS application
       FROM pg_stat_activity WHERE usesysid = $1 AND pid <> pg_backend_pid() ORDER BY pid`,
    [oid],
  );
  // The columns are named after the fields.
  return rows as unknown as DatabaseSession[];
}

/** At most so many; says of each whether it ended. */
export async function endSessions(
  database: Postgresql,
  oid: number,
  most: number,
): Promise<{ pid: number; ended: boolean }[]> {
  // Each session waits up to WAIT_MS inside one statement, which has a time limit of its own.
  const [rows] = await database.change('ending sessions', [
    {
      sql: `SELECT pid, pg_terminate_backend(pid, $3) AS ended FROM
              (SELECT pid FROM pg_stat_activity WHERE usesysid = $1 AND pid <> pg_backend_pid() LIMIT $2) s`,
      values: [oid, most, WAIT_MS],
    },
  ]);
  return (rows ?? []).map((row) => ({ pid: Number(row['pid']), ended: row['ended'] === true }));
}
