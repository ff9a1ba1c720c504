/** `vigia match`: rules over files, offline; prints one JSON line per match. */
import {
  accessSync,
  closeSync,
  constants,
  createReadStream,
  openSync,
  readFileSync,
  readSync,
  statSync,
} from 'node:fs';
import { createInterface } from 'node:readline';
import { errors, formatProblem, type Problem } from '../../core/errors.ts';
import { command } from '../command.ts';
import { jsonLine } from '../print.ts';

const FORMATS = ['auto', 'jsonl', 'evtx'] as const;
type Format = (typeof FORMATS)[number];
/** `ElfFile\0`, the first bytes of every .evtx file. */
const EVTX_MAGIC = 'ElfFile\0';
const OUTPUT_BYTES = 65_536;
/** Unreadable records of one input that are named; the rest is counted. */
const TOLD = 20;

export const match = command({
  name: 'match',
  summary: 'run Sigma rules over JSON lines or EVTX files; prints one JSON line per match',
  arguments: '<input...>',
  options: [
    { flags: '--rules <path>', summary: 'rule file or folder; repeat for more', many: true, required: true },
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
    const paths = options['rules'] as string[];
    checkInputs(inputs);
    const { buildEngine, jsonLines, loadRules, matchRecords } = await import('../../detections/index.ts');

    const started = performance.now();
    const placeholders = options['placeholders']
      ? await readPlaceholders(String(options['placeholders']))
      : {};
    const loaded = loadRules(paths, { placeholders });
    const engine = buildEngine(loaded.rules);
    const loadMs = performance.now() - started;
    for (const one of loaded.refused) context.note(`refused: ${one.title} (${one.path}): ${one.reason}`);
    // The first mistake of a rule stands in its refusal; the others would otherwise be told one by one.
    const told = new Set(loaded.refused.map(({ reason }) => reason));
    for (const problem of loaded.problems.map(formatProblem)) if (!told.has(problem)) context.note(problem);
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
          const text = jsonLine(line);
          held.push(text);
          heldBytes += text.length;
          if (heldBytes > OUTPUT_BYTES) flush();
        },
        { routing: options['routing'] !== false },
      );
      totals.events += counted.events;
      totals.matches += counted.matches;
      totals.unreadable += counted.unreadable.length;
      for (const one of counted.unreadable.slice(0, TOLD))
        context.note(`${input}: record ${one.record}: ${one.reason}`);
      const more = counted.unreadable.length - TOLD;
      if (more > 0) context.note(`${input}: ${more} more records are not readable`);
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

/** All that cannot be read is named before the work begins. */
function checkInputs(inputs: readonly string[]): void {
  const problems: Problem[] = [];
  for (const path of inputs) {
    if (path === '-') continue;
    try {
      if (statSync(path).isDirectory())
        problems.push({
          path,
          message: 'is a folder',
          hint: 'name its files; the shell expands logs/*.evtx',
        });
      else accessSync(path, constants.R_OK);
    } catch (cause) {
      problems.push({
        path,
        message: `cannot be read: ${(cause as NodeJS.ErrnoException).code ?? String(cause)}`,
      });
    }
  }
  if (problems.length > 0) throw errors.invalid('inputs', problems);
}

function formatOf(input: string, asked: Format): 'jsonl' | 'evtx' {
  if (input === '-' && asked === 'evtx')
    throw errors.usage('EVTX is not read from stdin', 'name the file; its records refer to one another');
  if (asked !== 'auto') return asked;
  // A pipe gives its bytes once.
  if (input === '-' || !statSync(input).isFile()) return 'jsonl';
  const head = Buffer.alloc(EVTX_MAGIC.length);
  const file = openSync(input, 'r');
  readSync(file, head);
  closeSync(file);
  return head.toString('latin1') === EVTX_MAGIC ? 'evtx' : 'jsonl';
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
