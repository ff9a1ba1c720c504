/** A directory and a database server with accounts to contain: what the tests and the crash proof of containment share. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Attribute, Change, Client as LdapClient } from 'ldapts';
import { type ClientConfig, escapeIdentifier, escapeLiteral, Client as PgClient } from 'pg';
import type { DirectorySettings, PostgresqlSettings } from '../../targets/settings.ts';
import type { PostgresFacts } from '../testbed/postgres.ts';
import type { SambaFacts } from '../testbed/samba-tools.ts';

export interface Person {
  readonly name: string;
  readonly dn: string;
  readonly password: string;
}

export interface Containment {
  readonly targets: { readonly directory: DirectorySettings; readonly postgresql: PostgresqlSettings };
  /** Where new secrets are left. */
  readonly handover: string;
  /** Passwords that must appear nowhere. */
  readonly secrets: readonly string[];
  /** As administrator. */
  readonly ldap: LdapClient;
  readonly pg: PgClient;
  readonly baseDn: string;
  /** A user with the same name in both systems. `groups` are names under CN=Users. */
  person(name: string, groups?: readonly string[]): Promise<Person>;
  /** A group under CN=Users, a member of `inside`. */
  group(name: string, inside?: readonly string[]): Promise<string>;
  member(dn: string, group: string): Promise<void>;
  /** Last part of the SID of a group under CN=Users. */
  ridOf(group: string): Promise<number>;
  setPrimaryGroup(person: Person, rid: number): Promise<void>;
  setControl(person: Person, userAccountControl: number): Promise<void>;
  setPassword(person: Person, password: string): Promise<void>;
  /** By failed logons, as an attacker would; the domain locks after the sixth. */
  lockOut(person: Person): Promise<void>;
  /** A bound LDAP connection of that person. */
  logon(person: Person): Promise<LdapClient>;
  /** An open session of that person's database role; `ended` settles when the server hangs up. */
  session(person: Person): Promise<{ client: PgClient; ended: Promise<void> }>;
  close(): Promise<void>;
}

/** Vigia's own accounts are made here too: one per target. */
export async function containment(
  samba: SambaFacts,
  postgres: PostgresFacts,
  tag: string,
): Promise<Containment> {
  const folder = mkdtempSync(join(tmpdir(), 'vigia-containment-'));
  const password = `Va1-${tag}-own-secret`;
  writeFileSync(join(folder, 'password'), `${password}\n`, { mode: 0o600 });
  const own = `svc-vigia-${tag}`;
  const ldap = ldapClient(samba);
  await ldap.bind(samba.admin.upn, samba.admin.password);
  const pg = pgClient(postgres, postgres.superuser);
  await pg.connect();
  const { baseDn } = samba;
  const users = `CN=Users,${baseDn}`;
  const member = (dn: string, group: string) =>
    ldap.modify(`CN=${group},${users}`, [
      new Change({ operation: 'add', modification: new Attribute({ type: 'member', values: [dn] }) }),
    ]);
  const replace = (dn: string, type: string, value: string | Buffer) =>
    ldap.modify(dn, [
      new Change({
        operation: 'replace',
        modification: new Attribute({ type, values: [value] as string[] | Buffer[] }),
      }),
    ]);
  const addUser = async (name: string, secret: string): Promise<string> => {
    const dn = `CN=${name},${users}`;
    await ldap.add(dn, { objectClass: ['user'], sAMAccountName: name, userAccountControl: '514' });
    await replace(dn, 'unicodePwd', Buffer.from(`"${secret}"`, 'utf16le'));
    await replace(dn, 'userAccountControl', '512');
    return dn;
  };
  await member(await addUser(own, password), 'Domain Admins');
  await pg.query(`CREATE ROLE ${escapeIdentifier(own)} SUPERUSER LOGIN PASSWORD ${escapeLiteral(password)}`);
  // Everything that Vigia sends is in the server's own log: that is what the crash proof counts.
  await pg.query(`ALTER ROLE ${escapeIdentifier(own)} SET log_statement = 'all'`);
  const passwordFile = join(folder, 'password');
  const handover = join(folder, 'handover');
  return {
    targets: {
      directory: {
        kind: 'directory',
        url: samba.url,
        bindDn: `${own}@${samba.realm.toLowerCase()}`,
        passwordFile,
        caFile: samba.caFile,
        handover,
      },
      postgresql: {
        kind: 'postgresql',
        url: `postgresql://${own}@${postgres.host}:${postgres.port}/${postgres.database}`,
        passwordFile,
        handover,
      },
    },
    handover,
    secrets: [password],
    ldap,
    pg,
    baseDn,
    member,
    async person(name, groups = []) {
      const secret = `Va1-${name}-secret`;
      const dn = await addUser(name, secret);
      for (const group of groups) await member(dn, group);
      await pg.query(`CREATE ROLE ${escapeIdentifier(name)} LOGIN PASSWORD ${escapeLiteral(secret)}`);
      return { name, dn, password: secret };
    },
    async group(name, inside = []) {
      const dn = `CN=${name},${users}`;
      await ldap.add(dn, { objectClass: ['group'], sAMAccountName: name });
      for (const group of inside) await member(dn, group);
      return dn;
    },
    async ridOf(group) {
      const { searchEntries } = await ldap.search(`CN=${group},${users}`, {
        scope: 'base',
        attributes: ['objectSid'],
        explicitBufferAttributes: ['objectSid'],
      });
      const sid = searchEntries[0]?.['objectSid'];
      if (!Buffer.isBuffer(sid)) throw new Error(`${group} has no SID`);
      return sid.readUInt32LE(sid.length - 4);
    },
    setPrimaryGroup: ({ dn }, rid) => replace(dn, 'primaryGroupID', String(rid)),
    setControl: ({ dn }, control) => replace(dn, 'userAccountControl', String(control)),
    setPassword: ({ dn }, secret) => replace(dn, 'unicodePwd', Buffer.from(`"${secret}"`, 'utf16le')),
    async lockOut({ dn }) {
      // Raised for the whole domain, and only that: a lockout meets only accounts whose logons fail six times.
      await replace(baseDn, 'lockoutThreshold', '6');
      for (let tries = 0; tries < 6; tries += 1) {
        const client = ldapClient(samba);
        await client.bind(dn, 'Va1-wrong').catch(() => undefined);
        await client.unbind();
      }
    },
    async logon({ dn, password: secret }) {
      const client = ldapClient(samba);
      try {
        await client.bind(dn, secret);
        return client;
      } catch (cause) {
        await client.unbind();
        throw cause;
      }
    },
    async session({ name, password: secret }) {
      const client = pgClient(postgres, { user: name, password: secret });
      const ended = new Promise<void>((resolve) => client.once('end', resolve));
      await client.connect();
      return { client, ended };
    },
    async close() {
      await ldap.unbind();
      await pg.end();
      rmSync(folder, { recursive: true });
    },
  };
}

const ldapClient = ({ url, ca }: SambaFacts): LdapClient =>
  new LdapClient({ url, tlsOptions: { ca }, timeout: 10_000, connectTimeout: 10_000, strictDN: false });

function pgClient(
  { host, port, database }: PostgresFacts,
  login: Pick<ClientConfig, 'user' | 'password'>,
): PgClient {
  const client = new PgClient({ host, port, database, ...login });
  // A session that the server ends also emits this; `ended` tells.
  client.on('error', () => undefined);
  return client;
}
