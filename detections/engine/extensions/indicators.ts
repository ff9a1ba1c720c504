/** `indicators`, a further condition: a field holds something that is in a list of indicators. */
import { type ExtensionSection, fieldsSchema, sectionSchema } from './writing.ts';

export interface IndicatorCondition {
  lists: string[];
  fields: string[];
}

export const indicators: ExtensionSection<{ list: string | string[]; fields: string[] }, IndicatorCondition> =
  {
    key: 'indicators',
    schema: sectionSchema('Match only what is in a list of indicators', ['list', 'fields'], {
      list: {
        type: ['string', 'array'],
        minLength: 1,
        minItems: 1,
        items: { type: 'string', minLength: 1 },
        description: 'Name of the list, or several; see "vigia indicators list".',
      },
      fields: fieldsSchema('Where to look: addresses, domains, URLs, hashes, accounts.'),
    }),
    read: ({ list, fields }) => ({ lists: [list].flat(), fields }),
  };
