/** Client of an LDAP directory (Active Directory, Samba AD): LDAPS only, one short connection per use. */
import { Attribute, Change, Client, Control, type Filter } from 'ldapts';
import { errors } from '../core/errors.ts';
import { type ChangeCalls, changing } from './calls.ts';
import { type DirectoryEntry, entryOf } from './directory-entry.ts';
import { shownBy } from './directory-shown.ts';
import { withRehearsal } from './rehearsal.ts';
import { type DirectorySettings, type RehearsalSettings, readAuthority, readSecret } from './settings.ts';

export type DirectoryChange = {
  readonly operation: 'add' | 'delete' | 'replace';
  readonly attribute: string;
  readonly values: readonly string[] | readonly Buffer[];
};

export interface Directory {
  readonly baseDn: string;
  /** The server that answers, for sentences. */
  readonly server: string;
  /** Complete (paged); values go into the filter as data, so use the filter classes of `ldapts` for outside text. */
  search(
    filter: Filter | string,
    attributes: readonly string[],
    base?: string,
    also?: { deleted?: boolean },
  ): Promise<DirectoryEntry[]>;
  /** One object by its DN, `<GUID=…>` or `<SID=…>`. */
  entry(dn: string, attributes: readonly string[]): Promise<DirectoryEntry | undefined>;
  modify(dn: string, changes: readonly DirectoryChange[]): Promise<void>;
  /** Whether that is the password of that account; a logon that fails counts for its lockout. */
  accepts(dn: string, password: string): Promise<boolean | 'unknown'>;
}

/** What the finders of accounts need. */
export type DirectoryReading = Pick<Directory, 'baseDn' | 'entry' | 'search'>;

const DEFAULT_TIMEOUT_MS = 10_000;
/** Attributes that are bytes, not text. */
const BINARY = [
  'objectGUID',
  'objectSid',
  'tokenGroups',
  'logonHours',
  'replPropertyMetaData',
  'invocationId',
];
/** LDAP_SERVER_SHOW_DELETED_OID ([MS-ADTS] 3.1.1.3.4.1.14). */
const SHOW_DELETED = '1.2.840.113556.1.4.417';
/** What a directory adds to a refused logon of somebody who gave the right password: disabled, expired, to be changed. */
const RIGHT_ALL_THE_SAME = /\bdata (?:532|533|701|773)\b/;
/** Wrong password, no such account. */
const WRONG = /\bdata (?:52e|525)\b/;

/** Connects, binds as the account of Vigia, runs `use`, and hangs up. Each call is a fresh connection. */
export const withDirectory = <T>(
  system: string,
  settings: DirectorySettings | RehearsalSettings,
  calls: ChangeCalls,
  use: (directory: Directory) => Promise<T>,
): Promise<T> =>
  settings.kind === 'directory'
    ? withServer(system, settings, calls, use)
    : withRehearsal(system, settings, calls, use);

async function withServer<T>(
  system: string,
  settings: DirectorySettings,
  calls: ChangeCalls,
  use: (directory: Directory) => Promise<T>,
): Promise<T> {
  if (!settings.url.toLowerCase().startsWith('ldaps://'))
    throw errors.usage(
      `target ${system}: ${settings.url} is not ldaps://`,
      'plain LDAP would send the password in clear',
    );
  const timeout = settings.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const tlsOptions = settings.caFile === undefined ? {} : { ca: readAuthority(system, settings.caFile) };
  const newClient = () =>
    new Client({ url: settings.url, timeout, connectTimeout: timeout, strictDN: false, tlsOptions });
  const client = newClient();
  const attempt = async <R>(operation: string, run: () => Promise<R>): Promise<R> => {
    try {
      return await run();
    } catch (cause) {
      throw errors.remote(`${system} (${settings.url})`, operation, cause, hintFor(cause));
    }
  };
  try {
    const secret = readSecret(system, settings);
    await attempt(`bind as ${settings.bindDn}`, () => client.bind(settings.bindDn, secret));
    const baseDn = settings.baseDn ?? (await attempt('reading the root entry', () => namingContext(client)));
    const accepts = (dn: string, password: string) =>
      attempt(`logon as ${dn}`, () => tryLogon(newClient(), dn, password));
    return await use({ ...connected(client, baseDn, system, settings, calls, attempt), accepts });
  } finally {
    // The server may have hung up first; what we wanted to know is already known.
    await client.unbind().catch(() => undefined);
  }
}

type Attempt = <R>(operation: string, run: () => Promise<R>) => Promise<R>;

function connected(
  client: Client,
  baseDn: string,
  system: string,
  { url: server, bindDn }: DirectorySettings,
  calls: ChangeCalls,
  attempt: Attempt,
): Omit<Directory, 'accepts'> {
  const wanted = (attributes: readonly string[]) => ({
    attributes: [...new Set(['objectGUID', ...attributes])],
    explicitBufferAttributes: BINARY,
  });
  const reading: DirectoryReading = {
    baseDn,
    search: async (filter, attributes, base = baseDn, { deleted = false } = {}) =>
      await attempt(`search under ${base}`, async () => {
        const found = await client.search(
          base,
          { scope: 'sub', filter, paged: { pageSize: 500 }, ...wanted(attributes) },
          deleted ? new Control(SHOW_DELETED, { critical: true }) : undefined,
        );
        return found.searchEntries.map(entryOf);
      }),
    entry: async (dn, attributes) =>
      await attempt(`reading ${dn}`, async () => {
        try {
          const found = await client.search(dn, { scope: 'base', ...wanted(attributes) });
          return found.searchEntries.map(entryOf)[0];
        } catch (cause) {
          if (codeOf(cause) === 32) return undefined;
          throw cause;
        }
      }),
  };
  const shown = shownBy(reading, system, bindDn);
  return {
    ...reading,
    server,
    modify: async (dn, changes) => {
      const names = changes.map(({ attribute }) => attribute).join(', ');
      const list = changes.map(
        ({ operation, attribute, values }) =>
          new Change({
            operation,
            modification: new Attribute({ type: attribute, values: [...values] as string[] | Buffer[] }),
          }),
      );
      await changing(
        calls,
        `ldap modify ${names}`,
        () => attempt(`changing ${names} of ${dn}`, () => client.modify(dn, list)),
        await shown(dn, changes),
      );
    },
  };
}

async function tryLogon(client: Client, dn: string, password: string): Promise<boolean | 'unknown'> {
  try {
    await client.bind(dn, password);
    return true;
  } catch (cause) {
    if (codeOf(cause) !== 49) throw cause;
    const message = String((cause as Error).message);
    return RIGHT_ALL_THE_SAME.test(message) ? true : WRONG.test(message) ? false : 'unknown';
  } finally {
    await client.unbind().catch(() => undefined);
  }
}

async function namingContext(client: Client): Promise<string> {
  const { searchEntries } = await client.search('', { scope: 'base', attributes: ['defaultNamingContext'] });
  const value = searchEntries[0]?.['defaultNamingContext'];
  if (typeof value !== 'string' || value === '') throw new Error('it does not say its base; set baseDn');
  return value;
}

/** The LDAP result code of an error that a server answered, reached through the causes. */
export function codeOf(error: unknown): number | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { code } = at as { code?: unknown };
    if (typeof code === 'number') return code;
  }
  return undefined;
}

function hintFor(cause: unknown): string | undefined {
  const code = (cause as { code?: unknown }).code;
  if (code === 49)
    return 'check the account of Vigia on that directory: its name, its password, and that it is not locked';
  if (code === 50) return 'the account of Vigia lacks the right to do this';
  if (code === 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' || code === 'SELF_SIGNED_CERT_IN_CHAIN')
    return 'set caFile to the authority that signed the certificate of the server';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return 'use the name that is in the certificate of the server';
  return undefined;
}
