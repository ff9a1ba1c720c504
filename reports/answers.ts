/** What people know about an incident and the logs do not say: the shape of an answers file, and its check. */
import { errors } from '../core/errors.ts';
import { checkSchema } from '../core/schema.ts';
import { parseYaml } from '../core/yaml.ts';
import { CAUSES, type CauseCode, CLASSES } from './taxonomy.ts';

export interface Answers {
  /** Start of the incident; where it cannot be established, leave it out and detection is reported. */
  started_at?: string;
  description?: string;
  cause_category?: CauseCode;
  /** Of the taxonomy: class and type, with detail where there is more to say. */
  effects?: { class: string; type: string; detail?: string }[];
  impact?: {
    users_affected?: number;
    duration?: string;
    geography?: string;
    cross_border?: boolean;
    /** ISO 3166 codes. */
    countries?: string[];
  };
  other_information?: string;
}

const text = { type: 'string', minLength: 1, maxLength: 8_000 };

const schema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    started_at: { type: 'string', format: 'date-time' },
    description: text,
    cause_category: { type: 'string', enum: Object.keys(CAUSES) },
    effects: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['class', 'type'],
        properties: { class: { type: 'string', enum: Object.keys(CLASSES) }, type: text, detail: text },
      },
    },
    impact: {
      type: 'object',
      additionalProperties: false,
      properties: {
        users_affected: { type: 'integer', minimum: 0 },
        duration: text,
        geography: text,
        cross_border: { type: 'boolean' },
        countries: { type: 'array', items: { type: 'string', pattern: '^[A-Z]{2}$' } },
      },
    },
    other_information: text,
  },
};

/** Reads an answers file (YAML or JSON); every mistake with its place. */
export function parseAnswers(content: string, path: string): Answers {
  const { documents, problems } = parseYaml(content, path);
  const document = documents[0];
  if (document === undefined) {
    if (problems.length > 0) throw errors.invalid('answers for the report', problems);
    return {};
  }
  const all = [...problems, ...checkSchema(schema, document)];
  const answers = document.value as Answers;
  if (all.length === 0) {
    for (const [index, effect] of (answers.effects ?? []).entries()) {
      const types = Object.keys(CLASSES[effect.class]!.types);
      if (!types.includes(effect.type))
        all.push({
          path,
          ...document.at(['effects', index, 'type']),
          message: `${JSON.stringify(effect.type)} is no type of ${effect.class}`,
          hint: `write one of: ${types.join(', ')}`,
        });
    }
  }
  if (all.length > 0) throw errors.invalid('answers for the report', all);
  return answers;
}
