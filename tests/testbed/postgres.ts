/** A real PostgreSQL 15 with audit (pgaudit), JSON log and TLS, on a free loopback port. */
import { randomBytes } from 'node:crypto';
import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { issueCertificate } from './certificates.ts';
import { command } from './command.ts';
import { type Contained, contain } from './contained.ts';
import { removeFolder, temporaryFolder } from './folder.ts';
import { serviceUser } from './user.ts';
import { freePort, untilReady } from './wait.ts';

/** All that another process must know to use a running server; plain data. */
export interface PostgresFacts {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly superuser: { readonly user: string; readonly password: string };
  /** The authority of the server's certificate; both TLS and plain connections are accepted. */
  readonly ca: string;
  /** PostgreSQL's own log: one JSON object a line, audit records in `message`. */
  readonly logFile: string;
}

export interface Postgres extends PostgresFacts {
  pids(): number[];
  /** The whole server at once, as a power cut would. */
  kill(): Promise<void>;
  /** Starts again on the same data and port after `kill`. */
  start(): Promise<void>;
  /** Ends the server and removes its data. */
  stop(): Promise<void>;
}

/** Where Debian puts its programs. */
export const postgresPrograms = '/usr/lib/postgresql/15/bin';

export async function startPostgres(): Promise<Postgres> {
  const folder = temporaryFolder('postgres');
  try {
    return await startIn(folder);
  } catch (cause) {
    removeFolder(folder);
    throw cause;
  }
}

async function startIn(folder: string): Promise<Postgres> {
  const user = await serviceUser('postgres');
  const own = (path: string): void => chownSync(path, user.uid, user.gid);
  const pki = await issueCertificate(join(folder, 'pki'), 'localhost', ['DNS:localhost', 'IP:127.0.0.1']);
  for (const name of ['data', 'log', 'run']) {
    mkdirSync(join(folder, name), { mode: name === 'data' ? 0o700 : 0o755 });
    own(join(folder, name));
  }
  own(pki.keyFile);
  const password = randomBytes(15).toString('base64url');
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  own(passwordFile);
  const data = join(folder, 'data');
  await command('setpriv', [
    ...[
      `--reuid=${user.uid}`,
      `--regid=${user.gid}`,
      '--clear-groups',
      `${postgresPrograms}/initdb`,
      '-D',
      data,
    ],
    ...['-U', 'postgres', `--pwfile=${passwordFile}`, '-A', 'scram-sha-256', '--no-locale', '-E', 'UTF8'],
    '--no-sync',
  ]);
  const facts: PostgresFacts = {
    host: '127.0.0.1',
    port: await freePort(),
    database: 'postgres',
    superuser: { user: 'postgres', password },
    ca: pki.ca,
    logFile: join(folder, 'log', 'postgresql.json'),
  };
  writeFileSync(join(data, 'postgresql.auto.conf'), settings(folder, facts.port));
  writeFileSync(join(data, 'pg_hba.conf'), 'host all all 127.0.0.1/32 scram-sha-256\n');
  let server: Contained;
  const start = async (): Promise<void> => {
    server = await contain({
      program: `${postgresPrograms}/postgres`,
      args: ['-D', data],
      user,
      logFile: join(folder, 'output.log'),
    });
    await untilReady('PostgreSQL', [server], 30_000, () => answers(facts));
  };
  await start();
  return {
    ...facts,
    pids: () => server.pids(),
    kill: () => server.stop('SIGKILL'),
    start,
    async stop() {
      // Fast shutdown: sessions still open are ended.
      await server.stop('SIGINT');
      removeFolder(folder);
    },
  };
}

/** Written to postgresql.auto.conf, which is read last. fsync is off: the data does not outlive the run. */
function settings(folder: string, port: number): string {
  return `listen_addresses = '127.0.0.1'
port = ${port}
unix_socket_directories = '${folder}/run'
shared_preload_libraries = 'pgaudit'
logging_collector = on
log_destination = 'stderr,jsonlog'
log_directory = '${folder}/log'
log_filename = 'postgresql.log'
log_file_mode = 0644
log_rotation_age = 0
log_rotation_size = 0
log_connections = on
log_disconnections = on
log_statement = 'ddl'
log_line_prefix = '%m [%p] %q%u@%d from %h app=%a '
log_timezone = 'UTC'
pgaudit.log = 'ddl, role, read, write, misc_set'
pgaudit.log_catalog = off
pgaudit.log_parameter = on
pgaudit.log_relation = on
pgaudit.log_rows = on
ssl = on
ssl_cert_file = '${folder}/pki/cert.pem'
ssl_key_file = '${folder}/pki/key.pem'
fsync = off
shared_buffers = 32MB
`;
}

/** Ready means: the superuser can log on and the audit extension is there. */
async function answers({ host, port, superuser, database }: PostgresFacts): Promise<boolean> {
  const client = new Client({ host, port, ...superuser, database, connectionTimeoutMillis: 2000 });
  // A connection that the server drops while it starts also emits this event; the failed query tells us.
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('CREATE EXTENSION IF NOT EXISTS pgaudit');
    return true;
  } finally {
    await client.end();
  }
}
