/** A connection that only asks questions, the same for every kind of database; a trail of rows is read over it. */
import { readsOnly } from './calls.ts';
import { openOracle } from './oracle.ts';
import { openPostgresql, type Row } from './postgresql.ts';
import type { OracleSettings, PostgresqlSettings, SqlServerSettings } from './settings.ts';
import { openSqlServer } from './sqlserver.ts';

export interface SqlSession {
  /** `operation` says in words what for, for messages. Binds are positional, in the way of the server. */
  read(operation: string, sql: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  close(): Promise<void>;
}

export function openSql(
  system: string,
  settings: PostgresqlSettings | OracleSettings | SqlServerSettings,
): Promise<SqlSession> {
  if (settings.kind === 'oracle') return openOracle(system, settings);
  if (settings.kind === 'sqlserver') return openSqlServer(system, settings);
  return openPostgresql(system, settings, readsOnly);
}
