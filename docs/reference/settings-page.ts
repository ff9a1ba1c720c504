/** The page about every key of the settings file, from its schema. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { readSettings } from '../../server/settings.ts';
import { settingsSchema } from '../../server/settings-schema.ts';
import { code, made, page, table } from './markdown.ts';

interface Schema {
  type?: string | readonly string[];
  const?: unknown;
  enum?: readonly unknown[];
  description?: string;
  examples?: readonly unknown[];
  required?: readonly string[];
  properties?: Readonly<Record<string, Schema>>;
  additionalProperties?: boolean | Schema;
  items?: Schema;
  then?: Schema;
  else?: Schema;
  allOf?: readonly Schema[];
}

interface Row {
  key: string;
  schema: Schema;
  required: boolean;
}

const kindOf = (schema: Schema): string => String(schema.properties?.['kind']?.const);

/** Every key with its path; alternatives (`if`, `then`, `else`; `allOf` of such) by the value of their `kind`. */
function* rowsOf(schema: Schema, path: string): Generator<Row> {
  for (const [name, child] of Object.entries(schema.properties ?? {})) {
    const key = path === '' ? name : `${path}.${name}`;
    if (child.const === undefined)
      yield { key, schema: child, required: schema.required?.includes(name) ?? false };
    yield* inside(child, key);
  }
}

function* inside(schema: Schema, key: string): Generator<Row> {
  const alternatives = [schema.then, schema.else, ...(schema.allOf ?? []).map((one) => one.then)].filter(
    (one) => one !== undefined,
  );
  if (alternatives.length > 0) {
    for (const one of alternatives) yield* rowsOf(one, `${key}(${kindOf(one)})`);
    return;
  }
  yield* rowsOf(schema, key);
  if (schema.items) yield* inside(schema.items, `${key}[]`);
  if (typeof schema.additionalProperties === 'object')
    yield* inside(schema.additionalProperties, `${key}.NAME`);
}

function typeOf({ type, enum: allowed }: Schema): string {
  if (allowed) return allowed.map((value) => code(String(value))).join(' or ');
  return (
    { array: 'list', object: 'map', integer: 'whole number', string: 'text' }[String(type)] ??
    String(type ?? 'text')
  );
}

const exampleOf = ({ examples }: Schema): string =>
  examples?.[0] === undefined ? '' : code(JSON.stringify(examples[0]));

/** What holds when a file says nothing, asked of the reader itself. */
function defaults(): (key: string) => string {
  const folder = mkdtempSync(join(tmpdir(), 'vigia-docs-'));
  try {
    const file = join(folder, 'vigia.yml');
    writeFileSync(file, '{}\n');
    const settings = readSettings(file, {});
    return (key) => {
      const value = key
        .replace('(embedded)', '')
        .split('.')
        .reduce<unknown>((inner, name) => (inner as Record<string, unknown> | undefined)?.[name], settings);
      if (typeof value === 'number') return code(String(value));
      if (typeof value !== 'string') return '';
      return code(value.startsWith(folder) ? relative(folder, value) : value);
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export function settingsPage(): string {
  const defaultOf = defaults();
  // The schema is written as plain objects; `Schema` names the keywords that this page reads.
  const rows = [...rowsOf(settingsSchema as Schema, '')].map(({ key, schema, required }) => [
    code(key),
    typeOf(schema),
    required ? 'yes' : '',
    key.includes('(elasticsearch)') ? '' : defaultOf(key),
    [schema.description ?? '', exampleOf(schema)].filter(Boolean).join(' '),
  ]);
  return page(
    '# Settings',
    made('`server/settings-schema.ts`'),
    'One YAML file, named with `--config FILE` or `VIGIA_CONFIG`. Unknown keys are errors. `vigia settings check --config FILE` ' +
      'shows every mistake with its line. Relative paths count from the file; `store.file` from `state`. A full example is in ' +
      '[operate.md](operate.md#settings).',
    '`[]` is an item of a list, `NAME` a name of your choice, `(kind)` the keys that go with that `kind`.',
    table(['Key', 'Type', 'Required', 'Default', 'Meaning, example'], rows),
  );
}
