/** What became of the rules we ever released: an id that people have alerts, exceptions and notes about never just disappears. */
import { errors } from '../core/errors.ts';
import { checkSchema } from '../core/schema.ts';
import { dataFolder, readData } from './engine/data.ts';

export interface RetiredRule {
  id: string;
  title: string;
  retired: string;
  why: string;
  /** Id of the rule to use instead. */
  replacement?: string;
}

export interface History {
  /** Title by id, of every rule that was part of a release. */
  released: Record<string, string>;
  retired: RetiredRule[];
}

const text = { type: 'string', minLength: 1 };
const schema = {
  type: 'object',
  additionalProperties: false,
  required: ['released', 'retired'],
  properties: {
    released: { type: 'object', additionalProperties: text },
    retired: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['id', 'title', 'retired', 'why'],
        properties: {
          id: text,
          title: text,
          retired: { ...text, format: 'date' },
          why: text,
          replacement: text,
        },
      },
    },
  },
};

/** Reads `detections/history/rules.yml`. */
export function readHistory(): History {
  const document = readData(dataFolder('history'))[0]!;
  const problems = checkSchema(schema, document);
  if (problems.length > 0) throw errors.invalid('history of rules', problems);
  return document.value as History; // checked against the schema
}
