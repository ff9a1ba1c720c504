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
};

export type SqlServerSettings = SecretSource & {
  readonly kind: 'sqlserver';
  /** `sqlserver://vigia@db2.example.test:1433/master`, without password. Always encrypted. */
  readonly url: string;
  readonly caFile?: string;
  readonly timeoutMs?: number;
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

const text = { type: 'string', minLength: 1 } as const;
const common = {
  passwordFile: { ...text, description: 'File that holds only the password.' },
  passwordEnv: { ...text, description: 'Environment variable that holds the password.' },
  caFile: { ...text, description: 'PEM file of the authority that signed the certificate of the server.' },
  timeoutMs: { type: 'integer', minimum: 100, description: 'Longest wait for one answer.' },
  names: {
    type: 'array',
    items: text,
    description:
      'How the events of this system name it (host.name), where that is neither its address nor the name of the target.',
    examples: [['dc1', 'dc2']],
  },
} as const;
const handover = {
  ...text,
  description:
    'Folder in which a step that sets a new secret leaves it for its owner, one file (mode 600) for each; without it such steps are refused.',
  examples: ['/var/lib/vigia/handover'],
} as const;
const webAddress = {
  type: 'string',
  pattern: '^https?://[^@/?#]+(/[^?#]*)?$',
  description: 'Without account and password; plain http only to this machine.',
} as const;
const oneSecret = [{ required: ['passwordFile'] }, { required: ['passwordEnv'] }];

/** JSON Schema of one target by its `kind`, for the settings loader. */
export const targetSchemas = {
  directory: {
    type: 'object',
    required: ['kind', 'url', 'bindDn'],
    additionalProperties: false,
    properties: {
      kind: { const: 'directory' },
      url: { type: 'string', pattern: '^ldaps://', description: 'Only ldaps: is accepted.' },
      bindDn: { ...text, description: 'DN or user principal name of the account of Vigia.' },
      baseDn: text,
      ...common,
      handover,
    },
    oneOf: oneSecret,
  },
  'directory-rehearsal': {
    type: 'object',
    required: ['kind', 'export', 'copy'],
    additionalProperties: false,
    properties: {
      kind: { const: 'directory-rehearsal' },
      export: {
        ...text,
        description: 'LDIF export of a directory: what playbooks plan against, without a server.',
      },
      copy: { ...text, description: 'File that takes the changes instead; delete it to begin anew.' },
      names: common.names,
    },
  },
  postgresql: {
    type: 'object',
    required: ['kind', 'url'],
    additionalProperties: false,
    properties: {
      kind: { const: 'postgresql' },
      url: {
        type: 'string',
        pattern: '^postgres(ql)?://[^:@/]+@',
        description: 'With the account, without a password.',
      },
      ...common,
      handover,
    },
    oneOf: oneSecret,
  },
  mariadb: {
    type: 'object',
    required: ['kind', 'url'],
    additionalProperties: false,
    properties: {
      kind: { const: 'mariadb' },
      url: {
        type: 'string',
        pattern: '^mariadb://[^:@/]+@',
        description: 'With the account, without a password. Encrypted unless the server is this machine.',
        examples: ['mariadb://vigia@db3.example.test:3306'],
      },
      ...common,
      handover,
    },
    oneOf: oneSecret,
  },
  oracle: {
    type: 'object',
    required: ['kind', 'connect', 'user'],
    additionalProperties: false,
    properties: {
      kind: { const: 'oracle' },
      connect: {
        type: 'string',
        pattern: '^tcps?://[^@/]+/.+$',
        description: 'Address and service name; tcps, or tcp to this machine.',
        examples: ['tcps://db1.example.test:2484/BENEFITS'],
      },
      user: { ...text, description: 'Account of Vigia in the database.' },
      ...common,
    },
    oneOf: oneSecret,
  },
  sqlserver: {
    type: 'object',
    required: ['kind', 'url'],
    additionalProperties: false,
    properties: {
      kind: { const: 'sqlserver' },
      url: {
        type: 'string',
        pattern: '^sqlserver://[^:@/]+@',
        description: 'With the account, without a password.',
        examples: ['sqlserver://vigia@db2.example.test:1433/master'],
      },
      ...common,
    },
    oneOf: oneSecret,
  },
  ssh: {
    type: 'object',
    required: ['kind', 'host', 'user', 'hostKey'],
    additionalProperties: false,
    properties: {
      kind: { const: 'ssh' },
      host: { ...text, description: 'Name or address of the Linux host.', examples: ['web1.example.test'] },
      port: { type: 'integer', minimum: 1, maximum: 65_535, default: 22 },
      user: {
        ...text,
        description: 'Account of Vigia on the host; what it may do there is in its sudoers file.',
      },
      hostKey: {
        type: 'string',
        pattern: '^SHA256:[A-Za-z0-9+/]{43}$',
        description:
          'Fingerprint of the key of the host (the ed25519 one, if it has one): ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub. Any other key is refused.',
      },
      keyFile: { ...text, description: 'File with the private key of the account, without a pass phrase.' },
      passwordFile: common.passwordFile,
      passwordEnv: common.passwordEnv,
      timeoutMs: common.timeoutMs,
      names: common.names,
    },
    oneOf: [{ required: ['keyFile'] }, ...oneSecret],
  },
  http: {
    type: 'object',
    required: ['kind', 'url', 'auth'],
    additionalProperties: false,
    properties: {
      kind: { const: 'http' },
      url: { ...webAddress, examples: ['https://vault.example.test:8200'] },
      auth: {
        enum: ['bearer', 'vault', 'basic', 'a10', 'client-credentials'],
        description:
          'How Vigia makes itself known: a bearer token, a token of HashiCorp Vault or OpenBao, user and password, a session of A10 (aXAPI v3), or OAuth client credentials (Microsoft Graph).',
      },
      user: { ...text, description: 'User (basic, a10) or client id (client-credentials).' },
      tokenUrl: { ...webAddress, description: 'Where client credentials get their token.' },
      scope: {
        ...text,
        description: 'Of client credentials.',
        examples: ['https://graph.microsoft.com/.default'],
      },
      ...common,
    },
    allOf: [
      { oneOf: oneSecret },
      {
        if: { properties: { auth: { enum: ['basic', 'a10', 'client-credentials'] } } },
        // biome-ignore lint/suspicious/noThenProperty: `then` is JSON Schema's keyword
        then: { required: ['user'] },
        else: { properties: { user: false } },
      },
      {
        if: { properties: { auth: { const: 'client-credentials' } } },
        // biome-ignore lint/suspicious/noThenProperty: `then` is JSON Schema's keyword
        then: { required: ['tokenUrl', 'scope'] },
        else: { properties: { tokenUrl: false, scope: false } },
      },
    ],
  },
  webhook: {
    type: 'object',
    required: ['kind', 'url'],
    additionalProperties: false,
    properties: {
      kind: { const: 'webhook' },
      url: { ...webAddress, description: 'Where messages go. The password signs them (HMAC-SHA-256).' },
      ...common,
    },
    oneOf: oneSecret,
  },
  mail: {
    type: 'object',
    required: ['kind', 'host', 'from', 'domains'],
    additionalProperties: false,
    properties: {
      kind: { const: 'mail' },
      host: { ...text, description: 'SMTP server. TLS is a must unless it is this machine.' },
      port: {
        type: 'integer',
        minimum: 1,
        maximum: 65_535,
        default: 587,
        description: '465 begins with TLS.',
      },
      user: { ...text, description: 'Account of Vigia on the server; without it no logon is tried.' },
      from: {
        type: 'string',
        pattern: '^[^@\\s<>]+@[^@\\s<>]+$',
        description: 'Sender.',
        examples: ['vigia@example.test'],
      },
      domains: {
        type: 'array',
        minItems: 1,
        items: text,
        description: 'Mail goes only to addresses of these domains.',
        examples: [['example.test']],
      },
      ...common,
    },
    oneOf: [
      ...oneSecret,
      { not: { required: ['user'] }, properties: { passwordFile: false, passwordEnv: false } },
    ],
  },
} as const;

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
