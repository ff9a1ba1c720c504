/** Accounts to contain on a MariaDB server, with an account of Vigia's own: what the tests of its actions share. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import type { MariadbSettings } from '../../targets/settings.ts';
import type { MariadbFacts } from '../testbed/mariadb.ts';

export interface MariadbAccounts {
  readonly targets: { readonly mariadb: MariadbSettings };
  readonly handover: string;
  /** Passwords that must appear nowhere, those handed over so far among them. */
  secrets(): string[];
  /** As administrator. */
  query(sql: string): Promise<RowDataPacket[]>;
  /** Gives its password. */
  account(name: string): Promise<string>;
  /** An open connection; `ended` settles when the server hangs up. */
  session(user: string, password: string): Promise<{ connection: Connection; ended: Promise<void> }>;
  /** What the server says about it, but for the password. */
  stateOf(name: string): Promise<{ locked: boolean; grants: string[] }>;
  close(): Promise<void>;
}

export const accountSql = (name: string): string => {
  const at = name.lastIndexOf('@');
  return `\`${name.slice(0, at).replaceAll('`', '``')}\`@\`${name.slice(at + 1)}\``;
};

export async function mariadbAccounts(server: MariadbFacts, tag: string): Promise<MariadbAccounts> {
  const folder = mkdtempSync(join(tmpdir(), 'vigia-mariadb-'));
  const own = `svc-vigia-${tag}`;
  const secret = `Va1-${tag}-own-secret`;
  const passwordFile = join(folder, 'password');
  const caFile = join(folder, 'ca.pem');
  const handover = join(folder, 'handover');
  writeFileSync(passwordFile, `${secret}\n`, { mode: 0o600 });
  writeFileSync(caFile, server.ca);
  const { host, port } = server;
  const root = await createConnection({ host, port, ...server.superuser });
  const query = async (sql: string) => (await root.query<RowDataPacket[]>(sql))[0];
  await query(`CREATE USER \`${own}\`@localhost IDENTIFIED BY '${secret}' REQUIRE SSL`);
  // The rights that docs/operate.md asks for.
  await query(`GRANT ALL PRIVILEGES ON *.* TO \`${own}\`@localhost WITH GRANT OPTION`);
  await query(`GRANT PROXY ON ''@'%' TO \`${own}\`@localhost WITH GRANT OPTION`);
  const passwords = [secret];
  return {
    targets: {
      mariadb: { kind: 'mariadb', url: `mariadb://${own}@localhost:${port}`, passwordFile, caFile, handover },
    },
    handover,
    secrets: () => [
      ...passwords,
      ...(existsSync(handover)
        ? readdirSync(handover).map((name) => readFileSync(join(handover, name), 'utf8').trimEnd())
        : []),
    ],
    query,
    async account(name) {
      const password = `Va1-${name.replaceAll(/\W/g, '')}-secret`;
      passwords.push(password);
      await query(`CREATE USER ${accountSql(name)} IDENTIFIED BY '${password}'`);
      return password;
    },
    async session(user, password) {
      const connection = await createConnection({ host, port, user, password });
      const ended = new Promise<void>((over) => connection.on('error', () => over()));
      return { connection, ended };
    },
    async stateOf(name) {
      const user = await query(`SHOW CREATE USER ${accountSql(name)}`);
      const grants = await query(`SHOW GRANTS FOR ${accountSql(name)}`);
      return {
        locked: String(Object.values(user[0]!)[0]).includes('ACCOUNT LOCK'),
        grants: grants.map((row) =>
          String(Object.values(row)[0]).replace(/IDENTIFIED BY PASSWORD '\S+'/, ''),
        ),
      };
    },
    async close() {
      await root.end();
      rmSync(folder, { recursive: true });
    },
  };
}
