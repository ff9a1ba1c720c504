/** What a flow is, and the schema of its file. */

export interface FlowInput {
  readonly type: 'string' | 'number' | 'boolean' | 'array';
  readonly description: string;
  readonly required?: boolean;
  readonly default?: unknown;
}

/** One step as the file has it. */
export interface WrittenStep {
  /** By which conditions of later steps mean it. */
  readonly id?: string;
  readonly name: string;
  readonly action: string;
  /** Values or whole references: `{{input.account}}`, `{{incident.number}}`, `{{item}}`. */
  readonly with?: Readonly<Record<string, unknown>>;
  /** A list, or a reference to one: the step is done once for each `{{item}}`. */
  readonly for_each?: string | readonly unknown[];
  /** Steps in a row with the same word here are all done for the first `{{item}}`, then all for the next. */
  readonly together?: string;
  /** The query line, over `input`, `incident`, `item` and `steps.ID.outcome`. */
  readonly when?: string;
  /** At least so many approvals; it can only raise what the policy asks. */
  readonly approve?: number;
  readonly on_failure?: 'stop' | 'continue' | 'compensate';
  /** `30s`, `5m`, `2h` */
  readonly time_limit?: string;
  /** Id of a maintenance window in `policies/windows.yml`, or a reference to one. */
  readonly window?: string;
  /** May be part of a run that no person started. */
  readonly safe?: true;
  /** Time (ISO, UTC) before which it does not begin, or a reference to one. */
  readonly not_before?: string;
}

/** A step, or branches of steps that run beside each other. */
export type WrittenItem = WrittenStep | { readonly parallel: readonly (readonly WrittenStep[])[] };

export interface FlowStep extends WrittenStep {
  readonly branch?: { readonly group: number; readonly number: number };
}

export interface Flow {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly input: Readonly<Record<string, FlowInput>>;
  readonly steps: readonly FlowStep[];
  /** May start by itself (`policies/automation.yml`): then every step says `safe` too, and none is destructive. */
  readonly safe?: true;
  /** Over the parsed content: comments and layout do not count. It is the flow's version. */
  readonly hash: string;
}

export interface Placed {
  readonly step: FlowStep;
  /** Where it stands in the file. */
  readonly pointer: readonly (string | number)[];
}

/** The steps in the order of the file, branches one after the other. */
export function placedSteps(items: readonly WrittenItem[]): Placed[] {
  return items.flatMap((item, group): Placed[] => {
    const at = ['steps', group];
    if (!('parallel' in item)) return [{ step: item, pointer: at }];
    return item.parallel.flatMap((steps, number) =>
      steps.map((step, index) => ({
        step: { ...step, branch: { group, number } },
        pointer: [...at, 'parallel', number, index],
      })),
    );
  });
}

const MS = { s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** `5m` in milliseconds; the schema has checked the form. */
export const durationMs = (text: string): number =>
  Number(text.slice(0, -1)) * MS[text.at(-1) as keyof typeof MS];

const text = { type: 'string', minLength: 1, maxLength: 2_000 } as const;

const stepSchema = {
  type: 'object',
  required: ['name', 'action'],
  additionalProperties: false,
  properties: {
    id: { type: 'string', pattern: '^[a-z][a-z0-9-]{0,63}$' },
    name: text,
    action: text,
    with: { type: 'object' },
    for_each: {},
    together: { type: 'string', pattern: '^[a-z][a-z0-9-]{0,63}$' },
    when: text,
    approve: { type: 'integer', minimum: 0, maximum: 10 },
    on_failure: { type: 'string', enum: ['stop', 'continue', 'compensate'] },
    time_limit: { type: 'string', pattern: '^[1-9][0-9]{0,4}[smh]$' },
    window: text,
    safe: { type: 'boolean', const: true },
    not_before: text,
  },
} as const;

export const flowSchema = {
  type: 'object',
  required: ['id', 'title', 'description', 'steps'],
  additionalProperties: false,
  properties: {
    id: { type: 'string', pattern: '^[a-z][a-z0-9-]{1,63}$' },
    title: text,
    description: text,
    safe: { type: 'boolean', const: true },
    input: {
      type: 'object',
      additionalProperties: {
        type: 'object',
        required: ['type', 'description'],
        additionalProperties: false,
        properties: {
          type: { type: 'string', enum: ['string', 'number', 'boolean', 'array'] },
          description: text,
          required: { type: 'boolean' },
          default: {},
        },
      },
    },
    steps: {
      type: 'array',
      minItems: 1,
      maxItems: 100,
      items: {
        type: 'object',
        if: { required: ['parallel'] },
        // biome-ignore lint/suspicious/noThenProperty: `then` is JSON Schema's keyword
        then: {
          additionalProperties: false,
          properties: {
            parallel: {
              type: 'array',
              minItems: 2,
              maxItems: 20,
              items: { type: 'array', minItems: 1, maxItems: 50, items: stepSchema },
            },
          },
        },
        else: stepSchema,
      },
    },
  },
} as const;

/** Most values that an input of type array takes; a plan of so many steps can still be read page by page. */
const MAX_ITEMS = 1_000;

/** JSON Schema of what a caller must give to this flow. */
export const inputSchema = (input: Flow['input']) => ({
  type: 'object',
  additionalProperties: false,
  required: Object.keys(input).filter((name) => input[name]?.required),
  properties: Object.fromEntries(
    Object.entries(input).map(([name, { type, description, default: fallback }]) => [
      name,
      {
        type,
        description,
        ...(fallback === undefined ? {} : { default: fallback }),
        ...(type === 'array' ? { maxItems: MAX_ITEMS, items: { type: 'string', maxLength: 256 } } : {}),
        ...(type === 'string' ? { maxLength: 256 } : {}),
      },
    ]),
  ),
});
