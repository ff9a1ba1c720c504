/** Documents, metadata, log sources and filters of the Sigma language, line by line: identifiers are those of the feature checklist. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatProblem } from '../../core/errors.ts';
import { corpusPath } from '../../tests/corpus.ts';
import { ruleRef } from '../evaluate.ts';
import { buildEngine } from './match.ts';
import { loadTexts, refusal } from './testing.ts';

const ID = '0b6f3a52-6d0f-4f0e-8a57-0d3c5f1e2a01';
const rule = (more = '', logsource = '{product: linux}') =>
  `title: A rule\n${more}logsource: ${logsource}\ndetection:\n  sel: {A: x}\n  condition: sel\n`;
const load = (...texts: string[]) => loadTexts(texts);
const problemsOf = (...texts: string[]) => load(...texts).problems.map(formatProblem);
const hits = (text: string, event: object) => buildEngine(load(text).rules).match(event).length;

describe('documents', () => {
  it('Y-3 takes CRLF and a byte order mark', () => {
    expect(hits(`\ufeff${rule().replaceAll('\n', '\r\n')}`, { A: 'x' })).toBe(1);
  });
  it('Y-6 takes dates as text, in metadata and as values', () => {
    expect(problemsOf(rule('date: 2026-11-21\nmodified: 2026-11-22\n'))).toEqual([]);
    expect(hits(rule().replace('A: x', 'A: 2026-11-21'), { A: '2026-11-21' })).toBe(1);
  });
  it('Y-1, Y-7, Y-8 refuse what is no rule, a key that stands twice, and Sigma 1, all at once', () => {
    expect(problemsOf('a: 1\n', `${rule()}level: low\nlevel: high\n`, `action: reset\n${rule()}`)).toEqual([
      expect.stringMatching(/^0\.yml:1:1 no detection, correlation or filter section/),
      expect.stringMatching(/^1\.yml:7:1 this key stands here twice/),
      expect.stringMatching(/^2\.yml:1:1 action: reset is Sigma 1/),
    ]);
  });
});

describe('metadata', () => {
  it.each([
    ['A-1 no title', rule().replace('title: A rule\n', ''), /^0\.yml:1:1 the title is missing/],
    [
      'A-1 a long title',
      rule().replace('A rule', 'x'.repeat(257)),
      /257 characters; at most 256.*shorten it/,
    ],
    [
      'A-4 related without a type',
      rule(`related: [{id: ${ID}}]\n`),
      /^0\.yml:2:11 related must be a list of \{id, type\}.*derived/,
    ],
    [
      'A-4 related with an unknown type',
      rule(`related: [{id: ${ID}, type: cousin}]\n`),
      /related must be a list/,
    ],
    [
      'A-5 another taxonomy',
      rule('taxonomy: other\n'),
      /^0\.yml:2:1 taxonomy "other" is not known.*sigma and ecs/,
    ],
    [
      'A-6 an unknown status',
      rule('status: tested\n'),
      /^0\.yml:2:1 status "tested" is not known.*did you mean "test"/,
    ],
    [
      'A-7 a long description',
      rule(`description: ${'x'.repeat(65_536)}\n`),
      /65536 characters; at most 65535/,
    ],
    [
      'A-10 no log source',
      rule().replace('logsource: {product: linux}\n', ''),
      /the logsource is missing; add for example/,
    ],
    [
      'A-13 false positives that are no texts',
      rule('falsepositives: {a: b}\n'),
      /falsepositives must be a list of texts/,
    ],
    ['A-14 an unknown level', rule('level: hihg\n'), /level "hihg" is not known; did you mean "high"/],
    ['A-15 tags that are no texts', rule('tags: [{a: b}]\n'), /tags must be a list of texts/],
  ])('%s is refused', (_name, text, message) => {
    const { problems, rules } = load(text);
    expect(rules).toEqual([]);
    expect(formatProblem(problems[0]!)).toMatch(message);
  });

  it('A-11 refuses a detection that is no map', () => {
    expect(problemsOf(rule().replace(/detection:.*/s, 'detection: none\n'))).toHaveLength(1);
  });

  it('A-2, A-3, A-8, A-9, A-12, A-15, A-16 are taken, and the author goes with every match', () => {
    const more = `id: ${ID}\nname: a_rule\nlicense: DRL-1.1\nauthor: Somebody\nreferences: [https://example.test]\nfields: [B]\nscope: [server]\ntags: [attack.T1059.001]\nlevel: critical\nstatus: stable\nrelated: [{id: ${ID}, type: similar}]\n`;
    const { rules, problems } = load(rule(more));
    expect(problems).toEqual([]);
    expect(ruleRef(rules[0]!)).toMatchObject({
      id: ID,
      author: 'Somebody',
      level: 'critical',
      status: 'stable',
      tags: ['attack.t1059.001'],
    });
    expect(rules[0]!.name).toBe('a_rule');
    // fields to show have no influence on matching.
    expect(hits(rule(more), { A: 'x' })).toBe(1);
  });
});

describe('log sources', () => {
  const linux = { product: 'linux', service: 'sshd', A: 'x' };
  it.each<[string, string, object, number]>([
    ['S-1 agrees on what the rule names', '{product: linux}', linux, 1],
    ['S-1 another product', '{product: windows}', linux, 0],
    ['S-2 the definition is for people', '{product: linux, definition: needs auditing}', linux, 1],
    ['S-3 further keys are kept, not evaluated', '{product: linux, vendor: somebody}', linux, 1],
    ['S-5 a product alone takes all its services', '{product: linux}', { ...linux, service: 'cron' }, 1],
    [
      'S-6 a category alone takes any product',
      '{category: dns}',
      { product: 'zeek', category: 'dns', A: 'x' },
      1,
    ],
    ['S-6 another category', '{category: dns}', { product: 'zeek', category: 'proxy', A: 'x' }, 0],
  ])('%s', (_name, logsource, event, expected) => {
    expect(hits(rule('', logsource), event)).toBe(expected);
  });
  it('S-1 refuses a log source that names nothing, and one whose names are no texts', () => {
    expect(problemsOf(rule('', '{definition: x}'))[0]).toMatch(/names nothing; add at least one of product/);
    expect(problemsOf(rule('', '{product: [a]}'))[0]).toMatch(/product must be text/);
  });
});

describe('filters and field names', () => {
  it('F-6 does not filter correlations, but what they refer to', () => {
    const correlation = `title: Many\nid: c\ncorrelation:\n  type: event_count\n  rules: [${ID}]\n  group-by: [B]\n  timespan: 1m\n  condition: {gte: 2}\n`;
    const filter = `title: F\nlogsource: {product: linux}\nfilter:\n  rules: [c, ${ID}]\n  sel: {B: admin}\n  condition: not sel\n`;
    const { rules } = load(rule(`id: ${ID}\n`), correlation, filter);
    expect(buildEngine(rules).match({ A: 'x', B: 'admin' })).toEqual([]);
    expect(buildEngine(rules).match({ A: 'x', B: 'joe' })).toHaveLength(1);
    expect(rules.find(({ id }) => id === 'c')).not.toHaveProperty('filters');
  });
  it('N-6 compares hexadecimal text as text', () => {
    const hexadecimal = rule().replace('A: x', "GrantedAccess: '0x1410'");
    expect(hits(hexadecimal, { GrantedAccess: '0x1410' })).toBe(1);
    expect(hits(hexadecimal, { GrantedAccess: 5136 })).toBe(0);
  });
});

describe('illegal combinations', () => {
  // Each says where, and what to write instead.
  it.each([
    'A|contains|re: x',
    'A|contains|cidr: 10.0.0.0/8',
    'A|contains|exists: true',
    "A|base64: 'a*'",
    "A|base64offset|contains: 'a?'",
    "A|wide|base64: 'a*'",
    "A|exists: 'true'",
    'A|contains|i: x',
    'A|lt: many',
    "A|hour: '5'",
    'A|contains: null',
    'A|startswith: [null]',
    'A|windash: true',
    'A|fieldref: 5',
    'A|cidr: 10.0.0.0/33',
    'A|re: 5.5.5(',
    'A|all: x',
    'A|cotnains: x',
    "'|exists': true",
    'A: {B: c}',
    'A: [[x]]',
  ])('%s is refused with line, column and what to write instead', (item) => {
    expect(refusal(`sel:\n  ${item}\ncondition: sel`)).toMatch(/^6:\d+ .+; .+/);
  });
});

const language = corpusPath('..', 'reference', 'sigma-language.md');
describe.runIf(existsSync(language))('the feature checklist', () => {
  it('has a test for every line', () => {
    const tests = readdirSync(import.meta.dirname)
      .filter((name) => name.endsWith('.test.ts'))
      .map((name) => readFileSync(join(import.meta.dirname, name), 'utf8'))
      .join('\n');
    const named = new Set(tests.match(/\b[YASDVMKCPFN]-\d+\b/g));
    const wanted = readFileSync(language, 'utf8').matchAll(/^\| ([YASDVMKCPFN]-\d+)\b/gm);
    expect([...wanted].map(([, id]) => id!).filter((id) => !named.has(id))).toEqual([]);
  });
});
