/** What the policy files of incidents may say. */
import { LEVELS } from '../core/documents.ts';

const object = (properties: Record<string, unknown>, optional: readonly string[] = []) => ({
  type: 'object',
  additionalProperties: false,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
  properties,
});
const list = (items: unknown) => ({ type: 'array', items });
const text = { type: 'string', minLength: 1 };
const date = { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}$' };
const types = ['user', 'host', 'address', 'group', 'database', 'process', 'file'];
const type = { enum: types };
const level = { enum: LEVELS };
const row = object(Object.fromEntries(LEVELS.map((name) => [name, level])));
const hours = { type: 'number', exclusiveMinimum: 0 };

export const policySchemas = {
  grouping: object({ version: date, window_hours: hours, listed_entities: { type: 'integer', minimum: 1 } }),
  entity: object({
    version: date,
    strong: list(type),
    weak: list(type),
    user_names: { enum: ['bare', 'qualified'] },
    title: list(type),
    ignored: object(Object.fromEntries(types.map((name) => [name, list(text)])), types),
  }),
  severity: object({
    version: date,
    matrix: object({ unknown: row, low: row, normal: row, high: row }),
    assets: list(object({ type, name: text, criticality: { enum: ['unknown', 'low', 'normal', 'high'] } })),
  }),
  clocks: object({
    version: date,
    zone: text,
    holidays: object({
      source: text,
      checked: date,
      days: list({
        oneOf: [
          object({ day: { type: 'string', pattern: '^\\d{2}-\\d{2}$' }, name: text }),
          object({ easter: { type: 'integer' }, name: text }),
        ],
      }),
    }),
    steps: list(
      object(
        {
          id: text,
          authority: text,
          title: object({ pt: text, en: text }),
          starts: {
            oneOf: [{ enum: ['significant', 'impact-ended', 'breach-known'] }, object({ sent: text })],
          },
          limit: { oneOf: [object({ hours }), object({ working_days: { type: 'integer', minimum: 1 } })] },
          owed: { enum: ['always', 'when-needed', 'unless-no-risk'] },
          waived: object({ resolved_within_hours: hours, source: text }),
          source: text,
          checked: date,
        },
        ['waived'],
      ),
    ),
  }),
};
