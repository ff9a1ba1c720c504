/** A directory with people, groups and an account of Vigia: what tests of access share. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Attribute, Change, Client } from 'ldapts';
import type { DirectorySettings } from '../../targets/settings.ts';
import type { SambaFacts } from '../testbed/samba-tools.ts';

export interface DirectoryPerson {
  readonly name: string;
  readonly dn: string;
  readonly password: string;
}

export interface DirectoryBed {
  readonly target: DirectorySettings;
  /** As administrator. */
  readonly ldap: Client;
  dnOf(name: string): string;
  person(name: string, groups?: readonly string[]): Promise<DirectoryPerson>;
  /** A group under CN=Users, a member of `inside`: names there, or of BUILTIN. */
  group(name: string, inside?: readonly string[]): Promise<void>;
  member(dn: string, group: string): Promise<void>;
  /** Names of the direct groups, sorted. */
  groupsOf(person: DirectoryPerson): Promise<string[]>;
  logon(person: DirectoryPerson): Promise<Client>;
  close(): Promise<void>;
}

export async function directoryBed(samba: SambaFacts, tag: string): Promise<DirectoryBed> {
  const folder = mkdtempSync(join(tmpdir(), 'vigia-directory-'));
  const password = `Va1-${tag}-own-secret`;
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  const connect = async (dn: string, secret: string): Promise<Client> => {
    const client = new Client({
      url: samba.url,
      tlsOptions: { ca: samba.ca },
      timeout: 10_000,
      connectTimeout: 10_000,
      strictDN: false,
    });
    await client.bind(dn, secret);
    return client;
  };
  const ldap = await connect(samba.admin.upn, samba.admin.password);
  const dnOf = (name: string) => `CN=${name},CN=Users,${samba.baseDn}`;
  const replace = (dn: string, type: string, value: string | Buffer) =>
    ldap.modify(dn, [
      new Change({
        operation: 'replace',
        modification: new Attribute({ type, values: [value] as string[] | Buffer[] }),
      }),
    ]);
  const member = async (dn: string, group: string) => {
    const builtin = /Operators$/.test(group) ? `CN=${group},CN=Builtin,${samba.baseDn}` : dnOf(group);
    const modification = new Attribute({ type: 'member', values: [dn] });
    await ldap.modify(builtin, [new Change({ operation: 'add', modification })]);
  };
  const person = async (name: string, secret: string): Promise<string> => {
    const dn = dnOf(name);
    await ldap.add(dn, { objectClass: ['user'], sAMAccountName: name, userAccountControl: '514' });
    await replace(dn, 'unicodePwd', Buffer.from(`"${secret}"`, 'utf16le'));
    await replace(dn, 'userAccountControl', '512');
    return dn;
  };
  const own = `svc-vigia-${tag}`;
  await member(await person(own, password), 'Domain Admins');
  return {
    target: {
      kind: 'directory',
      url: samba.url,
      bindDn: `${own}@${samba.realm.toLowerCase()}`,
      passwordFile,
      caFile: samba.caFile,
    },
    ldap,
    dnOf,
    member,
    async person(name, groups = []) {
      const secret = `Va1-${name}-secret`;
      const dn = await person(name, secret);
      for (const group of groups) await member(dn, group);
      return { name, dn, password: secret };
    },
    async group(name, inside = []) {
      await ldap.add(dnOf(name), { objectClass: ['group'], sAMAccountName: name });
      for (const group of inside) await member(dnOf(name), group);
    },
    async groupsOf({ dn }) {
      const { searchEntries } = await ldap.search(dn, { scope: 'base', attributes: ['memberOf'] });
      return [searchEntries[0]?.['memberOf'] ?? []]
        .flat()
        .map((each) => /^CN=([^,]+)/.exec(String(each))?.[1] ?? '')
        .sort();
    },
    logon: ({ dn, password: secret }) => connect(dn, secret),
    async close() {
      await ldap.unbind();
      rmSync(folder, { recursive: true });
    },
  };
}
