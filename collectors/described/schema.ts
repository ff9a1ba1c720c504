/** JSON Schema of a description; every property has a description, from which authors learn the format. */

const text = { type: 'string', minLength: 1 };
const scalar = { type: ['string', 'number', 'boolean'] };
const texts = { type: 'array', minItems: 1, items: text };
const oneOrMore = { type: ['string', 'array'], items: text, minLength: 1, minItems: 1 };
const scalars = { type: ['string', 'number', 'boolean', 'array'], items: scalar };
const object = (description: string, properties: Record<string, object>, required: string[] = []) => ({
  type: 'object',
  additionalProperties: false,
  description,
  properties,
  required,
});

export const descriptionSchema = object(
  'How records of one kind of source become events',
  {
    title: { ...text, description: 'What it reads' },
    dataset: {
      type: 'string',
      pattern: '^[a-z][a-z0-9_]{0,62}\\.[a-z][a-z0-9_]{0,62}$',
      description: 'Dataset of the events, module.kind: apache.access',
    },
    logsource: object('What the source is in Sigma’s words', {
      product: text,
      category: text,
      service: text,
    }),
    format: { enum: ['json', 'logfmt', 'csv', 'cef', 'leef', 'regex', 'grok'] },
    patterns: { ...texts, description: 'regex and grok: the first that fits counts' },
    define: { type: 'object', additionalProperties: text, description: 'grok: patterns of one’s own' },
    columns: { ...texts, description: 'csv: names of the columns' },
    separator: { type: 'string', minLength: 1, maxLength: 4, description: 'csv: comma when left out' },
    starts: { ...text, description: 'A line where a record begins; others belong to the record before' },
    time: object(
      'The time of the record',
      {
        from: { ...oneOrMore, description: 'Source field; several are joined with a blank' },
        formats: {
          ...texts,
          description: 'iso, epoch, epoch_ms, syslog, http, or letters: dd/MM/yyyy HH:mm:ss',
        },
      },
      ['from', 'formats'],
    ),
    fields: {
      type: 'object',
      description: 'ECS field → source field',
      additionalProperties: {
        type: ['string', 'object'],
        minLength: 1,
        additionalProperties: false,
        properties: {
          from: { ...oneOrMore, description: 'Source field; of several the first that is there' },
          as: { enum: ['text', 'lower', 'number', 'ip', 'list'] },
          unless: { type: 'array', items: scalar, description: 'Values that mean none' },
          map: { type: 'object', additionalProperties: scalar, description: 'Value as written → as kept' },
          value: { ...scalars, description: 'A constant' },
        },
      },
    },
    when: {
      type: 'array',
      description: 'Further fields where values say so; later ones win',
      items: object(
        'One case',
        {
          if: {
            type: 'object',
            minProperties: 1,
            description: 'Source field → value, list of values, or a test; all must hold',
            additionalProperties: {
              type: ['string', 'number', 'boolean', 'array', 'object'],
              items: scalar,
              additionalProperties: false,
              minProperties: 1,
              properties: {
                gte: { type: 'number' },
                lt: { type: 'number' },
                matches: text,
                exists: { type: 'boolean' },
              },
            },
          },
          set: { type: 'object', minProperties: 1, additionalProperties: scalars },
        },
        ['if', 'set'],
      ),
    },
    mask: { ...texts, description: 'Patterns; their first group is replaced before anything is read' },
    unmatched: { enum: ['reject', 'keep'], description: 'What becomes of a record that fits no pattern' },
    samples: {
      type: 'array',
      minItems: 1,
      description: 'Records with what they become; they are the tests',
      items: object(
        'One sample',
        {
          record: text,
          expect: { type: 'object', description: 'ECS fields by dotted name; null: must not be there' },
          reject: { ...text, description: 'Part of the reason for which it is refused' },
        },
        ['record'],
      ),
    },
  },
  ['title', 'dataset', 'format', 'fields', 'samples'],
);
