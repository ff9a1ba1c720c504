/** What the sections under `vigia` have in common: how spans and lists of fields are written, and what a reader is given. */
import type { Pointer } from '../reading.ts';

/** One section under `vigia`: its key, its schema, and how what was written there becomes what the engine asks. */
export interface ExtensionSection<Written, Asked> {
  key: string;
  schema: object;
  /** `written` satisfies the schema; `wrong` takes a pointer below the section. */
  read(written: Written, wrong: (pointer: Pointer, message: string, hint: string) => void): Asked;
}

const UNIT_MS: Record<string, number> = {
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

export const spanSchema = (description: string, ...examples: string[]) => ({
  type: 'string',
  pattern: '^[1-9]\\d{0,4}[mhdw]$',
  description,
  examples,
});

/** `30d` in milliseconds. */
export const spanMs = (text: string): number => Number(text.slice(0, -1)) * UNIT_MS[text.at(-1)!]!;

export const fieldsSchema = (description: string) => ({
  type: 'array',
  minItems: 1,
  maxItems: 5,
  uniqueItems: true,
  items: { type: 'string', minLength: 1 },
  description,
});

export const sectionSchema = (
  description: string,
  required: string[],
  properties: Record<string, object>,
) => ({
  type: 'object',
  additionalProperties: false,
  description,
  required,
  properties,
});
