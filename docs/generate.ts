/** Writes the reference pages that follow from the code: collectors, settings, metrics. `sh bin/node docs/generate.ts` */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import type { Collector } from '../collectors/collector.ts';
import { collectors } from '../collectors/index.ts';
import { METRICS } from '../core/metrics.ts';
import { readSettings } from '../server/settings.ts';
import { settingsSchema } from '../server/settings-schema.ts';

const FOLDER = import.meta.dirname;
const ROOT = resolve(FOLDER, '..');
const made = (from: string) => `<!-- Made from ${from} by docs/generate.ts; edit there, not here. -->`;

/** Every generated page by its file name in `docs/`. */
export function pages(): Map<string, string> {
  return new Map([
    ['collectors.md', collectorsPage()],
    ['settings.md', settingsPage()],
    ['metrics.md', metricsPage()],
  ]);
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n');
/** Blocks of a page with a blank line between them. */
const page = (...blocks: readonly string[]): string => `${blocks.join('\n\n')}\n`;
const code = (text: string): string => `\`${text}\``;

const KIB = 1_024;
/** What `run.ts` takes when a collector names no limit. */
const LARGEST_BYTES = KIB * KIB;

function framingOf({ framing }: Collector): string {
  if (framing.kind === 'file') return 'the whole file, and again when it changed';
  if (framing.kind === 'syslog') return 'RFC 6587 frames';
  return framing.continues ? 'lines; a line that continues a record is glued to it' : 'one record a line';
}

function collectorsPage(): string {
  const parts = collectors.map((one) =>
    [
      `## ${code(one.id)}: ${one.title}`,
      one.summary,
      `**Guarantee.** ${one.guarantee}`,
      table(
        ['', ''],
        [
          ['Datasets', one.datasets.map(code).join(', ')],
          ['Records', framingOf(one)],
          ['Largest record', `${(one.maxBytes ?? LARGEST_BYTES) / KIB} KiB; longer ones are dead letters`],
          [
            'Secrets in refused records',
            one.mask ? 'hidden before the record is kept as a dead letter' : 'not hidden',
          ],
        ],
      ),
    ].join('\n\n'),
  );
  return page(
    '# Collectors',
    made('`collectors/`'),
    'What reads sources. Where reading stops short of a guarantee for every collector (rotation, truncation, network) is in ' +
      '[guarantees.md](guarantees.md). Try one on a sample: `vigia collectors test linux-syslog < sample.log`.',
    ...parts,
  );
}

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
}

interface Row {
  key: string;
  schema: Schema;
  required: boolean;
}

const kindOf = (schema: Schema): string => String(schema.properties?.['kind']?.const);

/** Every key with its path; alternatives (`if`, `then`, `else`) by the value of their `kind`. */
function* rowsOf(schema: Schema, path: string): Generator<Row> {
  for (const [name, child] of Object.entries(schema.properties ?? {})) {
    const key = path === '' ? name : `${path}.${name}`;
    if (child.const === undefined)
      yield { key, schema: child, required: schema.required?.includes(name) ?? false };
    yield* inside(child, key);
  }
}

function* inside(schema: Schema, key: string): Generator<Row> {
  const alternatives = [schema.then, schema.else].filter((one) => one !== undefined);
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

function settingsPage(): string {
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

/** Source text that could record a metric: everything but the declaration, what queries it, and tests. */
function recordingCode(): string {
  return ['server', 'collectors', 'detections', 'incidents', 'playbooks', 'store']
    .flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
        join(ROOT, folder, name),
      ),
    )
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
    .map((path) => readFileSync(path, 'utf8'))
    .join('\n');
}

function metricsPage(): string {
  const source = recordingCode();
  const rows = Object.entries(METRICS).map(([name, declared]) => {
    const measured = name === 'vigia_build_info' || source.includes(`'${name}'`);
    const labels = 'labels' in declared ? declared.labels.map(code).join(', ') : '';
    return [code(name), declared.type, labels, declared.help, measured ? 'yes' : '**not yet**'];
  });
  return page(
    '# Metrics',
    made('`core/metrics.ts`'),
    'What `GET /metrics` answers, without a token. Node adds `process_*` and `nodejs_*`. Labels are ids of configured sources, ' +
      'levels and stages, never data of people. Counters begin at 0 when a process starts; the ledger (`vigia health --ledger`) does not.',
    'A metric that is **not yet** measured is declared, so that dashboards can be built, and stays empty or 0: an alert rule over it cannot fire.',
    table(['Metric', 'Type', 'Labels', 'Meaning', 'Measured'], rows),
  );
}

if (import.meta.main) for (const [name, content] of pages()) writeFileSync(join(FOLDER, name), content);
