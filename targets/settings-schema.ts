/** JSON Schema of each kind of target, for the loader and the page of settings. */

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
      handover,
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
      handover,
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
