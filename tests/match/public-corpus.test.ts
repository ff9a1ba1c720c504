/** `vigia match` over all public rules and recordings, in each shape that records come in. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { windowsEvtx } from '../../collectors/windows-evtx.ts';
import { parseYaml } from '../../core/yaml.ts';
import type { MatchLine } from '../../detections/index.ts';
import { corpusPath, hasCorpus } from '../corpus.ts';
import { activeRules, type Ran, runMatch } from './command.ts';

const unzip = (...path: string[]) => gunzipSync(readFileSync(corpusPath(...path))).toString();
const evtxFiles = (...folder: string[]) =>
  readdirSync(corpusPath(...folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.evtx'))
    .sort()
    .map((name) => corpusPath(...folder, name));
const parsed = ({ lines }: Ran) => lines.map((line) => JSON.parse(line) as MatchLine);

describe.runIf(hasCorpus('evtx') && hasCorpus('bench'))('vigia match on public rules and recordings', () => {
  const recordings = evtxFiles('evtx');
  const regressions = evtxFiles('sigma', 'regression_data');
  const folder = mkdtempSync(join(tmpdir(), 'vigia-match-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  let evtx: Ran;
  /** File, record and rule, of the reference interpreter: it read the same files with another reader. */
  const expected = new Set<string>();
  /** Line and rule, of the same. */
  const pairs = unzip('bench', 'matches-interpreter.tsv.gz').trimEnd().split('\n');

  beforeAll(async () => {
    const origins = unzip('bench', 'origin.tsv.gz').trimEnd().split('\n');
    for (const pair of pairs) {
      const [line, rule] = pair.split('\t');
      const [, file, record] = origins[Number(line) - 1]!.split('\t');
      expected.add(`${corpusPath(file!)}\t${record}\t${rule}`);
    }
    evtx = await runMatch([...recordings, ...regressions], { rules: activeRules(), stats: true });
  });

  it('reads all 410 recordings and 159 regression files to the end', () => {
    expect([recordings.length, regressions.length]).toEqual([410, 159]);
    expect(evtx.exitCode).toBe(0);
    expect(evtx.notes.at(-1)).toMatch(/^rules 3755 loaded, 25 refused .* events 12278, .* unreadable 0;/);
  });

  it('finds in EVTX files what the reference finds, record by record', () => {
    const found = new Set(parsed(evtx).map(({ input, record, rule }) => `${input}\t${record}\t${rule}`));
    expect([...expected].filter((match) => !found.has(match))).toEqual([]);
    expect([...found].filter((match) => !expected.has(match))).toEqual([]);
    expect(evtx.lines.length).toBe(2_676);
  });

  it('names each of the 25 rules that it refuses, and fails on them only when told to be strict', async () => {
    const refused = evtx.notes.filter((note) => note.startsWith('refused: '));
    expect(refused.length).toBe(25);
    for (const note of refused)
      expect(note).toMatch(/^refused: .+ \(.+\.yml\): no value for placeholder %[^%]+%/);
    const strict = await runMatch([regressions[0]!], {
      rules: [corpusPath('sigma', 'rules', 'rules-placeholder')],
      strict: true,
    });
    expect(strict.exitCode).toBe(1);
  });

  it('finds the rule of at least 95 % of the regression folders', () => {
    const fired = new Set(parsed(evtx).map(({ input, rule }) => `${dirname(input)}\t${rule}`));
    const missed = regressions.filter((file) => !fired.has(`${dirname(file)}\t${ruleOf(dirname(file))}`));
    expect(missed.length / regressions.length).toBeLessThanOrEqual(0.05);
    expect(missed).toEqual([]);
  });

  it('finds the same in flat JSON lines, on any number of threads', async () => {
    const file = join(folder, 'events.jsonl');
    writeFileSync(file, unzip('bench', 'events.jsonl.gz'));
    const one = await runMatch([file], { rules: activeRules() });
    expect(
      parsed(one)
        .map(({ record, rule }) => `${record}\t${rule}`)
        .sort(),
    ).toEqual(pairs.toSorted());
    for (const threads of ['2', '3']) {
      expect((await runMatch([file], { rules: activeRules(), threads })).lines).toEqual(one.lines);
    }
  });

  it('finds the same in the ECS events that the collector makes of the records', async () => {
    const file = join(folder, 'ecs.jsonl');
    const names: string[] = [];
    const events: string[] = [];
    for (const input of [...recordings, ...regressions]) {
      let record = 0;
      for (const event of ecsEvents(input)) {
        names.push(`${input}\t${++record}`);
        events.push(JSON.stringify(event));
      }
    }
    writeFileSync(file, events.join('\n'));
    const ran = await runMatch([file], { rules: activeRules() });
    const found = new Set(parsed(ran).map(({ record, rule }) => `${names[record - 1]}\t${rule}`));
    expect([...expected].filter((match) => !found.has(match))).toEqual([]);
    expect([...found].filter((match) => !expected.has(match))).toEqual([]);
  });
});

function* ecsEvents(input: string): Generator<object> {
  const { framing } = windowsEvtx;
  if (framing.kind !== 'file') throw new Error('EVTX files are read whole');
  for (const { raw, broken } of framing.records(readFileSync(input))) {
    if (broken !== undefined) continue;
    const made = windowsEvtx.normalise(raw);
    if ('event' in made) yield made.event;
  }
}

function ruleOf(folder: string): string | undefined {
  const path = join(folder, 'info.yml');
  const value = parseYaml(readFileSync(path, 'utf8'), path).documents[0]?.value as {
    rule_metadata?: { id: string }[];
  };
  return value.rule_metadata?.[0]?.id;
}
