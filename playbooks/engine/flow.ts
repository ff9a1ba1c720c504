/** What a flow is, and the schema of its file. */
import type { Condition } from '../../core/conditions/tree.ts';

export interface FlowInput {
  readonly type: 'string' | 'number' | 'boolean' | 'array';
  readonly description: string;
  readonly required?: boolean;
  readonly default?: unknown;
}

export interface FlowStep {
  readonly name: string;
  readonly action: string;
  /** Values or whole references: `{{input.account}}`, `{{incident.number}}`. */
  readonly with: Readonly<Record<string, unknown>>;
  /** The query line, over `input` and `incident`. */
  readonly when?: Condition;
  /** At least so many approvals; it can only raise what the policy asks. */
  readonly approve: number;
  readonly onFailure: 'stop' | 'continue';
}

export interface Flow {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly input: Readonly<Record<string, FlowInput>>;
  readonly steps: readonly FlowStep[];
  /** Over the parsed content: comments and layout do not count. */
  readonly hash: string;
}

const text = { type: 'string', minLength: 1, maxLength: 2_000 } as const;

export const flowSchema = {
  type: 'object',
  required: ['id', 'title', 'description', 'steps'],
  additionalProperties: false,
  properties: {
    id: { type: 'string', pattern: '^[a-z][a-z0-9-]{1,63}$' },
    title: text,
    description: text,
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
        required: ['name', 'action'],
        additionalProperties: false,
        properties: {
          name: text,
          action: text,
          with: { type: 'object' },
          when: text,
          approve: { type: 'integer', minimum: 0, maximum: 10 },
          on_failure: { type: 'string', enum: ['stop', 'continue'] },
        },
      },
    },
  },
} as const;

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
        ...(type === 'array' ? { maxItems: 100, items: { type: 'string', maxLength: 256 } } : {}),
        ...(type === 'string' ? { maxLength: 256 } : {}),
      },
    ]),
  ),
});
