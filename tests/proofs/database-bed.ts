/** A database server with people who log on to it and accounts of Vigia: what tests and proofs of access share. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ClientConfig, escapeIdentifier, escapeLiteral, Client as PgClient } from 'pg';
import type { PostgresqlSettings } from '../../targets/settings.ts';
import type { PostgresFacts } from '../testbed/postgres.ts';

export interface DatabasePerson {
  readonly name: string;
  readonly password: string;
}

export interface DatabaseBed {
  /** With a superuser of Vigia, everything of which is in the log of the server. */
  readonly target: PostgresqlSettings;
  readonly secret: string;
  /** As superuser. */
  readonly pg: PgClient;
  person(name: string): Promise<DatabasePerson>;
  /** An account of Vigia that may give just these roles, wake accounts, and end sessions. */
  leastAccount(name: string, roles: readonly string[]): Promise<PostgresqlSettings>;
  /** `ended` settles when the server hangs up. */
  session(person: DatabasePerson): Promise<{ client: PgClient; ended: Promise<void> }>;
  close(): Promise<void>;
}

export async function databaseBed(postgres: PostgresFacts, tag: string): Promise<DatabaseBed> {
  const folder = mkdtempSync(join(tmpdir(), 'vigia-database-'));
  const secret = `Va1-${tag}-own-secret`;
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, `${secret}\n`, { mode: 0o600 });
  const { host, port, database } = postgres;
  const connect = async (login: Pick<ClientConfig, 'user' | 'password'>): Promise<PgClient> => {
    const client = new PgClient({ host, port, database, ...login });
    // A session that the server ends also emits this; `ended` tells.
    client.on('error', () => undefined);
    await client.connect();
    return client;
  };
  const pg = await connect(postgres.superuser);
  const account = async (name: string, powers: string): Promise<PostgresqlSettings> => {
    await pg.query(`CREATE ROLE ${escapeIdentifier(name)} ${powers} LOGIN PASSWORD ${escapeLiteral(secret)}`);
    await pg.query(`ALTER ROLE ${escapeIdentifier(name)} SET log_statement = 'all'`);
    return { kind: 'postgresql', url: `postgresql://${name}@${host}:${port}/${database}`, passwordFile };
  };
  return {
    target: await account(`svc-vigia-${tag}`, 'SUPERUSER'),
    secret,
    pg,
    async person(name) {
      const password = `Va1-${name}-secret`;
      await pg.query(`CREATE ROLE ${escapeIdentifier(name)} LOGIN PASSWORD ${escapeLiteral(password)}`);
      return { name, password };
    },
    async leastAccount(name, roles) {
      const settings = await account(name, 'CREATEROLE');
      await pg.query(`GRANT pg_signal_backend TO ${escapeIdentifier(name)}`);
      for (const role of roles)
        await pg.query(`GRANT ${escapeIdentifier(role)} TO ${escapeIdentifier(name)} WITH ADMIN OPTION`);
      return settings;
    },
    async session({ name, password }) {
      const client = await connect({ user: name, password });
      return { client, ended: new Promise<void>((resolve) => client.once('end', resolve)) };
    },
    async close() {
      await pg.end();
      rmSync(folder, { recursive: true });
    },
  };
}
