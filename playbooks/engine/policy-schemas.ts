/** The schemas of `approvals.yml`, `automation.yml`, `protected.yml` and `windows.yml`. */
import { WEEKDAYS } from './windows.ts';

const text = { type: 'string', minLength: 1 } as const;
const names = { type: 'array', minItems: 1, items: text } as const;
const numbers = { type: 'array', items: { type: 'integer' } } as const;
const role = {
  type: 'string',
  enum: ['viewer', 'analyst', 'responder', 'approver', 'admin', 'auditor'],
} as const;
/** Where the policy comes from and since when it holds. */
const origin = { source: text, since: { type: 'string', format: 'date' } } as const;

export const approvalsSchema = {
  type: 'object',
  required: ['source', 'since', 'approvals', 'break_glass', 'undo'],
  additionalProperties: false,
  properties: {
    ...origin,
    approvals: {
      type: 'array',
      items: {
        type: 'object',
        required: ['risk', 'needed', 'role', 'hours'],
        additionalProperties: false,
        properties: {
          risk: { type: 'string', enum: ['read', 'reversible', 'destructive'] },
          needed: { type: 'integer', minimum: 0, maximum: 10 },
          role,
          of: names,
          hours: { type: 'number', exclusiveMinimum: 0 },
          escalate: {
            type: 'object',
            required: ['after_hours', 'tell'],
            additionalProperties: false,
            properties: { after_hours: { type: 'number', exclusiveMinimum: 0 }, tell: names },
          },
        },
      },
    },
    break_glass: {
      type: 'object',
      required: ['role', 'review_hours'],
      additionalProperties: false,
      properties: { role, review_hours: { type: 'number', exclusiveMinimum: 0 } },
    },
    undo: { type: 'object', required: ['role'], additionalProperties: false, properties: { role } },
  },
} as const;

const count = { type: 'integer', minimum: 1 } as const;
const counts = <K extends string>(...keys: readonly K[]) =>
  ({
    type: 'object',
    required: keys,
    additionalProperties: false,
    properties: Object.fromEntries(keys.map((key) => [key, count])),
  }) as const;

export const automationSchema = {
  type: 'object',
  required: ['source', 'since', 'watch', 'limit', 'storm', 'fresh_minutes', 'starts'],
  additionalProperties: false,
  properties: {
    ...origin,
    watch: counts('stuck_minutes', 'unanswered_hours'),
    limit: counts('starts', 'minutes'),
    storm: counts('incidents', 'minutes'),
    fresh_minutes: count,
    starts: {
      type: 'array',
      items: {
        type: 'object',
        required: ['id', 'flow', 'when'],
        additionalProperties: false,
        properties: {
          id: { type: 'string', pattern: '^[a-z][a-z0-9-]*$' },
          flow: text,
          when: text,
          input: { type: 'object', default: {} },
        },
      },
    },
  },
} as const;

const yes = { type: 'boolean', const: true } as const;
export const protectedSchema = {
  type: 'object',
  required: ['source', 'since', 'protected', 'privileged_groups'],
  additionalProperties: false,
  properties: {
    ...origin,
    protected: {
      type: 'array',
      items: {
        type: 'object',
        required: ['id', 'why', 'match'],
        additionalProperties: false,
        properties: {
          id: text,
          why: text,
          approvals: { type: 'integer', minimum: 1, maximum: 10 },
          match: {
            type: 'object',
            minProperties: 1,
            maxProperties: 1,
            additionalProperties: false,
            properties: {
              rids: numbers,
              oids: numbers,
              names,
              domain_controllers: yes,
              own_accounts: yes,
              own_hosts: yes,
              tags: names,
              approvers: yes,
            },
          },
        },
      },
    },
    privileged_groups: {
      type: 'object',
      required: ['domain_rids', 'builtin_rids', 'names'],
      additionalProperties: false,
      properties: { domain_rids: numbers, builtin_rids: numbers, names: { type: 'array', items: text } },
    },
  },
} as const;

/** Windows begin and end on a quarter of an hour. */
const quarter = { type: 'string', pattern: '^([01][0-9]|2[0-3]):(00|15|30|45)$' } as const;
export const windowsSchema = {
  type: 'object',
  required: ['source', 'since', 'zone', 'windows'],
  additionalProperties: false,
  properties: {
    ...origin,
    zone: { type: 'string', enum: [...Intl.supportedValuesOf('timeZone'), 'UTC'] },
    windows: {
      type: 'array',
      items: {
        type: 'object',
        required: ['id', 'title', 'days', 'from', 'to'],
        additionalProperties: false,
        properties: {
          id: { type: 'string', pattern: '^[a-z][a-z0-9-]*$' },
          title: text,
          days: { type: 'array', minItems: 1, items: { type: 'string', enum: WEEKDAYS } },
          from: quarter,
          to: quarter,
        },
      },
    },
    freezes: {
      type: 'array',
      default: [],
      items: {
        type: 'object',
        required: ['id', 'why'],
        additionalProperties: false,
        properties: {
          id: text,
          why: text,
          month_days: { type: 'array', items: { type: 'integer', minimum: 1, maximum: 31 } },
          dates: { type: 'array', items: { type: 'string', format: 'date' } },
        },
      },
    },
  },
} as const;
