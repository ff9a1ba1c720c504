/** Checks what callers send: addresses carry text, so numbers in them are read from text; a body must have the types it claims. */
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import type { FastifySchemaCompiler } from 'fastify';

const options = { allErrors: true, removeAdditional: false, strict: true, allowUnionTypes: true } as const;
/** With coercion in bodies, `null` would become `false` or step 0. */
const body = new Ajv(options);
const address = new Ajv({ ...options, coerceTypes: 'array' });
for (const one of [body, address]) {
  // The package is CommonJS: its function is the default export of the default export.
  (addFormats as unknown as { default: (ajv: Ajv) => void }).default(one);
}

export const validation: FastifySchemaCompiler<object> = ({ schema, httpPart }) =>
  (httpPart === 'body' ? body : address).compile(schema);
