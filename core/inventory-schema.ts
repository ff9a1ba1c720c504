/** The schema of the inventory file, and what it cannot say: names that stand twice, and needs that nothing meets. */
import type { Problem } from './errors.ts';
import { didYouMean } from './suggest.ts';
import type { YamlDocument } from './yaml.ts';

const text = { type: 'string', minLength: 1, maxLength: 256 } as const;
const texts = { type: 'array', items: text } as const;

export const inventorySchema = {
  type: 'object',
  required: ['source', 'since', 'items'],
  additionalProperties: false,
  properties: {
    source: text,
    since: { type: 'string', format: 'date' },
    items: {
      type: 'array',
      items: {
        type: 'object',
        required: ['name', 'kind'],
        additionalProperties: false,
        properties: {
          name: text,
          kind: { type: 'string', enum: ['service', 'host', 'account', 'database', 'network', 'storage'] },
          also: texts,
          needs: texts,
          users: { type: 'integer', minimum: 0 },
          owner: text,
          criticality: { type: 'string', enum: ['low', 'normal', 'high'] },
          tags: texts,
        },
      },
    },
  },
} as const;

interface Written {
  readonly name: string;
  readonly also?: readonly string[];
  readonly needs?: readonly string[];
}

/** The document has passed the schema. */
export function itemMistakes(document: YamlDocument): Problem[] {
  const { items } = document.value as { items: readonly Written[] };
  const known = new Set(
    items.flatMap(({ name, also = [] }) => [name, ...also]).map((name) => name.toLowerCase()),
  );
  const seen = new Set<string>();
  return items.flatMap(({ name, needs = [] }, index) => {
    const problem = (pointer: readonly (string | number)[], message: string, hint?: string): Problem => ({
      path: document.path,
      ...document.at(['items', index, ...pointer]),
      message,
      ...(hint === undefined ? {} : { hint }),
    });
    const isTwice = seen.has(name.toLowerCase());
    seen.add(name.toLowerCase());
    return [
      ...(isTwice ? [problem(['name'], `two items are called ${JSON.stringify(name)}`)] : []),
      ...needs.flatMap((need, at) =>
        known.has(need.toLowerCase())
          ? []
          : [
              problem(
                ['needs', at],
                `nothing is called ${JSON.stringify(need)}`,
                didYouMean(need, [...known]),
              ),
            ],
      ),
    ];
  });
}
