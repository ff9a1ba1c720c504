/** Checks what people write against a JSON schema; every mistake with its place and what to write instead. */
import { createRequire } from 'node:module';
import type { Ajv, ErrorObject } from 'ajv';
import type { Problem } from './errors.ts';
import { didYouMean } from './suggest.ts';
import type { YamlDocument } from './yaml.ts';

/** Loaded when the first document is checked: it takes longer than the start of a command that checks none. */
let loaded: Ajv | undefined;
function ajv(): Ajv {
  if (loaded) return loaded;
  const require = createRequire(import.meta.url);
  const { Ajv } = require('ajv') as typeof import('ajv');
  loaded = new Ajv({
    allErrors: true,
    strict: true,
    strictRequired: false,
    allowUnionTypes: true,
    verbose: true,
  });
  (require('ajv-formats') as (ajv: Ajv) => void)(loaded);
  return loaded;
}

/** Mistakes of a document, sorted as found; empty when it fits the schema. Schemas are compiled once per object. */
export function checkSchema(schema: object, document: YamlDocument): Problem[] {
  const validate = ajv().compile(schema);
  if (validate(document.value)) return [];
  const problems = (validate.errors ?? []).flatMap((error) => explain(error, document) ?? []);
  const seen = new Set<string>();
  return problems.filter((problem) => {
    const key = `${problem.line}:${problem.column} ${problem.message}`;
    return !seen.has(key) && seen.add(key);
  });
}

function explain(error: ErrorObject, document: YamlDocument): Problem | undefined {
  const pointer = error.instancePath
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  const name = nameOf(pointer);
  const problem = (message: string, hint?: string, extra: string[] = []): Problem => ({
    path: document.path,
    ...document.at([...pointer, ...extra]),
    message,
    ...(hint ? { hint } : {}),
  });
  const params = error.params as Record<string, unknown>;
  switch (error.keyword) {
    case 'additionalProperties':
    case 'unevaluatedProperties': {
      const key = String(params['additionalProperty'] ?? params['unevaluatedProperty']);
      const known = Object.keys((error.parentSchema?.['properties'] as object | undefined) ?? {});
      const hint =
        didYouMean(key, known) ?? (known.length > 0 ? `known keys: ${known.join(', ')}` : undefined);
      return problem(`unknown key ${JSON.stringify(key)}`, hint, [key]);
    }
    case 'required':
      return problem(
        `${name} lacks the key ${JSON.stringify(params['missingProperty'])}`,
        `add ${String(params['missingProperty'])}: …`,
      );
    case 'type':
      return problem(`${name} must be ${[params['type']].flat().map(String).map(typeName).join(' or ')}`);
    case 'enum': {
      const allowed = (params['allowedValues'] as unknown[]).map(String);
      const written = typeof error.data === 'string' ? error.data : undefined;
      const near = written === undefined ? undefined : didYouMean(written, allowed);
      return problem(`${name} cannot be ${brief(error.data)}`, near ?? `write one of: ${allowed.join(', ')}`);
    }
    case 'const':
      return problem(`${name} must be ${brief(params['allowedValue'])}`);
    case 'if':
      return undefined; // says only that "then" failed, which is reported itself
    default:
      return problem(`${name} ${error.message ?? 'is not allowed'}`);
  }
}

/** `"title"`, or `item 2 of "steps"`. */
function nameOf(pointer: readonly string[]): string {
  const last = pointer.at(-1);
  if (last === undefined) return 'the document';
  if (!/^\d+$/.test(last)) return JSON.stringify(last);
  return `item ${Number(last) + 1}${pointer.length > 1 ? ` of ${JSON.stringify(pointer.at(-2))}` : ''}`;
}

const typeNames: Record<string, string> = {
  string: 'text',
  object: 'a map',
  array: 'a list',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  null: 'empty',
};
const typeName = (type: string): string => typeNames[type] ?? type;

function brief(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
