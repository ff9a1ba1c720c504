/** How a target is reached and with which account of Vigia: what the settings file says under `targets`. */
import { readFileSync } from 'node:fs';
import { errors } from '../core/errors.ts';

/** The password is read from here just before each connection; it is never written in the settings file. */
export type SecretSource =
  | { readonly passwordFile: string; readonly passwordEnv?: never }
  | { readonly passwordEnv: string; readonly passwordFile?: never };

export type DirectorySettings = SecretSource & {
  readonly kind: 'directory';
  /** `ldaps://dc1.example.test`; plain LDAP is refused. */
  readonly url: string;
  /** Vigia's own account, as a DN or a user principal name. */
  readonly bindDn: string;
  /** The authority that signed the server's certificate (PEM); the system's own when absent. */
  readonly caFile?: string;
  /** Left out, the directory says it itself (`defaultNamingContext`). */
  readonly baseDn?: string;
  readonly timeoutMs?: number;
  /** Folder in which a step that sets a new secret leaves it for its owner. */
  readonly handover?: string;
};

export type PostgresqlSettings = SecretSource & {
  readonly kind: 'postgresql';
  /** `postgresql://vigia@db1.example.test:5432/postgres`, without password. TLS unless the host is this machine. */
  readonly url: string;
  readonly caFile?: string;
  readonly timeoutMs?: number;
  readonly handover?: string;
};

export type MariadbSettings = SecretSource & {
  readonly kind: 'mariadb';
  /** `mariadb://vigia@db3.example.test:3306`, without password. TLS unless the host is this machine. */
  readonly url: string;
  readonly caFile?: string;
  readonly timeoutMs?: number;
  readonly handover?: string;
};

/** What every target may say besides. */
interface Named {
  /** How the events of this system name it (`host.name`), where that is neither its address nor the name of the target. */
  readonly names?: readonly string[];
}

/** A directory to rehearse on (`rehearsal.ts`): no server, no account, no secret. */
export interface RehearsalSettings {
  readonly kind: 'directory-rehearsal';
  /** LDIF with the entries as they are at the start. */
  readonly export: string;
  /** LDIF that takes the changes; delete it to begin anew. */
  readonly copy: string;
  /** A rehearsal hands over no secret. */
  readonly handover?: never;
}

export type OracleSettings = SecretSource & {
  readonly kind: 'oracle';
  /** `tcps://db1.example.test:2484/BENEFITS`; plain tcp only to this machine. */
  readonly connect: string;
  readonly user: string;
  readonly caFile?: string;
  readonly timeoutMs?: number;
  readonly handover?: string;
};

export type SqlServerSettings = SecretSource & {
  readonly kind: 'sqlserver';
  /** `sqlserver://vigia@db2.example.test:1433/master`, without password. Always encrypted. */
  readonly url: string;
  readonly caFile?: string;
  readonly timeoutMs?: number;
  readonly handover?: string;
};

export type SshSettings = (
  | (SecretSource & { readonly keyFile?: never })
  | {
      /** Private key of the account of Vigia, without a pass phrase. */
      readonly keyFile: string;
      readonly passwordFile?: never;
      readonly passwordEnv?: never;
    }
) & {
  readonly kind: 'ssh';
  readonly host: string;
  readonly port?: number;
  readonly user: string;
  /** `SHA256:…` as `ssh-keygen -lf` writes it; any other key is refused. */
  readonly hostKey: string;
  readonly timeoutMs?: number;
};

/** A system with an HTTP API, and how it wants to know us. */
export type HttpSettings = SecretSource & {
  readonly kind: 'http';
  /** `https://vault.example.test:8200`; what comes behind it is the API's. Plain http only to this machine. */
  readonly url: string;
  readonly caFile?: string;
  readonly timeoutMs?: number;
} & (
    | { readonly auth: 'bearer' | 'vault' | 'none'; readonly user?: never }
    | { readonly auth: 'basic' | 'a10'; readonly user: string }
    | {
        readonly auth: 'client-credentials';
        readonly user: string;
        readonly tokenUrl: string;
        readonly scope: string;
      }
  );

export type WebhookSettings = SecretSource & {
  readonly kind: 'webhook';
  readonly url: string;
  readonly caFile?: string;
  readonly timeoutMs?: number;
};

export type MailSettings = (
  | (SecretSource & { readonly user: string })
  | { readonly user?: never; readonly passwordFile?: never; readonly passwordEnv?: never }
) & {
  readonly kind: 'mail';
  readonly host: string;
  readonly port?: number;
  readonly from: string;
  /** Mail goes to no other. */
  readonly domains: readonly string[];
  readonly caFile?: string;
  readonly timeoutMs?: number;
};

export type TargetSettings = Named &
  (
    | DirectorySettings
    | RehearsalSettings
    | PostgresqlSettings
    | MariadbSettings
    | OracleSettings
    | SqlServerSettings
    | SshSettings
    | HttpSettings
    | WebhookSettings
    | MailSettings
  );
/** By the name that flows use: `directory`, `postgresql`, `payments` … */
export type TargetsSettings = Readonly<Record<string, TargetSettings>>;

/** The account of Vigia on that system. */
export function accountOf(settings: Exclude<TargetSettings, RehearsalSettings>): string {
  if (settings.kind === 'directory') return settings.bindDn;
  if (settings.kind === 'http' || settings.kind === 'mail') return settings.user ?? '';
  if (settings.kind === 'oracle' || settings.kind === 'ssh') return settings.user;
  return settings.kind === 'webhook' ? '' : decodeURIComponent(new URL(settings.url).username);
}

/** Reads the password just in time. Messages name where it should be, never what it is. */
export function readSecret(system: string, source: SecretSource): string {
  if (source.passwordEnv !== undefined) {
    const value = process.env[source.passwordEnv];
    if (value) return value;
    throw errors.usage(
      `target ${system}: the environment variable ${source.passwordEnv} is empty or not set`,
      'set it to the password of the account of Vigia on that target',
    );
  }
  try {
    const value = readFileSync(source.passwordFile, 'utf8').replace(/\r?\n$/, '');
    if (value !== '') return value;
  } catch (cause) {
    throw errors.remote(`target ${system}`, `reading the password file ${source.passwordFile}`, cause);
  }
  throw errors.usage(`target ${system}: the password file ${source.passwordFile} is empty`);
}

export function readAuthority(system: string, caFile: string): string {
  try {
    return readFileSync(caFile, 'utf8');
  } catch (cause) {
    throw errors.remote(`target ${system}`, `reading the certificate authority ${caFile}`, cause);
  }
}
