/** The public rules and recordings, run unchanged. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { compileCondition } from '../../core/conditions/matcher.ts';
import { formatProblem } from '../../core/errors.ts';
import { parseYaml } from '../../core/yaml.ts';
import { corpusPath, hasCorpus } from '../../tests/corpus.ts';
import { makeCompiler, makeSlots } from './compile.ts';
import { makeGather } from './gather.ts';
import { loadRules } from './load.ts';
import { buildEngine } from './match.ts';
import { accepts, originOf } from './routing.ts';

const active = [
  'rules',
  'rules-emerging-threats',
  'rules-threat-hunting',
  'rules-compliance',
  'rules-placeholder',
];
const lines = (...path: string[]) =>
  gunzipSync(readFileSync(corpusPath(...path)))
    .toString()
    .trimEnd()
    .split('\n');

describe.runIf(hasCorpus('sigma'))('public rules', () => {
  const loaded = loadRules(active.map((folder) => corpusPath('sigma', 'rules', folder)));
  const engine = buildEngine(loaded.rules);

  it('loads all 3,780 active rules except the 25 whose placeholders have no value, which it names', () => {
    expect(loaded.problems.map(formatProblem)).toEqual([]);
    expect(loaded.rules.length + loaded.refused.length).toBe(3_780);
    expect(loaded.refused.length).toBe(25);
    for (const { reason, title, id } of loaded.refused) {
      expect(reason).toMatch(/^no value for placeholder %[^%]+%/);
      expect(title && id).toBeTruthy();
    }
  });

  it('finds a witness for nearly every rule', () => {
    expect(engine.stats().witnessed).toBeGreaterThan(0.995);
  });

  it('gives the same matches as the reference interpreter on 12,278 recorded events', () => {
    const expected = new Set(lines('bench', 'matches-interpreter.tsv.gz'));
    expect(expected.size).toBe(2_676);
    const found = new Set<string>();
    lines('bench', 'events.jsonl.gz').forEach((line, index) => {
      for (const { rule } of engine.match(JSON.parse(line))) found.add(`${index + 1}\t${rule.id}`);
    });
    expect([...found].filter((pair) => !expected.has(pair))).toEqual([]);
    expect([...expected].filter((pair) => !found.has(pair))).toEqual([]);
  });

  it('gives 16,595 matches when log sources are ignored, and 9 that the field map adds: Defender names a signature otherwise', () => {
    const byNames = engine.rules.map(({ condition }) => compileCondition(condition));
    let matches = 0;
    const added: string[] = [];
    for (const line of lines('bench', 'events.jsonl.gz')) {
      const event = JSON.parse(line);
      for (const rule of engine.numbers(event, { routing: false })) {
        if (byNames[rule]!(event)) matches++;
        else added.push(engine.rules[rule]!.logsource.category ?? '');
      }
    }
    expect(matches).toBe(16_595);
    expect(added).toEqual(new Array(9).fill('antivirus'));
  });

  it('loses nothing to the index: evaluating every rule on an event gives the same', () => {
    const slots = makeSlots();
    const compiled = engine.rules.map(makeCompiler(slots));
    for (const rule of compiled) rule.slots();
    const gather = makeGather(slots.candidates);
    const events = lines('bench', 'events.jsonl.gz').filter((_, index) => index % 53 === 0);
    for (const line of events) {
      const event = JSON.parse(line);
      const origin = originOf(event);
      const view = gather(event);
      const expected = compiled
        .filter(({ rule, test }) => accepts(rule.logsource, origin) && test()(view))
        .map(({ rule }) => rule.id);
      expect(engine.match(event).map(({ rule }) => rule.id)).toEqual(expected);
    }
  });

  it('matches the 159 recordings beside SigmaHQ rules that are there as JSON (all 202 are there as EVTX)', () => {
    const files = readdirSync(corpusPath('sigma', 'regression_data'), { recursive: true, encoding: 'utf8' });
    const misses: string[] = [];
    let tested = 0;
    for (const info of files.filter((file) => file.endsWith('info.yml'))) {
      const id = ruleOf(corpusPath('sigma', 'regression_data', info));
      const recording = files.find((file) => dirname(file) === dirname(info) && file.endsWith('.json'));
      if (recording === undefined || !engine.rules.some((rule) => rule.id === id)) continue;
      const records = prettyRecords(readFileSync(corpusPath('sigma', 'regression_data', recording), 'utf8'));
      if (!records.some((record) => engine.match(flat(record)).some(({ rule }) => rule.id === id)))
        misses.push(info);
      tested++;
    }
    expect(misses).toEqual([]);
    expect(tested).toBe(159);
  });

  it('names the construct when it refuses deprecated and unsupported rules', () => {
    const old = ['deprecated', 'unsupported'].map((folder) =>
      loadRules([corpusPath('sigma', 'rules', folder)]),
    );
    const reasons = old.flatMap(({ refused }) => refused.map(({ reason }) => reason));
    expect(old[0]!.rules.length + old[0]!.refused.length).toBe(172);
    for (const reason of reasons)
      expect(reason).toMatch(/aggregation|near|timeframe|action|placeholder|title|identifier|section/);
    expect(reasons.filter((reason) => /aggregation|near|timeframe/.test(reason)).length).toBeGreaterThan(50);
  });

  it('loads the correlation rules of Hayabusa', () => {
    const { rules, problems } = loadRules([corpusPath('sigma', 'hayabusa-correlation')]);
    expect(problems).toEqual([]);
    expect(
      rules
        .filter((rule) => rule.kind === 'correlation')
        .map((rule) => rule.title)
        .sort(),
    ).toEqual(['PW Guessing', 'PW Spray', 'User Guessing'].sort());
  });

  it('reads every example of the specification, and says which rules the correlations lack', () => {
    for (const file of readdirSync(corpusPath('sigma', 'spec-examples', 'correlation'))) {
      const { problems, refused } = loadRules([corpusPath('sigma', 'spec-examples', 'correlation', file)]);
      expect(problems.map(formatProblem)).toEqual([]);
      expect(refused.map(({ reason }) => reason)).toEqual([
        expect.stringMatching(/^refers to ".*, which is not loaded/),
      ]);
    }
    for (const folder of ['rules', 'filter']) {
      for (const file of readdirSync(corpusPath('sigma', 'spec-examples', folder))) {
        expect(loadRules([corpusPath('sigma', 'spec-examples', folder, file)]).problems).toEqual([]);
      }
    }
  });
});

function ruleOf(info: string): string | undefined {
  const value = parseYaml(readFileSync(info, 'utf8'), info).documents[0]?.value as {
    rule_metadata?: { id: string }[];
  };
  return value.rule_metadata?.[0]?.id;
}

/** One pretty-printed object after another, not JSON Lines. */
function prettyRecords(text: string): Record<string, unknown>[] {
  return JSON.parse(`[${text.trim().replaceAll(/\n\}\s*\n\{/g, '\n},\n{')}]`) as Record<string, unknown>[];
}

/** `Event.System` and `Event.EventData` by Sigma's names (section 12 of the language). */
function flat(record: Record<string, unknown>): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  const event = record['Event'] as Record<string, Record<string, unknown>>;
  for (const [name, value] of Object.entries(event['System'] ?? {})) {
    const isMap = typeof value === 'object' && value !== null;
    if (!isMap) result[name] = value;
    else {
      const map = value as Record<string, unknown>;
      if ('#text' in map) result[name] = map['#text'];
      for (const [attribute, inner] of Object.entries((map['#attributes'] ?? {}) as object))
        result[`${name}_${attribute}`] = inner;
    }
  }
  const data = [event['EventData'], ...Object.values(event['UserData'] ?? {})].filter(
    (part) => typeof part === 'object' && part !== null,
  );
  for (const part of data)
    for (const [name, value] of Object.entries(part as object)) result[name.replaceAll(' ', '')] = value;
  return result;
}
