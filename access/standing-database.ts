/** Accounts of a PostgreSQL server with power over it, by themselves or through other roles, with their newest collected event. */
import { and, equals, isIn } from '../core/conditions/tree.ts';
import type { Postgresql } from '../targets/postgresql.ts';
import { namesOfSystem } from '../targets/system-names.ts';
import type { Engine } from './engine.ts';
import type { Privilege } from './standing.ts';

/** Built-in roles that reach data, files or programs past all rights on tables. */
const POWERFUL = [
  'pg_read_all_data',
  'pg_write_all_data',
  'pg_read_server_files',
  'pg_write_server_files',
  'pg_execute_server_program',
  'pg_signal_backend',
];

export async function standingInDatabase(
  engine: Engine,
  system: string,
  database: Postgresql,
): Promise<Privilege[]> {
  const rows = await database.read(
    'reading privileged roles',
    `WITH RECURSIVE up(account, oid) AS (
       SELECT oid, oid FROM pg_roles WHERE rolcanlogin
       UNION SELECT up.account, m.roleid FROM up JOIN pg_auth_members m ON m.member = up.oid)
     SELECT a.rolname AS account, a.rolvaliduntil <= now() AS asleep, r.rolname AS through, r.oid = a.oid AS itself,
            r.rolsuper AS super, r.rolcreaterole AS roles, r.rolbypassrls AS rls, r.rolreplication AS replication
       FROM up JOIN pg_roles a ON a.oid = up.account JOIN pg_roles r ON r.oid = up.oid
      WHERE r.rolsuper OR r.rolcreaterole OR r.rolbypassrls OR r.rolreplication OR r.rolname = ANY($1)
      ORDER BY a.rolname, r.rolname`,
    [POWERFUL],
  );
  const names = namesOfSystem(engine.targets, system);
  const found: Privilege[] = [];
  for (const [account, of] of Map.groupBy(rows, (row) => String(row['account']))) {
    const newest = await engine.store.events.read({
      where: and(
        equals('user.name', account),
        isIn('host.name', names),
        equals('service.type', 'postgresql'),
      ),
      order: 'newest',
      size: 1,
    });
    const lastUsed = newest.events[0]?.['@timestamp'];
    found.push({
      account,
      has: of.map(powerOf),
      enabled: of[0]?.['asleep'] !== true,
      ...(lastUsed === undefined ? {} : { lastUsed }),
    });
  }
  return found;
}

function powerOf(row: Readonly<Record<string, unknown>>): string {
  const powers = [
    ...(row['super'] === true ? ['SUPERUSER'] : []),
    ...(row['roles'] === true ? ['CREATEROLE'] : []),
    ...(row['rls'] === true ? ['BYPASSRLS'] : []),
    ...(row['replication'] === true ? ['REPLICATION'] : []),
  ];
  if (row['itself'] === true) return powers.join(', ');
  return powers.length === 0 ? String(row['through']) : `${powers.join(', ')} by ${String(row['through'])}`;
}
