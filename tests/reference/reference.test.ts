/** The reference interpreter is right where somebody else says what is right, and the matcher agrees with it on events made from rules. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { corpusPath } from '../corpus.ts';
import { generatedPart } from '../proofs/equal-answers-generated.ts';
import { synthesisedPart } from '../proofs/equal-answers-synthesised.ts';
import { needCorpus } from '../testbed/need.ts';
import { ask, interpret } from './interpreter.ts';
import { networkTest } from './network.ts';
import { regexTest } from './regex.ts';
import { activeRules, readRules } from './rule.ts';

const corpus = needCorpus('bench');
const say = (line: string) => console.error(line);

describe('the reference interpreter', () => {
  const holds = (detection: string, event: object) =>
    interpret(readRules(`title: T\nlogsource: {product: x}\ndetection: ${detection}\n`)[0]!).holds(
      ask(event),
    );

  it.each<[string, string, object, boolean]>([
    ['V-3 ? is a code point', "{s: {A: 'a?z'}, condition: s}", { A: 'a\u{1F600}z' }, true],
    ['V-5 escaped star', "{s: {A: 'a\\*'}, condition: s}", { A: 'ab' }, false],
    ['V-6 backslash at the end', "{s: {A|contains: '\\Temp\\'}, condition: s}", { A: 'C:\\Temp\\x' }, true],
    ['V-9 null', '{s: {A: null}, condition: s}', { A: [] }, true],
    ['M-13 base64offset', '{s: {A|base64offset|contains: whoami}, condition: s}', { A: 'x3aG9hbWx' }, true],
    ['M-17 windash', "{s: {A|windash|contains: ' -f'}, condition: s}", { A: 'a \u2015f' }, true],
    ['M-20 week', '{s: {A|week: 53}, condition: s}', { A: '2027-01-01' }, true],
    ['C-2 binding', '{a: {A: 1}, b: {B: 1}, condition: not a and b}', { B: 1 }, true],
    ['Y-5 leading zeros', '\n  s:\n    A: 00000429\n  condition: s', { A: '00000429' }, true],
  ])('%s', (_name, detection, event, expected) => {
    expect(holds(detection, event)).toBe(expected);
  });

  it('knows networks and expressions by itself', () => {
    expect(networkTest('2001:db8::/32')('2001:DB8:1::1')).toBe(true);
    expect(networkTest('10.0.0.0/8')('::ffff:10.9.9.9')).toBe(true);
    expect(networkTest('::/0')('10.0.0.1')).toBe(false);
    expect(regexTest('^b$', 'm')('a\nb\nc')).toBe(true);
    expect(regexTest('(?i)[^\\d]X\\-y', '')('ax-Y')).toBe(true);
  });
});

corpus.describe('against other judges', () => {
  it('gives the published matches on recorded events', { timeout: 120_000 }, () => {
    const lines = (name: string) =>
      gunzipSync(readFileSync(corpusPath('bench', name)))
        .toString()
        .trimEnd()
        .split('\n');
    const isTaken = (line: number) => line % 40 === 7;
    const expected = lines('matches-interpreter.tsv.gz').filter((pair) =>
      isTaken(Number(pair.split('\t')[0])),
    );
    const rules = activeRules()
      .filter((rule) => !JSON.stringify(rule.detection).includes('|expand'))
      .map((rule) => interpret(rule));
    const found = lines('events.jsonl.gz').flatMap((line, index) => {
      if (!isTaken(index + 1)) return [];
      const asked = ask(JSON.parse(line) as object);
      return rules
        .filter(({ applies, holds }) => applies(asked) && holds(asked))
        .map(({ rule }) => `${index + 1}\t${rule.id}`);
    });
    expect(expected.length).toBeGreaterThan(20);
    expect(found.sort()).toEqual(expected.sort());
  });

  it('agrees with the matcher on events made from the rules, whatever the seed', { timeout: 240_000 }, () => {
    const seed = Number(process.env['VIGIA_SEED']);
    const { differences, matches } = synthesisedPart(0.06, seed, say);
    expect({ seed, differences }).toEqual({ seed, differences: 0 });
    expect(matches).toBeGreaterThan(200);
  });
});

describe('generated rules and events', () => {
  it('get the same answers of matcher and reference', { timeout: 240_000 }, async () => {
    const seed = Number(process.env['VIGIA_SEED']);
    const { differences, matches, pairs } = await generatedPart([], 6_000, seed, say);
    expect({ seed, differences }).toEqual({ seed, differences: 0 });
    expect(matches / pairs).toBeGreaterThan(0.1);
  });
});
