/** The inputs that several actions share, each with its description: validation and documentation in one. */

/** Names come from events: bounded, and without control characters. */
const name = {
  type: 'string',
  minLength: 1,
  maxLength: 256,
  pattern: '^[^\\u0000-\\u001f\\u007f]+$',
} as const;

export const system = (fallback: string) =>
  ({
    ...name,
    default: fallback,
    description: 'The target, as the settings name it.',
    examples: [fallback],
  }) as const;

/** For people to read: `line` holds no line break and no other control character. */
export const words = (maxLength: number) => ({ type: 'string', minLength: 1, maxLength }) as const;
export const line = (maxLength: number) => ({ ...words(maxLength), pattern: name.pattern }) as const;

export const account = {
  ...name,
  description: 'Logon name, user principal name, DOMAIN\\name or SID.',
  examples: ['anna', 'anna@example.test'],
} as const;

export const role = { ...name, description: 'The database role.', examples: ['payments_admin'] } as const;

/** What an approval bounds: a step that would touch more is refused. `what`: sessions, accounts. */
export const atMost = (what: string, fallback: number, maximum: number) =>
  ({
    type: 'integer',
    minimum: 1,
    maximum,
    default: fallback,
    description: `More ${what} than this refuse the step.`,
  }) as const;

export const maxSessions = (what: string) => atMost(what, 100, 10_000);

export interface AccountInput {
  readonly system: string;
  readonly account: string;
}

export interface RoleInput {
  readonly system: string;
  readonly role: string;
}

export const accountInput = {
  type: 'object',
  required: ['account'],
  additionalProperties: false,
  properties: { system: system('directory'), account },
} as const;

export const roleInput = {
  type: 'object',
  required: ['role'],
  additionalProperties: false,
  properties: { system: system('postgresql'), role },
} as const;

export interface DatabaseAccountInput {
  readonly system: string;
  readonly account: string;
}

/** How an account is named differs from server to server. */
export const databaseAccount = (fallback: string, description: string, example: string) =>
  ({
    type: 'object',
    required: ['account'],
    additionalProperties: false,
    properties: { system: system(fallback), account: { ...name, description, examples: [example] } },
  }) as const;

export const databaseAccountInput = databaseAccount(
  'mariadb',
  'The account as user@host; the user alone when only one account is called so.',
  'payments@10.0.%',
);

/** As useradd takes them: no blanks, nothing that begins like an option. */
export const hostUser = {
  type: 'string',
  pattern: '^[a-z_][a-z0-9_.-]{0,31}$',
  description: 'The local account, by its name on the host.',
  examples: ['anna'],
} as const;

export interface HostUserInput {
  readonly system: string;
  readonly user: string;
}

export const hours = (fallback: number, description: string) =>
  ({ type: 'integer', minimum: 0, maximum: 720, default: fallback, description }) as const;
