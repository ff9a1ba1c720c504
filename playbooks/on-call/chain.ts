/** Who is called one after the other when nobody may be missed, and by which channel: `policies/on-call.yml`. */
import type { Problem } from '../../core/errors.ts';
import type { YamlDocument } from '../../core/yaml.ts';

export type OnCallPerson = {
  readonly who: string;
  /** A target of the settings. */
  readonly system: string;
  /** How long an answer is waited for before the next one is called. */
  readonly wait_minutes: number;
} & ({ readonly by: 'mail'; readonly to: string } | { readonly by: 'webhook'; readonly to?: never });

export interface OnCallChain {
  readonly id: string;
  readonly title: string;
  readonly people: readonly OnCallPerson[];
}

const text = {
  type: 'string',
  minLength: 1,
  maxLength: 256,
  pattern: '^[^\\u0000-\\u001f\\u007f]+$',
} as const;
export const onCallSchema = {
  type: 'object',
  required: ['source', 'since', 'chains'],
  additionalProperties: false,
  properties: {
    source: text,
    since: { type: 'string', format: 'date' },
    chains: {
      type: 'array',
      items: {
        type: 'object',
        required: ['id', 'title', 'people'],
        additionalProperties: false,
        properties: {
          id: { type: 'string', pattern: '^[a-z][a-z0-9-]{0,63}$' },
          title: text,
          people: {
            type: 'array',
            minItems: 1,
            maxItems: 20,
            items: {
              type: 'object',
              required: ['who', 'by', 'system', 'wait_minutes'],
              additionalProperties: false,
              properties: {
                who: text,
                by: { enum: ['mail', 'webhook'] },
                system: text,
                to: { type: 'string', maxLength: 254, pattern: '^[^@\\s<>",;]+@[^@\\s<>",;]+$' },
                wait_minutes: { type: 'number', minimum: 1, maximum: 1_440 },
              },
            },
          },
        },
      },
    },
  },
} as const;

/** What the schema cannot say. */
export function chainMistakes(document: YamlDocument, chains: readonly OnCallChain[]): Problem[] {
  const mistake = (pointer: (string | number)[], message: string, hint: string): Problem => ({
    path: document.path,
    ...document.at(['chains', ...pointer]),
    message,
    hint,
  });
  return chains.flatMap(({ id, people }, index) => [
    ...(chains.findIndex((other) => other.id === id) === index
      ? []
      : [mistake([index, 'id'], `the chain ${id} stands here twice`, 'give each its own id')]),
    ...people.flatMap(({ who, by, to }, at) =>
      (by === 'mail') === (to !== undefined)
        ? []
        : [
            by === 'mail'
              ? mistake(
                  [index, 'people', at],
                  `${who} is called by mail at no address`,
                  'add to: name@domain',
                )
              : mistake([index, 'people', at, 'to'], 'a webhook has one receiver', 'take "to" away'),
          ],
    ),
  ]);
}
