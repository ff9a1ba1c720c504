/** A real MariaDB 10.11 with audit log (server_audit) and TLS, on a free loopback port. */
import { randomBytes } from 'node:crypto';
import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { issueCertificate } from './certificates.ts';
import { command } from './command.ts';
import { contain } from './contained.ts';
import { removeFolder, temporaryFolder } from './folder.ts';
import { serviceUser } from './user.ts';
import { freePort, untilReady } from './wait.ts';

/** All that another process must know to use a running server; plain data. */
export interface MariadbFacts {
  readonly host: string;
  readonly port: number;
  readonly superuser: { readonly user: string; readonly password: string };
  /** The authority of the server's certificate; both TLS and plain connections are accepted. */
  readonly ca: string;
  /** Every connection and statement, as the audit plug-in writes them. */
  readonly logFile: string;
}

export interface Mariadb extends MariadbFacts {
  stop(): Promise<void>;
}

export async function startMariadb(): Promise<Mariadb> {
  const folder = temporaryFolder('mariadb');
  try {
    return await startIn(folder);
  } catch (cause) {
    removeFolder(folder);
    throw cause;
  }
}

async function startIn(folder: string): Promise<Mariadb> {
  const user = await serviceUser('mysql');
  const own = (path: string): void => chownSync(path, user.uid, user.gid);
  const pki = await issueCertificate(join(folder, 'pki'), 'localhost', ['DNS:localhost', 'IP:127.0.0.1']);
  own(pki.keyFile);
  for (const name of ['data', 'log', 'run']) {
    mkdirSync(join(folder, name), { mode: name === 'data' ? 0o700 : 0o755 });
    own(join(folder, name));
  }
  await command('mariadb-install-db', [
    ...['--no-defaults', '--user=mysql', `--datadir=${folder}/data`, '--skip-test-db'],
    '--auth-root-authentication-method=normal',
  ]);
  const facts: MariadbFacts = {
    host: '127.0.0.1',
    port: await freePort(),
    superuser: { user: 'root', password: randomBytes(15).toString('base64url') },
    ca: pki.ca,
    logFile: join(folder, 'log', 'audit.log'),
  };
  writeFileSync(join(folder, 'my.cnf'), settings(folder, facts.port));
  // Before the first connection: the account that the install step makes has no password.
  writeFileSync(
    join(folder, 'init.sql'),
    `ALTER USER root@localhost IDENTIFIED BY '${facts.superuser.password}';\n`,
  );
  const server = await contain({
    program: '/usr/sbin/mariadbd',
    args: [`--defaults-file=${folder}/my.cnf`],
    user,
    logFile: join(folder, 'output.log'),
  });
  await untilReady('MariaDB', [server], 30_000, () => answers(facts));
  return {
    ...facts,
    async stop() {
      await server.stop();
      removeFolder(folder);
    },
  };
}

/** Durability is off: the data does not outlive the run. Names are not resolved, but localhost is one for 127.0.0.1. */
const settings = (folder: string, port: number): string => `[mariadbd]
datadir = ${folder}/data
socket = ${folder}/run/socket
pid-file = ${folder}/run/pid
init-file = ${folder}/init.sql
bind-address = 127.0.0.1
port = ${port}
ssl-cert = ${folder}/pki/cert.pem
ssl-key = ${folder}/pki/key.pem
plugin_load_add = server_audit
server_audit_logging = ON
server_audit_events = CONNECT,QUERY
server_audit_file_path = ${folder}/log/audit.log
innodb_buffer_pool_size = 16M
innodb_flush_log_at_trx_commit = 0
`;

/** Ready means: the superuser can log on with the password that the init file set. */
async function answers({ host, port, superuser }: MariadbFacts): Promise<boolean> {
  const connection = await createConnection({ host, port, ...superuser, connectTimeout: 2_000 });
  await connection.end();
  return true;
}
