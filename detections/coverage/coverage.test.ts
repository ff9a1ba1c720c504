/** Can it fire: from log source and fields to a state with a reason, and from states to ATT&CK. */
import { describe, expect, it } from 'vitest';
import { loadTexts } from '../engine/testing.ts';
import { buildEngine, loadRules, ownRulesFolder } from '../index.ts';
import { readAttack, techniqueCoverage } from './attack.ts';
import { feeds } from './feeds.ts';
import { missingFields } from './missing-fields.ts';
import { navigatorLayer } from './navigator.ts';
import { optionsOf } from './options.ts';
import { coveragePage } from './page.ts';
import { fieldQuestions, type RuleCoverage, ruleStates, type Sight } from './rule-state.ts';

const rule = (logsource: string, detection = '{sel: {event.action: x}, condition: sel}', more = '') =>
  loadTexts([`title: Odd work\n${more}logsource: ${logsource}\ndetection: ${detection}\n`]).rules;
const sight = (more: Partial<Sight> = {}): Sight => ({
  configured: new Set(),
  seen: new Map(),
  hasField: () => true,
  days: 30,
  alerts: () => true,
  ...more,
});
const state = (rules: ReturnType<typeof rule>, more: Partial<Sight>) => {
  const [first] = ruleStates(rules, sight(more));
  return `${first!.state}: ${first!.reason}`;
};

describe('the state of a rule', () => {
  const samba = rule('{product: samba, service: auth}');
  const seen = new Map([['samba.auth', 5]]);

  it.each<[string, Partial<Sight>, string]>([
    ['nothing is configured', {}, 'source-not-configured: no source is configured that gives samba.auth'],
    [
      'nothing came',
      { configured: new Set(['samba.auth']) },
      'source-silent: no event of samba.auth in 30 days',
    ],
    [
      'events came without the field',
      { seen, hasField: () => false },
      'field-never-seen: no event of samba.auth held event.action in 30 days',
    ],
    ['events came with the field', { seen }, 'can-fire: '],
  ])('when %s', (_, more, expected) => {
    expect(state(samba, more)).toBe(expected);
  });

  it('says when nothing is known to give the log source, or no source of it carries the field', () => {
    expect(state(rule('{product: vms, service: auth}'), {})).toBe(
      'source-not-configured: nothing that Vigia reads is known to give vms auth',
    );
    const odd = rule('{product: samba, service: auth}', '{sel: {vigia.samba.colour: red}, condition: sel}');
    expect(state(odd, { seen })).toBe('field-never-seen: no source of samba auth carries vigia.samba.colour');
  });

  it('of a temporal correlation is that of its worst part, of any other that of its best', () => {
    const part = (name: string, product: string) =>
      `title: ${name}\nname: ${name}\nlogsource: {product: ${product}, service: auth}\ndetection: {sel: {event.action: x}, condition: sel}\n`;
    const over = (type: string, condition: string) =>
      `title: Both\ncorrelation: {type: ${type}, rules: [one, two], group-by: [user.name], timespan: 1h${condition}}\n`;
    const states = (text: string) =>
      ruleStates(loadTexts([part('one', 'samba'), part('two', 'linux'), text]).rules, sight({ seen })).at(
        -1,
      )!;
    expect(states(over('event_count', ', condition: {gte: 2}')).state).toBe('can-fire');
    expect(states(over('temporal', ''))).toMatchObject({
      state: 'source-not-configured',
      reason: 'two: no source is configured that gives linux.auth',
    });
  });

  it('asks the store for each field that a rule of a seen dataset needs, once', () => {
    const two = loadTexts([
      'title: One\nlogsource: {product: samba, service: auth}\ndetection: {sel: {a: 1, b: 2}, condition: sel}\n',
      'title: Two\nlogsource: {product: samba, service: auth}\ndetection: {sel: {a: 3}, filter: {c: 4}, condition: sel and not filter}\n',
    ]).rules;
    expect(fieldQuestions(two, seen).map(({ places }) => places.join())).toEqual(['a', 'b']);
    expect(fieldQuestions(two, new Map())).toEqual([]);
  });
});

describe('the fields that are missing', () => {
  const condition = (detection: string) => {
    const [one] = rule('{product: linux}', detection);
    return one?.kind === 'rule' ? one.condition : undefined;
  };
  it.each([
    ['all of a conjunction', '{sel: {a: 1, b: 2}, condition: sel}', ['a', 'b']],
    ['the shortest way of a choice', '{one: {a: 1, b: 2}, two: {c: 3}, condition: 1 of *}', ['c']],
    ['none of what is filtered', '{sel: {k: 1}, filter: {a: 1}, condition: not filter}', []],
    ['none for a keyword', '{words: [mimikatz], condition: words}', []],
    ['none that must be absent', '{sel: {a: null}, condition: sel}', []],
    ['the one that must not be null', '{sel: {a: null}, condition: not sel}', ['a']],
  ])('are %s', (_, detection, fields) => {
    expect(missingFields(condition(detection)!, () => false)).toEqual(fields);
    expect(missingFields(condition(detection)!, () => true)).toEqual([]);
  });
});

describe('what must be switched on', () => {
  const needs = (logsource: string, detection: string) =>
    ruleStates(
      rule(logsource, detection),
      sight({ seen: new Map(feeds().map((one) => [one.dataset, 1])) }),
    )[0]!;

  it('is the audit subcategory of the event ids that a rule names', () => {
    expect(
      needs('{product: windows, service: security}', '{sel: {EventID: 4769}, condition: sel}').needs,
    ).toEqual(['Audit Kerberos Service Ticket Operations: success and failure']);
  });
  it('is told for each dataset that gives a category', () => {
    const { datasets, needs: told } = needs(
      '{product: windows, category: process_creation}',
      '{sel: {Image|endswith: x}, condition: sel}',
    );
    expect(datasets).toEqual(['windows.security', 'windows.sysmon']);
    expect(told[0]).toMatch(/^windows\.security: Audit Process Creation/);
    expect(told[1]).toMatch(/^windows\.sysmon: Sysmon must be installed/);
  });
  it('is the class of pgAudit', () => {
    const detection = '{sel: {vigia.postgresql.class: WRITE}, condition: sel}';
    expect(needs('{product: postgresql}', detection).needs).toEqual(
      expect.arrayContaining([expect.stringMatching(/^pgaudit\.log must include write/)]),
    );
  });
});

describe('our own rules', () => {
  const { rules } = loadRules([ownRulesFolder()]);

  it('are fed by a dataset that carries all fields they need', () => {
    const all = sight({ seen: new Map(feeds().map((one) => [one.dataset, 1])) });
    const waiting = ruleStates(rules, all).filter((one) => one.state !== 'can-fire');
    expect(waiting.map(({ path, reason }) => `${path}: ${reason}`)).toEqual([]);
  });
  it('name techniques of our table, with one of their tactics', () => {
    const { techniques } = readAttack();
    const wrong = buildEngine(rules).rules.filter(({ tags }) => {
      const named = tags.flatMap((tag) => techniques[tag.replace('attack.', '').toUpperCase()] ?? []);
      return named.length === 0;
    });
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });
});

it('finds Windows channels for every category and service of the table', () => {
  const option = (logsource: string) => {
    const [one] = rule(logsource);
    return one?.kind === 'rule' ? optionsOf(one).map(({ feed }) => feed.dataset) : [];
  };
  expect(option('{product: windows, service: taskscheduler}')).toEqual(['windows.other']);
  expect(option('{product: windows, category: ps_script}')).toEqual(['windows.powershell']);
  expect(option('{category: process_creation}')).toEqual([
    'linux.audit',
    'windows.security',
    'windows.sysmon',
  ]);
  expect(option('{category: webserver}')).toEqual(['iis.access', 'iis.log', 'nginx.access', 'nginx.error']);
  expect(option('{product: linux, service: sshd}')).toEqual(['linux.auth']);
});

describe('ATT&CK coverage', () => {
  const covered = (title: string, tag: string, more: Partial<RuleCoverage> = {}): RuleCoverage => ({
    id: title,
    title,
    level: 'high',
    kind: 'rule',
    origin: 'own',
    path: 'x.yml',
    tags: [tag],
    state: 'can-fire',
    reason: '',
    datasets: [],
    missing: [],
    needs: [],
    alerts: true,
    ...more,
  });
  const rules = [
    covered('Guessing <b>|', 'attack.t1110'),
    covered('Spraying', 'attack.t1110', { state: 'source-silent', reason: 'no event of x' }),
    covered('Shadowed', 'attack.t1098', { alerts: false, shadow: { why: 'new' } }),
    covered('Part', 'attack.t1087', { alerts: false }),
  ];
  const techniques = techniqueCoverage(rules);
  const of = (id: string) => techniques.find((one) => one.id === id)!;

  it('counts a technique as covered when a rule can fire and alerts', () => {
    expect([of('T1110'), of('T1098'), of('T1087'), of('T1003')].map(({ status }) => status)).toEqual([
      'covered',
      'cannot-fire',
      'cannot-fire',
      'not-covered',
    ]);
  });

  it('makes a Navigator layer of format 4.5 with the rules that can fire as score', () => {
    const layer = navigatorLayer(techniques, readAttack(), '2026-05-01') as {
      versions: object;
      techniques: { techniqueID: string; score: number; comment: string; color?: string }[];
    };
    expect(layer.versions).toEqual({ attack: '19', navigator: '5.1.0', layer: '4.5' });
    expect(layer.techniques.map(({ techniqueID, score }) => [techniqueID, score])).toEqual([
      ['T1087', 0],
      ['T1098', 0],
      ['T1110', 1],
    ]);
    expect(layer.techniques[2]!.comment).toBe('Guessing <b>|\n(no event of x) Spraying');
    expect(layer.techniques.map(({ color }) => color !== undefined)).toEqual([true, true, false]);
  });

  it('makes a page by tactic, in which titles are text', () => {
    const page = coveragePage(techniques, readAttack(), { day: '2026-05-01', days: 30 });
    expect(page).toContain('| Credential Access |');
    expect(page).toContain(
      '[T1110](https://attack.mitre.org/techniques/T1110/) Brute Force | covered | Guessing &lt;b&gt;\\|<br>Spraying (no event of x) |',
    );
    expect(page).toContain('| only rules that cannot fire | Shadowed (in shadow) |');
    expect(page).toContain('| only rules that cannot fire | Part (does not alert by itself) |');
  });
});
