/** JSON Schema of the settings file; every property has a description and an example, from which the reference page is made. */

import { CONTENT_TYPES } from '../collectors/activity-api/reader.ts';
import { targetSchemas } from '../targets/settings-schema.ts';
import { kafkaSchema } from './kafka-settings.ts';
import { listenSchema } from './listen-settings.ts';
import { prometheusSchema } from './prometheus-schema.ts';
import { list, object, text } from './schema-words.ts';

const password = {
  passwordFile: text('File that holds the password, readable by Vigia only', '/run/secrets/vigia-ad'),
  passwordEnv: text('Environment variable that holds the password', 'VIGIA_AD_PASSWORD'),
};
const caFile = text('Certificate authority that signed the server certificate (PEM)', '/etc/vigia/ca.pem');

const contact = (description: string) =>
  object(description, [], {
    name: text('Name', 'Equipa de resposta'),
    phone: text('Telephone', '+351 210 000 000'),
    email: text('E-mail', 'soc@example.test'),
  });

const embedded = object('SQLite in one file: one machine, one process', ['kind'], {
  kind: { const: 'embedded' },
  file: text('Database file, relative to the state folder', 'vigia.db'),
});
const elasticsearch = object('Elasticsearch 9: several processes, clustered', ['kind', 'nodes'], {
  kind: { const: 'elasticsearch' },
  nodes: { ...list('Addresses of the nodes', 'https://es1.example.test:9200'), minItems: 1 },
  user: text('User name', 'vigia'),
  ...password,
  caFile,
  prefix: text('First part of all index names', 'vigia'),
});

const activityApi = object(
  'Polls the Office 365 Management Activity API (collector office-audit); the application needs the right ActivityFeed.Read',
  ['tenant', 'clientId'],
  {
    tenant: text('Directory (tenant) id', 'c0ffee00-0000-4000-8000-000000000001'),
    clientId: text('Application (client) id', 'c0ffee00-0000-4000-8000-000000000002'),
    passwordFile: text(
      'File that holds the client secret, readable by Vigia only',
      '/run/secrets/vigia-m365',
    ),
    passwordEnv: text('Environment variable that holds the client secret', 'VIGIA_M365_SECRET'),
    contentTypes: {
      type: 'array',
      minItems: 1,
      uniqueItems: true,
      items: { enum: [...CONTENT_TYPES] },
      description: 'What is subscribed; all but DLP.All when left out, which needs a right of its own',
      examples: [['Audit.AzureActiveDirectory', 'Audit.Exchange']],
    },
    lookBackHours: {
      type: 'integer',
      minimum: 1,
      maximum: 167,
      description: 'How far each listing reaches back for content that appears late; 24 when left out',
      examples: [24],
    },
    pollSeconds: {
      type: 'integer',
      minimum: 10,
      maximum: 3_600,
      description: 'Pause between two listings; 60 when left out',
      examples: [60],
    },
    apiUrl: {
      ...text('Address of the API, for other clouds', 'https://manage.office.com'),
      pattern: '^https://',
    },
    loginUrl: {
      ...text('Address of the identity platform, for other clouds', 'https://login.microsoftonline.com'),
      pattern: '^https://',
    },
  },
);

export const settingsSchema = object('Settings of Vigia', [], {
  state: text('Folder for spools, keys and the local token, relative to this file', '/var/lib/vigia'),
  store: {
    type: 'object',
    description: 'Where events and documents live',
    required: ['kind'],
    properties: { kind: { enum: ['embedded', 'elasticsearch'] } },
    if: { properties: { kind: { const: 'elasticsearch' } } },
    // biome-ignore lint/suspicious/noThenProperty: `then` is JSON Schema's keyword
    then: elasticsearch,
    else: embedded,
  },
  sources: {
    type: 'array',
    description: 'Streams of records to collect',
    items: object('One stream of records', ['id', 'collector'], {
      id: {
        ...text('Unique and lasting: event ids and checkpoints depend on it', 'dc1-audit'),
        pattern: '^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$',
      },
      collector: text('What reads it; see "vigia collectors list"', 'samba-audit'),
      files: { ...list('Files to follow, or folders of files', '/var/log/samba/auth.json'), minItems: 1 },
      objects: text(
        'Folder of files that are finished when they appear, plain, .gz or .zst (a synchronised bucket): each is read once',
        '/var/spool/vigia/bucket',
      ),
      listen: listenSchema,
      target: text('Database or directory that is asked, as named under "targets"', 'payments'),
      poll: object('How the trail of the target is read', [], {
        table: {
          ...text('Table or view, where it is not the usual one', 'vigia.postgres_log'),
          pattern: '^[A-Za-z_][A-Za-z0-9_$]*(\\.[A-Za-z_][A-Za-z0-9_$]*){0,2}$',
        },
        everySeconds: {
          type: 'integer',
          minimum: 1,
          maximum: 3_600,
          description: 'Pause between two looks; 5 when left out',
          examples: [5],
        },
        overlapSeconds: {
          type: 'integer',
          minimum: 0,
          maximum: 3_600,
          description:
            'How much later than its own time a row may appear and still be read; 120 when left out',
          examples: [120],
        },
      }),
      description: text('For collector described: a description that ships, or a file', 'apache-access'),
      activityApi,
      prometheus: prometheusSchema,
      kafka: kafkaSchema,
      host: text('Host the records come from, where they do not say', 'dc1'),
      encoding: {
        enum: ['utf-8', 'latin1'],
        description: 'How text is written; other bytes are dead letters',
        examples: ['latin1'],
      },
      zoneMinutes: {
        type: 'integer',
        minimum: -840,
        maximum: 840,
        description: 'Zone of times that name none, in minutes east of UTC',
        examples: [60],
      },
      anchor: {
        ...text('Time near which records without a year lie', '2026-11-21T00:00:00Z'),
        format: 'date-time',
      },
    }),
  },
  indices: {
    type: 'array',
    description:
      'Index patterns that other shippers fill (Elasticsearch only): their events are evaluated where they lie, not copied',
    items: object('One evaluation that is repeated', ['id', 'patterns'], {
      id: {
        ...text('Unique and lasting: progress is kept under it', 'winlogbeat'),
        pattern: '^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$',
      },
      patterns: { ...list('Names of indices, with * for any part', 'winlogbeat-*'), minItems: 1 },
      arrival: text(
        'Date field that says when an event arrived; event.ingested when left out. Events without it are not seen',
        'event.ingested',
      ),
      everySeconds: {
        type: 'integer',
        minimum: 5,
        maximum: 86_400,
        description: 'Pause between two rounds; 60 when left out',
        examples: [60],
      },
      overlapSeconds: {
        type: 'integer',
        minimum: 0,
        maximum: 604_800,
        description:
          'How far each round looks back behind the one before, for events that become searchable late; 300 when left out',
        examples: [300],
      },
    }),
  },
  rules: list('Folders with further Sigma rules; the shipped ones are always loaded', '/etc/vigia/rules'),
  placeholders: {
    type: 'object',
    description: 'Values for %name% in rules',
    additionalProperties: { type: 'array', items: { type: 'string' } },
    examples: [{ Administrators: ['adm-*'] }],
  },
  shadow: {
    type: 'array',
    description: 'Rules that are evaluated and whose matches are kept, but that do not alert yet',
    items: object('Rules in shadow mode', ['rules', 'why'], {
      rules: {
        ...list('Ids, names or titles of rules, or paths that end in *', 'password_reset', 'linux/*'),
        minItems: 1,
      },
      why: text('Why they do not alert yet', 'new; noise to be looked at until the end of May'),
      since: { ...text('Day of the decision', '2026-05-01'), format: 'date' },
    }),
  },
  privacy: {
    ...object('Identifiers of citizens (NISS, NIF) in what applications log', [], {
      keyFile: text(
        'File with the key under which they become pseudonyms; without a key they are hidden',
        '/run/secrets/vigia-pseudonyms',
      ),
      keyEnv: text('Environment variable that holds the key', 'VIGIA_PSEUDONYM_KEY'),
    }),
    maxProperties: 1,
  },
  retentionDays: {
    type: 'integer',
    minimum: 1,
    maximum: 36_500,
    description: 'Events older than this are not taken, and months of events older than this are deleted',
    examples: [400],
  },
  retention: {
    type: 'object',
    description: 'Datasets that are kept shorter or longer than retentionDays, in days',
    additionalProperties: { type: 'integer', minimum: 1, maximum: 36_500 },
    examples: [{ 'nginx.access': 30 }],
  },
  dailyPartitions: {
    type: 'object',
    description:
      'Datasets so large that their indices are days instead of months, each with the day from which on: a day ahead of now, never changed afterwards (docs/sizing.md)',
    additionalProperties: { type: 'string', format: 'date' },
    examples: [{ 'linux.syslog': '2027-01-01' }],
  },
  correlation: object('Rules that count or combine matches', ['latenessMinutes'], {
    latenessMinutes: {
      type: 'number',
      minimum: 0,
      maximum: 1_440,
      description:
        'How long after the end of a window conditions with an upper bound or a negation wait for late events',
      examples: [10],
    },
  }),
  api: object('HTTP API', [], {
    host: text('Address to listen on; anything but loopback needs TLS', '127.0.0.1'),
    port: {
      type: 'integer',
      minimum: 0,
      maximum: 65_535,
      description: 'Port; 0 takes a free one',
      examples: [7788],
    },
    tls: object('Certificate of the API', ['certFile', 'keyFile'], {
      certFile: text('PEM', '/etc/vigia/api.pem'),
      keyFile: text('PEM', '/etc/vigia/api.key'),
    }),
  }),
  targets: {
    type: 'object',
    description:
      'Systems that playbooks read and act on, or whose audit trail is read, by the name that flows and sources use, each with an ' +
      'account of Vigia’s own',
    additionalProperties: {
      type: 'object',
      required: ['kind'],
      properties: { kind: { enum: Object.keys(targetSchemas) } },
      allOf: Object.entries(targetSchemas).map(([kind, schema]) => ({
        if: { type: 'object', required: ['kind'], properties: { kind: { const: kind } } },
        // biome-ignore lint/suspicious/noThenProperty: `then` is JSON Schema's keyword
        then: schema,
      })),
    },
    examples: [
      {
        directory: {
          kind: 'directory',
          url: 'ldaps://dc1.example.test',
          bindDn: 'vigia@example.test',
          passwordFile: '/run/secrets/vigia-ad',
        },
      },
    ],
  },
  inventory: text(
    'File that says which hosts, networks, accounts, databases and services there are, and what needs what: events say whose machines they are about, plans what suffers',
    '/etc/vigia/inventory.yml',
  ),
  reporting: object('How the organisation is named in reports; what is left out is shown as missing', [], {
    entity: object('The entity that notifies', [], {
      name: text('Name', 'Instituto de Informática'),
      nif: text('Tax number', '500000000'),
      sector: text('Sector and subsector', 'Administração pública'),
    }),
    permanentContact: contact('Permanent contact point, as registered with CNCS'),
    representative: contact('Only when it is somebody else'),
    zone: text('Zone of the times in documents', 'Europe/Lisbon'),
  }),
});
