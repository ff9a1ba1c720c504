/** The limits of exceptions, from `policies/exceptions.yml`. */
import { readFileSync } from 'node:fs';
import { errors } from '../errors.ts';
import { checkSchema } from '../schema.ts';
import { parseYaml } from '../yaml.ts';

export interface ExceptionPolicy {
  source: string;
  since: string;
  longest_days: number;
  warn_days: number;
  late_days: number;
}

const days = (description: string) => ({ type: 'integer', minimum: 0, maximum: 3_660, description });
const schema = {
  type: 'object',
  additionalProperties: false,
  required: ['source', 'since', 'longest_days', 'warn_days', 'late_days'],
  properties: {
    source: { type: 'string', minLength: 1, description: 'Who decided these numbers.' },
    since: { type: 'string', minLength: 1, description: 'Date of this version.' },
    longest_days: { ...days('Longest time from beginning to end.'), minimum: 1 },
    warn_days: days('An exception that ends within so many days is announced.'),
    late_days: days('An event read so many days after the end is not covered any more.'),
  },
};

/** Throws `errors.invalid` with every mistake and its place. */
export function readExceptionPolicy(file: string): ExceptionPolicy {
  const { documents, problems } = parseYaml(readFileSync(file, 'utf8'), file);
  const found = [...problems, ...documents.flatMap((document) => checkSchema(schema, document))];
  if (documents.length !== 1 && found.length === 0)
    found.push({ path: file, message: 'the file must hold one document' });
  if (found.length > 0) throw errors.invalid('exception policy', found);
  return documents[0]!.value as ExceptionPolicy; // checked against the schema
}
