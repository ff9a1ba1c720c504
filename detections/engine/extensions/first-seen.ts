/** `first_seen`: a match shows a value that was not seen before within the span. */
import { type ExtensionSection, fieldsSchema, sectionSchema, spanMs, spanSchema } from './writing.ts';

export interface FirstSeen {
  fields: string[];
  /** New for each of these, for instance for each user. */
  per: string[];
  withinMs: number;
  /** So many values are remembered; beyond them each is looked up in the stored matches, which is slower and as right. */
  most: number;
}

interface Written {
  fields: string[];
  per?: string[];
  within: string;
  most?: number;
}

const MOST_VALUES = 100_000;

export const firstSeen: ExtensionSection<Written, FirstSeen> = {
  key: 'first_seen',
  schema: sectionSchema('Alert when a match shows a value that is new', ['fields', 'within'], {
    fields: fieldsSchema('The value: one field, or several together.'),
    per: fieldsSchema('New for each of these; left out: new for the whole house.'),
    within: spanSchema('New is what was not seen for so long before.', '30d'),
    most: {
      type: 'integer',
      minimum: 1,
      maximum: 10_000_000,
      description: 'How many values are remembered; more are looked up in the stored matches.',
    },
  }),
  read: ({ fields, per = [], within, most = MOST_VALUES }) => ({
    fields,
    per,
    withinMs: spanMs(within),
    most,
  }),
};
