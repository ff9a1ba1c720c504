/** Samba's and Kerberos' own command line tools, run against one domain controller of the test bed. */
import { type Output, tryCommand } from './command.ts';
import type { Mount } from './contained.ts';

/** All that another process must know to use a running controller; plain data. */
export interface SambaFacts {
  /** `ldaps://` and the address. The certificate also names `host`, which only the tools can resolve. */
  readonly url: string;
  readonly address: string;
  readonly host: string;
  readonly realm: string;
  readonly baseDn: string;
  readonly ca: string;
  readonly caFile: string;
  readonly admin: { readonly dn: string; readonly upn: string; readonly password: string };
  /** JSON audit logs, one file per kind; `text` also has the Kerberos lines. A file appears with its first record. */
  readonly logs: Readonly<Record<'auth' | 'dsdb' | 'password' | 'group' | 'transaction' | 'text', string>>;
  readonly settingsFile: string;
  readonly clientSettingsFile: string;
  readonly krb5ConfigFile: string;
  readonly mounts: readonly Mount[];
}

export interface SambaTools extends SambaFacts {
  /** Runs a program where names of the domain resolve: `run('kinit', ['anna'], 'password\n')`. */
  run(program: string, args: readonly string[], input?: string): Promise<Output>;
  /** `tool('user', 'create', 'anna', password)`: samba-tool over LDAPS as administrator; throws when it fails. */
  tool(...args: readonly string[]): Promise<string>;
}

export function connectSamba(facts: SambaFacts): SambaTools {
  const mounts = facts.mounts.map((_, i) => `mount --bind "$${2 * i + 1}" "$${2 * i + 2}" && `).join('');
  const script = `${mounts}shift ${2 * facts.mounts.length} && exec "$@"`;
  const places = facts.mounts.flatMap(({ from, to }) => [from, to]);
  const env = {
    ...process.env,
    KRB5_CONFIG: facts.krb5ConfigFile,
    // Not in /tmp, where the next controller's tools would find tickets of this one.
    KRB5CCNAME: `FILE:${facts.krb5ConfigFile}.cc`,
    LDAPTLS_CACERT: facts.caFile,
  };
  const run = async (program: string, args: readonly string[], input = ''): Promise<Output> =>
    await tryCommand('unshare', ['--mount', 'sh', '-c', script, 'sh', ...places, program, ...args], {
      env,
      input,
    });
  return {
    ...facts,
    run,
    async tool(...args) {
      const login = `Administrator%${facts.admin.password}`;
      const target = ['-s', facts.clientSettingsFile, '-H', `ldaps://${facts.host}`, '-U', login];
      const { code, stdout, stderr } = await run('samba-tool', [...args, ...target]);
      if (code === 0) return stdout;
      throw new Error(
        `samba-tool ${args.slice(0, 2).join(' ')} ended with exit code ${code}:\n${stdout}${stderr}`,
      );
    },
  };
}
