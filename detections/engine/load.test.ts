import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { formatProblem } from '../../core/errors.ts';
import { loadRules } from './load.ts';
import { buildEngine } from './match.ts';
import { loadTexts, ruleText } from './testing.ts';

const simple = (id: string, detection = 'sel: {A: x}\ncondition: sel', more = '') =>
  `id: ${id}\nname: ${id}\n${more}${ruleText(detection)}`;

describe('loadRules', () => {
  it('reports every mistake of every file, with its place', () => {
    const { problems, rules } = loadTexts([
      'title: One\nlevel: hihg\nlogsource: {product: linux}\ndetection:\n  sel:\n    A|contians: x\n  condition: sel and flter\n',
      'title: [\n',
      'title: Three\nlogsource: {}\ndetection: {sel: {A: 1}}\n',
      'nothing: here\n',
    ]);
    expect(rules).toEqual([]);
    expect(problems.map(formatProblem)).toEqual([
      '0.yml:2:1 level "hihg" is not known; did you mean "high"?',
      '0.yml:6:5 unknown modifier "contians"; did you mean "contains"?',
      '0.yml:7:3 condition: there is no search identifier "flter"',
      expect.stringMatching(/^1\.yml:2:1 not valid YAML/),
      '2.yml:3:1 the condition is missing; add condition: selection',
      expect.stringMatching(/^2\.yml:2:1 the logsource names nothing/),
      expect.stringMatching(/^3\.yml:1:1 no detection, correlation or filter section \(Y-1\)/),
    ]);
  });

  it('reports the other mistakes of a document in which a key stands twice (Y-7), and does not load it', () => {
    const { problems, rules } = loadTexts([
      'title: One\ntitle: Two\nlevel: hihg\nlogsource: {product: linux}\ndetection: {sel: {A: 1}, condition: sel}\n',
    ]);
    expect(rules).toEqual([]);
    expect(problems.map(formatProblem)).toEqual([
      '0.yml:2:1 this key stands here twice; keep one',
      '0.yml:3:1 level "hihg" is not known; did you mean "high"?',
    ]);
  });

  it('reads folders within folders and behind links, and does not run in circles', () => {
    const folder = mkdtempSync(join(tmpdir(), 'vigia-rules-'));
    const elsewhere = mkdtempSync(join(tmpdir(), 'vigia-rules-'));
    onTestFinished(() => {
      for (const one of [folder, elsewhere]) rmSync(one, { recursive: true });
    });
    mkdirSync(join(folder, 'a', 'b'), { recursive: true });
    writeFileSync(join(folder, 'a', 'b', 'deep.yml'), simple('deep'));
    writeFileSync(join(folder, 'a', 'b', 'deep.test.yml'), 'cases: []');
    writeFileSync(join(folder, 'top.yaml'), simple('top'));
    writeFileSync(join(elsewhere, 'linked.yml'), simple('linked'));
    symlinkSync(elsewhere, join(folder, 'link'));
    symlinkSync(folder, join(folder, 'a', 'circle'));
    symlinkSync(join(folder, 'nowhere'), join(folder, 'broken'));
    const { rules, problems } = loadRules([folder]);
    expect(problems).toEqual([]);
    expect(rules.map(({ path }) => path)).toEqual(['a/b/deep.yml', 'link/linked.yml', 'top.yaml']);
  });

  it('takes several documents of one file (Y-2), unknown keys (Y-4) and an author (A-9)', () => {
    const { rules, problems } = loadTexts([
      `${simple('a', undefined, 'author: Somebody\nregression_tests_path: x\n')}---\n${simple('b')}`,
    ]);
    expect(problems).toEqual([]);
    expect(rules.map((rule) => [rule.id, rule.author])).toEqual([
      ['a', 'Somebody'],
      ['b', undefined],
    ]);
  });

  it('refuses the second rule with an id (A-2)', () => {
    const { rules, refused } = loadTexts([simple('a'), simple('a')]);
    expect(rules.length).toBe(1);
    expect(refused.map(({ path, reason }) => [path, reason])).toEqual([
      ['1.yml', 'id a is taken by 0.yml (A rule)'],
    ]);
  });

  it('refuses Sigma 1 action documents (Y-8) and unknown taxonomies (A-5) by name', () => {
    const { problems } = loadTexts([`action: global\n${simple('a')}`, `taxonomy: splunk\n${simple('b')}`]);
    expect(problems.map(formatProblem)).toEqual([
      expect.stringMatching(/^0\.yml:1:1 action: global is Sigma 1/),
      expect.stringMatching(/^1\.yml:1:1 taxonomy "splunk" is not known \(A-5\)/),
    ]);
  });

  it('changes the content hash with the rule, its filters and its placeholder values, and not with its place', () => {
    const hash = (texts: string[], Servers?: string[]) =>
      loadTexts(texts, Servers ? { placeholders: { Servers } } : {}).rules.find((rule) => rule.id === 'a')
        ?.hash;
    const rule = simple('a');
    const filter = `title: F\nlogsource: {product: linux}\nfilter:\n  rules: [a]\n  sel: {B: y}\n  condition: not sel\n`;
    const placeholder = simple('a', "sel: {A|expand: '%Servers%'}\ncondition: sel");
    expect(hash([rule])).toBe(hash([simple('b'), rule]));
    const hashes = [
      hash([rule]),
      hash([rule.replace('x', 'y')]),
      hash([rule, filter]),
      hash([placeholder], ['x']),
      hash([placeholder], ['y']),
    ];
    expect(new Set(hashes).size).toBe(5);
    expect(hashes).not.toContain(undefined);
  });
});

describe('filters', () => {
  const filter = (rules: string, more = '', condition = 'not sel') =>
    `title: F\nlogsource: {product: linux${more}}\nfilter:\n  rules: ${rules}\n  sel: {User|startswith: adm_}\n  condition: ${condition}\n`;
  const matches = (texts: string[], record: object) => {
    const loaded = loadTexts(texts);
    return {
      hits: buildEngine(loaded.rules).match(record).length,
      warnings: loaded.warnings.map(({ message }) => message),
    };
  };
  const admin = { A: 'x', User: 'adm_joe' };

  it('excludes what the selection holds (F-1, F-3, F-4)', () => {
    expect(matches([simple('a'), filter('[a]')], admin).hits).toBe(0);
    expect(matches([simple('a'), filter('[a]')], { A: 'x', User: 'joe' }).hits).toBe(1);
  });
  it('applies to every rule inside its log source with any (F-1)', () => {
    expect(matches([simple('a'), filter('any')], admin).hits).toBe(0);
  });
  it('does not apply where the rule lies outside its log source (F-2)', () => {
    expect(matches([simple('a'), filter('[a]', ', service: sshd')], admin)).toEqual({
      hits: 1,
      warnings: ['the filter applies to no loaded rule'],
    });
  });
  it('joins the condition as written and warns when it excludes nothing (F-4)', () => {
    const { hits, warnings } = matches([simple('a'), filter('[a]', '', 'sel')], { A: 'x', User: 'joe' });
    expect(hits).toBe(0);
    expect(warnings).toEqual([expect.stringMatching(/has no "not".*F-4/)]);
  });
  it('may use names of the rule for its own identifiers (F-5)', () => {
    expect(matches([simple('a', 'sel: {A: x}\ncondition: 1 of sel*'), filter('[a]')], admin).hits).toBe(0);
  });
});

describe('log sources', () => {
  const rules = (logsource: string) => loadTexts([ruleText('sel: {A: x}\ncondition: sel', logsource)]).rules;
  const meets = (logsource: string, record: object, options = {}) =>
    buildEngine(rules(logsource)).match({ A: 'x', ...record }, options).length === 1;
  const sysmon = { Channel: 'Microsoft-Windows-Sysmon/Operational' };
  it.each<[string, string, object, boolean]>([
    ['S-1 agrees', 'service: sshd', { product: 'linux', service: 'SSHD' }, true],
    ['S-1 conflicts', 'service: sshd', { product: 'linux', service: 'cron' }, false],
    ['S-1 other product', 'product: linux', { product: 'windows' }, false],
    ['undeclared excludes no rule', 'product: linux', {}, true],
    ['none is undeclared', 'category: webserver', { product: 'linux', category: 'none' }, true],
    ['S-5 product only', 'product: linux', { product: 'linux', service: 'cron' }, true],
    ['S-6 category only', 'category: webserver', { product: 'nginx', category: 'webserver' }, true],
    [
      'our events say it under vigia',
      'service: sshd',
      { vigia: { logsource: { product: 'linux', service: 'cron' } } },
      false,
    ],
    ['S-4 Sysmon 1 is process_creation', 'category: process_creation', { ...sysmon, EventID: 1 }, true],
    [
      'S-4 Security 4688 is process_creation',
      'category: process_creation',
      { Channel: 'Security', EventID: 4688 },
      true,
    ],
    [
      'S-4 winlog event',
      'category: process_creation',
      { winlog: { channel: 'Security', event_id: '4688' } },
      true,
    ],
    ['S-4 another event id is not', 'category: process_creation', { ...sysmon, EventID: 3 }, false],
    [
      'S-4 a registry value set is also a registry event',
      'category: registry_event',
      { ...sysmon, EventID: 13 },
      true,
    ],
    [
      'S-4 declared registry_set is also a registry event',
      'category: registry_event',
      { product: 'windows', category: 'registry_set' },
      true,
    ],
    [
      'S-4 EventType tells add from delete',
      'category: registry_add',
      { ...sysmon, EventID: 12, EventType: 'DeleteKey' },
      false,
    ],
    ['S-4 service by channel', 'service: security', { Channel: 'System', EventID: 1 }, false],
    [
      'a Windows record is no database query',
      'category: database',
      { product: 'windows', category: 'none', Channel: 'Security', EventID: 1 },
      false,
    ],
  ])('%s', (_id, logsource, record, expected) => {
    expect(meets(logsource, record)).toBe(expected);
  });
  it('can be left aside', () => {
    expect(meets('product: linux', { product: 'windows' }, { routing: false })).toBe(true);
  });
});

describe('fields of our ECS events', () => {
  const fires = (logsource: string, detection: string, event: object) =>
    buildEngine(loadTexts([ruleText(detection, logsource)]).rules).match(event).length === 1;
  const winlog = {
    channel: 'Security',
    event_id: '4688',
    computer_name: 'PC1',
    provider_name: 'P',
    event_data: { NewProcessName: 'C:\\a.exe', param1: 'one', param2: 'two', Level: 'data' },
  };
  it.each<[string, string]>([
    ['event data', 'NewProcessName|endswith: a.exe'],
    ['the same fact by its other name', 'Image|endswith: a.exe'],
    ['event id', 'EventID: 4688'],
    ['channel', 'Channel: Security'],
    ['computer', 'Computer: pc1'],
    ['provider (N-3)', 'Provider_Name: P'],
    ['unnamed data (N-4)', 'Data|contains|all: [one]'.replace('|all: [one]', ': two')],
    ['event data before system data', 'Level: data'],
  ])('%s', (_name, item) => {
    expect(
      fires(
        '{product: windows, category: process_creation}'.replace(/[{}]/g, '').replace(', ', '\n  '),
        `sel:\n  ${item}\ncondition: sel`,
        { winlog, vigia: { logsource: { product: 'windows', service: 'security' } } },
      ),
    ).toBe(true);
  });
  it('uses ECS names as they are with taxonomy ecs', () => {
    const text = `taxonomy: ecs\n${ruleText('sel: {dns.question.name: sigmahq}\ncondition: sel', 'service: dns')}`;
    expect(
      buildEngine(loadTexts([text]).rules).match({ dns: { question: { name: 'SigmaHQ' } } }).length,
    ).toBe(1);
  });
  it('finds web requests under their ECS names', () => {
    expect(
      fires(
        'category: webserver',
        'sel: {cs-method: GET, sc-status: 404, cs-uri-query|contains: union}\ncondition: sel',
        {
          http: { request: { method: 'GET' }, response: { status_code: 404 } },
          url: { query: 'a=1 UNION select' },
          vigia: { logsource: { product: 'nginx', category: 'webserver' } },
        },
      ),
    ).toBe(true);
  });
});
