/** What each dataset gives to rules: its log sources, its fields, and what must be switched on at the source (`detections/feeds/`). */
import { errors } from '../../core/errors.ts';
import { checkSchema } from '../../core/schema.ts';
import { dataFolder, readData } from '../engine/data.ts';
import type { LogSource } from '../engine/rule.ts';

export interface Need {
  text: string;
  /** Only for rules that ask for one of these values of a field; `*` is any. */
  when?: Record<string, (string | number)[]>;
}

export interface Feed {
  dataset: string;
  logsources: LogSource[];
  /** Windows channels that land here; `*` is every channel that no other feed names. */
  channels: string[];
  needs: Need[];
  /** Fields that its events may carry; `x.*` is everything below. */
  fields: string[];
}

const text = { type: 'string', minLength: 1 };
const texts = { type: 'array', items: text };
const schema = {
  type: 'object',
  additionalProperties: false,
  required: ['feeds'],
  properties: {
    feeds: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['dataset', 'fields'],
        properties: {
          dataset: text,
          channels: texts,
          fields: texts,
          logsources: {
            type: 'array',
            items: {
              type: 'object',
              additionalProperties: false,
              properties: { product: text, category: text, service: text },
            },
          },
          needs: {
            type: 'array',
            items: {
              type: 'object',
              additionalProperties: false,
              required: ['text'],
              properties: {
                text,
                when: {
                  type: 'object',
                  additionalProperties: { type: 'array', items: { type: ['string', 'number'] } },
                },
              },
            },
          },
        },
      },
    },
  },
};

let known: Feed[] | undefined;

/** Every feed we know of; a mistake in our own data stops the program. */
export function feeds(): readonly Feed[] {
  known ??= readData(dataFolder('feeds')).flatMap((document) => {
    const problems = checkSchema(schema, document);
    if (problems.length > 0) throw errors.invalid('feeds', problems);
    const read = document.value as { feeds: (Pick<Feed, 'dataset' | 'fields'> & Partial<Feed>)[] };
    return read.feeds.map((feed) => ({ logsources: [], channels: [], needs: [], ...feed }));
  });
  return known;
}

/** On every event, whatever its dataset. */
const EVERYWHERE = ['@timestamp', 'ecs.version', 'event.created', 'event.dataset', 'event.id', 'event.kind'];

/** Do events of the feed carry something at one of the places? */
export const carries = ({ fields }: Feed, places: readonly string[]): boolean =>
  places.some(
    (place) =>
      EVERYWHERE.includes(place) ||
      fields.some((field) =>
        field.endsWith('.*')
          ? place.startsWith(field.slice(0, -1))
          : place === field || field.startsWith(`${place}.`),
      ),
  );
