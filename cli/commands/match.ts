/** `vigia match`: rules over files, offline; prints one JSON line per match. */
import { readFileSync } from 'node:fs';
import { errors, formatProblem } from '../../core/errors.ts';
import { jsonLine } from '../../core/visible.ts';
import type { Engine, Loaded } from '../../detections/matching.ts';
import { type Context, command, wholeNumber } from '../command.ts';
import { type Batch, batchesOf, checkInputs, FORMATS, type Format } from '../match/batches.ts';
import type { Done } from '../match/run-batch.ts';
import type { Crew, RulesToLoad } from '../match/threads.ts';

const OUTPUT_CHARACTERS = 65_536;
/** More threads than any machine of ours has cores only cost memory. */
const MAX_THREADS = 64;
const NAMED_RECORDS = 20;

export const match = command({
  name: 'match',
  arguments: '<input...>',
  options: [
    { flags: '--rules <path>', summary: 'rule file or folder; repeat for more', many: true },
    { flags: '--format <format>', summary: 'auto, jsonl or evtx', default: 'auto' },
    {
      flags: '--threads <n>',
      summary: 'worker threads; the output is the same for any number',
      default: '1',
    },
    { flags: '--explain', summary: 'with one rule: how it comes to its verdict on each record' },
    { flags: '--stats', summary: 'rules, events and speed on stderr' },
    { flags: '--no-routing', summary: 'ignore log sources' },
    { flags: '--placeholders <file>', summary: 'YAML or JSON map of placeholder name to values' },
    { flags: '--strict', summary: 'a refused rule is an error' },
  ],
  example: 'vigia match --rules sigma/rules --stats logs/*.evtx',
  async run(inputs, options, context) {
    const format = String(options['format']) as Format;
    if (!FORMATS.includes(format)) throw errors.usage(`no format ${format}`, `one of ${FORMATS.join(', ')}`);
    const threads = options['explain'] === true ? 1 : wholeNumber(options, 'threads', 1);
    if (threads > MAX_THREADS) throw errors.usage(`--threads ${threads} is more than ${MAX_THREADS}`);
    const paths = options['rules'] as string[] | undefined;
    if (!paths) throw errors.usage('--rules is missing', 'name a rule file or folder');
    checkInputs(inputs, format);
    const routing = options['routing'] !== false;
    const { buildEngine, loadRules } = await import('../../detections/matching.ts');

    const started = performance.now();
    const placeholders = options['placeholders']
      ? await readPlaceholders(String(options['placeholders']))
      : {};
    const crew = threads > 1 ? await hire(threads - 1, { paths, placeholders, routing }) : undefined;
    try {
      const loaded = loadRules(paths, { placeholders });
      const engine = buildEngine(loaded.rules);
      const matching = performance.now();
      noteLoaded(loaded, engine, context);
      const exitCode = options['strict'] === true && loaded.refused.length > 0 ? 1 : 0;
      if (options['explain'] === true) {
        await explainAll(engine, inputs, { format, routing }, context);
        return { exitCode };
      }
      const totals = await matchAll(engine, inputs, { format, routing, crew }, context);
      const seconds = (performance.now() - matching) / 1_000;
      if (options['stats'])
        context.note(
          `rules ${loaded.rules.length} loaded, ${loaded.refused.length} refused in ${Math.round(matching - started)} ms; ` +
            `events ${totals.events}, matches ${totals.matches}, unreadable ${totals.unreadable}; ` +
            `${Math.round(totals.events / seconds)} events/s`,
        );
      return { exitCode };
    } finally {
      await crew?.end();
    }
  },
});

function noteLoaded(loaded: Loaded, engine: Engine, context: Context): void {
  for (const one of loaded.refused) context.note(`refused: ${one.title} (${one.path}): ${one.reason}`);
  for (const warning of loaded.warnings) context.note(`warning: ${formatProblem(warning)}`);
  const extended = loaded.rules.filter(({ extensions }) => extensions !== undefined).length;
  if (extended > 0)
    context.note(
      `${extended} rules ask for more than an event tells (lists, grants, what was before); here their Sigma part alone matches`,
    );
  if (engine.correlations.length > 0)
    context.note(
      `${engine.correlations.length} correlation rules need stored matches; "vigia ingest" evaluates them`,
    );
}

/** The threads are code that one thread does without. */
async function hire(workers: number, rules: RulesToLoad): Promise<Crew> {
  const { startCrew } = await import('../match/threads.ts');
  return startCrew(workers, rules);
}

interface MatchOptions {
  format: Format;
  routing: boolean;
  crew: Crew | undefined;
}

async function matchAll(engine: Engine, inputs: readonly string[], options: MatchOptions, context: Context) {
  const { lineWriter } = await import('../../detections/matching.ts');
  const totals = { events: 0, matches: 0, unreadable: 0 };
  let held: string[] = [];
  let heldCharacters = 0;
  const flush = () => {
    if (held.length > 0) context.print(held.join('\n'));
    held = [];
    heldCharacters = 0;
  };
  /** Records of the current input in the batches before. */
  let before = 0;
  let lineOf = lineWriter(engine, '');
  /** Unreadable records of the current input; so many are named, the rest is counted. */
  let input = '';
  let unreadable = 0;
  const noteRest = () => {
    if (unreadable > NAMED_RECORDS)
      context.note(`${input}: ${unreadable - NAMED_RECORDS} more records are not readable`);
    unreadable = 0;
  };
  for await (const { batch, done } of results(engine, inputs, options)) {
    if (context.signal.aborted) break;
    if (batch.isFirst) {
      noteRest();
      input = batch.input;
      before = 0;
      lineOf = lineWriter(engine, batch.input);
    }
    for (let index = 0; index < done.found.length; index += 2) {
      const line = lineOf(before + done.found[index]!, done.found[index + 1]!);
      held.push(line);
      heldCharacters += line.length;
    }
    if (heldCharacters > OUTPUT_CHARACTERS) flush();
    for (const note of done.notes) context.note(note);
    for (const { record, reason } of done.unreadable) {
      if (++unreadable <= NAMED_RECORDS) context.note(`${batch.input}: record ${before + record}: ${reason}`);
    }
    before += done.records;
    totals.events += done.events;
    totals.matches += done.found.length / 2;
    totals.unreadable += done.unreadable.length;
  }
  noteRest();
  flush();
  return totals;
}

async function* results(
  engine: Engine,
  inputs: readonly string[],
  { format, routing, crew }: MatchOptions,
): AsyncGenerator<{ batch: Batch; done: Done }> {
  const batches = batchesOf(inputs, format);
  if (crew) {
    yield* crew.run(engine, batches);
    return;
  }
  const { runBatch } = await import('../match/run-batch.ts');
  for await (const batch of batches) yield { batch, done: runBatch(engine, batch, { routing }) };
}

async function explainAll(
  engine: Engine,
  inputs: readonly string[],
  options: { format: Format; routing: boolean },
  context: Context,
): Promise<void> {
  const [rule, ...more] = engine.rules;
  if (rule === undefined || more.length > 0)
    throw errors.usage(
      `--explain takes one rule; ${engine.rules.length} are loaded`,
      'name the file of the rule with --rules',
    );
  const { explainInputs, explanationText } = await import('../match/explain.ts');
  for await (const one of explainInputs(rule, inputs, options, context.note)) {
    if (context.signal.aborted) break;
    context.print(context.json ? jsonLine(one) : explanationText(one));
  }
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
