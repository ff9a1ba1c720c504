/** `vigia match`: rules over files, offline; prints one JSON line per match. */
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { errors, formatProblem } from '../../core/errors.ts';
import { command } from '../command.ts';

const FORMATS = ['auto', 'jsonl', 'evtx'] as const;
type Format = (typeof FORMATS)[number];
/** `ElfFile\0`, the first bytes of every .evtx file. */
const EVTX_MAGIC = 'ElfFile\0';
const OUTPUT_BYTES = 65_536;

export const match = command({
  name: 'match',
  summary: 'run Sigma rules over JSON lines or EVTX files; prints one JSON line per match',
  arguments: '<input...>',
  options: [
    { flags: '--rules <path>', summary: 'rule file or folder; repeat for more', many: true },
    { flags: '--format <format>', summary: 'auto, jsonl or evtx', default: 'auto' },
    { flags: '--stats', summary: 'rules, events and speed on stderr' },
    { flags: '--no-routing', summary: 'ignore log sources' },
    { flags: '--placeholders <file>', summary: 'YAML or JSON map of placeholder name to values' },
    { flags: '--strict', summary: 'a refused rule is an error' },
  ],
  example: 'vigia match --rules sigma/rules --stats logs/*.evtx',
  async run(inputs, options, context) {
    const format = String(options['format']) as Format;
    if (!FORMATS.includes(format)) throw errors.usage(`no format ${format}`, `one of ${FORMATS.join(', ')}`);
    const paths = options['rules'] as string[] | undefined;
    if (!paths) throw errors.usage('--rules is missing', 'name a rule file or folder');
    const { buildEngine, jsonLines, loadRules, matchRecords } = await import('../../detections/index.ts');

    const started = performance.now();
    const placeholders = options['placeholders']
      ? await readPlaceholders(String(options['placeholders']))
      : {};
    const loaded = loadRules(paths, { placeholders });
    const engine = buildEngine(loaded.rules);
    const loadMs = performance.now() - started;
    for (const one of loaded.refused) context.note(`refused: ${one.title} (${one.path}): ${one.reason}`);
    for (const warning of loaded.warnings) context.note(`warning: ${formatProblem(warning)}`);
    if (engine.correlations.length > 0)
      context.note(
        `${engine.correlations.length} correlation rules need stored matches; "vigia ingest" evaluates them`,
      );

    let held: string[] = [];
    let heldBytes = 0;
    const flush = () => {
      if (held.length > 0) context.print(held.join('\n'));
      held = [];
      heldBytes = 0;
    };
    const totals = { events: 0, matches: 0, unreadable: 0 };
    const matching = performance.now();
    for (const input of inputs) {
      if (context.signal.aborted) break;
      const records =
        formatOf(input, format) === 'evtx' ? evtxRecords(input, context.note) : jsonLines(lines(input));
      const counted = await matchRecords(
        engine,
        input,
        await records,
        (line) => {
          const text = JSON.stringify(line);
          held.push(text);
          heldBytes += text.length;
          if (heldBytes > OUTPUT_BYTES) flush();
        },
        { routing: options['routing'] !== false },
      );
      totals.events += counted.events;
      totals.matches += counted.matches;
      totals.unreadable += counted.unreadable.length;
      for (const one of counted.unreadable) context.note(`${one.input}: record ${one.record}: ${one.reason}`);
    }
    flush();
    const seconds = (performance.now() - matching) / 1_000;
    if (options['stats']) {
      const { events, matches, unreadable } = totals;
      context.note(
        `rules ${loaded.rules.length} loaded, ${loaded.refused.length} refused in ${Math.round(loadMs)} ms; ` +
          `events ${events}, matches ${matches}, unreadable ${unreadable}; ${Math.round(events / seconds)} events/s`,
      );
    }
    return { exitCode: options['strict'] === true && loaded.refused.length > 0 ? 1 : 0 };
  },
});

function formatOf(input: string, asked: Format): 'jsonl' | 'evtx' {
  if (asked !== 'auto') return asked;
  if (input === '-') return 'jsonl';
  if (!statSync(input, { throwIfNoEntry: false })?.isFile())
    throw errors.usage(
      `there is no file ${input}`,
      'name files; a folder is expanded by the shell: logs/*.evtx',
    );
  return readFileSync(input).subarray(0, EVTX_MAGIC.length).toString('latin1') === EVTX_MAGIC
    ? 'evtx'
    : 'jsonl';
}

const lines = (input: string) =>
  createInterface({
    input: input === '-' ? process.stdin : createReadStream(input),
    crlfDelay: Number.POSITIVE_INFINITY,
  });

/** Records of an EVTX file by Sigma's field names; damage is reported and stepped over. */
async function evtxRecords(input: string, note: (line: string) => void) {
  const { readEvtx } = await import('../../collectors/evtx/reader.ts');
  const { flatten } = await import('../../collectors/evtx/flatten.ts');
  return (function* () {
    for (const item of readEvtx(readFileSync(input))) {
      if (item.kind === 'damage') note(`${input}: damage at byte ${item.offset}: ${item.reason}`);
      else yield { record: { product: 'windows', ...flatten(item.event).fields } };
    }
  })();
}

async function readPlaceholders(path: string): Promise<Record<string, string[]>> {
  const { parseYaml } = await import('../../core/yaml.ts');
  const { checkSchema } = await import('../../core/schema.ts');
  const { documents, problems } = parseYaml(readFileSync(path, 'utf8'), path);
  const found = [...problems, ...documents.flatMap((document) => checkSchema(PLACEHOLDERS, document))];
  if (found.length > 0) throw errors.invalid(`placeholders ${path}`, found);
  const values = (documents[0]?.value ?? {}) as Record<string, string | string[]>;
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, [value].flat()]));
}

const PLACEHOLDERS = {
  type: 'object',
  additionalProperties: {
    oneOf: [{ type: 'string' }, { type: 'array', minItems: 1, items: { type: 'string' } }],
  },
};
