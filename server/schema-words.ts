/** The words in which the schemas of settings are written: each says what it is for, and shows how it looks. */

export const text = (description: string, ...examples: string[]) => ({
  type: 'string',
  minLength: 1,
  description,
  examples,
});

export const list = (description: string, ...examples: string[]) => ({
  type: 'array',
  items: { type: 'string', minLength: 1 },
  description,
  examples: [examples],
});

export const object = (description: string, required: string[], properties: Record<string, object>) => ({
  type: 'object',
  additionalProperties: false,
  description,
  required,
  properties,
});
