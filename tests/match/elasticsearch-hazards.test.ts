/** The hazards of pushing rules down to Elasticsearch (section 13 of the language), each on a real node: narrowed query and re-check together answer as the rule says. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { equals } from '../../core/conditions/tree.ts';
import type { Match } from '../../core/documents.ts';
import type { Event } from '../../core/event.ts';
import { findAll } from '../../core/find-all.ts';
import { loadTexts, ruleText } from '../../detections/engine/testing.ts';
import {
  buildEngine,
  type CorrelationRule,
  correlator,
  type DetectionRule,
  evaluator,
  readAlertingPolicy,
} from '../../detections/index.ts';
import { shipped } from '../../server/settings.ts';
import { type AskedStore, openStores, storable } from '../proofs/equal-answers-stores.ts';
import { need } from '../testbed/need.ts';

const es = await need('elasticsearch');
const needle = `${'long '.repeat(9_000)}needle`;

/** What each event holds besides id, dataset and time; tests name them by their place here. */
const contents: Record<string, object> = {
  lower: { user: { name: 'powershell é straße' } },
  upper: { user: { name: 'POWERSHELL É STRASSE' } },
  dotted: { user: { name: 'İstanbul' } },
  long: { process: { command_line: needle } },
  short: { process: { command_line: 'a needle' } },
  'long inside user data': { winlog: { channel: 'Security', user_data: { Deep: { Field: needle } } } },
  none: { host: { name: 'h' } },
  null: { user: { name: null } },
  empty: { user: { name: '' } },
  'in network': { source: { ip: '10.1.2.3' }, labels: { address: '10.1.2.3' } },
  'outside network': { source: { ip: '192.168.1.1' }, labels: { address: 'not an address' } },
  same: { process: { name: 'a.exe', executable: 'C:\\A.EXE' }, user: { name: 'a.exe', id: 'A.EXE' } },
  different: { user: { name: 'a.exe', id: 'b.exe' } },
  message: { message: 'it says Error 4711 here' },
  original: { message: 'nothing', event: { original: 'the error 4711 of the original' } },
  objects: {
    dns: {
      answers: [
        { name: 'a.example', type: 'A' },
        { name: 'b.example', type: 'TXT' },
      ],
    },
  },
  'boolean true': { file: { code_signature: { exists: true } }, labels: { Initiated: true } },
  'text true': { file: { code_signature: { exists: 'TRUE' } }, labels: { Initiated: 'True' } },
  'text false': { file: { code_signature: { exists: 'false' } }, labels: { Initiated: 'false' } },
  'value 4999': { user: { name: 'xx value-4999 yy' } },
};

es.describe('hazards of Elasticsearch', () => {
  let store: AskedStore;
  const names = new Map<string, string>();
  const events: Event[] = Object.entries(contents).map(([name, content], index) => {
    const event = storable({ vigia: { logsource: { product: 'test' } }, ...content }, 'hazards', index);
    names.set(event.event.id, name);
    return event;
  });
  beforeAll(async () => {
    [store] = (await openStores(['elasticsearch'], es.component.url)) as [AskedStore];
    await store.fill(events);
  });
  afterAll(() => store.close());

  async function ask(detection: string) {
    const { rules, refused } = loadTexts([ruleText(detection, 'category: anything')]);
    expect(refused).toEqual([]);
    const rule = rules[0] as DetectionRule;
    const { ids, fetched } = await store.answer(rule, 'hazards');
    const engine = buildEngine(rules);
    const wanted = events.filter((event) => engine.match(event).length > 0);
    const found = [...ids].map((id) => names.get(id)!).sort();
    expect(found).toEqual(wanted.map(({ event }) => names.get(event.id)!).sort());
    return { found, fetched };
  }
  const one = (item: string) => `sel:\n  ${item}\ncondition: sel`;
  const others = (...without: string[]) =>
    Object.keys(contents)
      .filter((name) => !without.includes(name))
      .sort();

  it('E-1 letter case: ignored for every script, on indexed fields', async () => {
    expect((await ask(one('user.name|startswith: PowerShell'))).found).toEqual(['lower', 'upper']);
    expect((await ask(one('user.name|contains: É'))).found).toEqual(['lower', 'upper']);
    expect((await ask(one('user.name: İSTANBUL'))).found).toEqual(['dotted']);
    expect((await ask(one('user.name|contains|cased: PowerShell'))).found).toEqual([]);
  });

  it('E-2 long values: found, and not taken for missing, also inside free-form objects', async () => {
    expect((await ask(one('process.command_line|endswith: needle'))).found).toEqual(['long', 'short']);
    expect((await ask(one('process.command_line: null'))).found).not.toContain('long');
    expect((await ask(one('process.command_line|exists: true'))).found).toEqual(['long', 'short']);
    expect((await ask(one('winlog.user_data.Deep.Field|endswith: needle'))).found).toEqual([
      'long inside user data',
    ]);
  });

  it('E-3 regular expressions: unanchored, lazy, with classes and word boundaries', async () => {
    expect((await ask(one("user.name|re: 'sh.*?l\\b'"))).found).toEqual(['lower']);
    expect((await ask(one("user.name|re: '^POWER\\w+'"))).found).toEqual(['upper']);
    expect((await ask(one("user.name|re|i: 'value-\\d{4}'"))).found).toEqual(['value 4999']);
  });

  it('E-4 many values: a list of 5,000 is asked for and answered', { timeout: 60_000 }, async () => {
    const list = Array.from({ length: 5_000 }, (_, index) => `    - 'value-${index} '`).join('\n');
    expect((await ask(`sel:\n  user.name|contains:\n${list}\ncondition: sel`)).found).toEqual(['value 4999']);
    const plain = Array.from({ length: 5_000 }, (_, index) => `    - v${index}`).join('\n');
    expect((await ask(`sel:\n  user.name:\n${plain}\n    - a.exe\ncondition: sel`)).found).toEqual([
      'different',
      'same',
    ]);
  });

  it('E-5 leading wildcards: narrow, not all events are fetched', async () => {
    const { found, fetched } = await ask(one("user.name|endswith: '.exe'"));
    expect(found).toEqual(['different', 'same']);
    expect(fetched).toBeLessThan(events.length / 2);
  });

  it('E-6 null is missing or null; the empty text is a value', async () => {
    const named = ['lower', 'upper', 'dotted', 'empty', 'same', 'different', 'value 4999'];
    expect((await ask(one('user.name: null'))).found).toEqual(others(...named));
    expect((await ask(one("user.name: ''"))).found).toEqual(['empty']);
    expect((await ask('sel: {user.name: null}\ncondition: not sel')).found).toEqual([...named].sort());
    expect((await ask(one('user.name|exists: true'))).found).toEqual([...named, 'null'].sort());
  });

  it('E-7 cidr: on address fields and on texts', async () => {
    expect((await ask(one('source.ip|cidr: 10.0.0.0/8'))).found).toEqual(['in network']);
    expect((await ask(one('labels.address|cidr: 10.0.0.0/8'))).found).toEqual(['in network']);
    expect((await ask('sel: {source.ip|cidr: 10.0.0.0/8}\ncondition: not sel')).found).toEqual(
      others('in network'),
    );
  });

  it('E-8 fieldref: two fields of one event', async () => {
    expect((await ask(one('user.name|fieldref: user.id'))).found).toEqual(['same']);
    expect((await ask(one('process.executable|fieldref|endswith: process.name'))).found).toEqual(['same']);
  });

  it('E-9 keywords: anywhere in the whole message', async () => {
    expect((await ask("sel: ['error 4711']\ncondition: sel")).found).toEqual(['message', 'original']);
    expect((await ask("sel: ['error 4711']\ncondition: not sel")).found).toEqual(
      others('message', 'original'),
    );
  });

  it('E-10 arrays of objects: two conditions may be met by different elements, as in the matcher', async () => {
    expect(
      (await ask('sel: {dns.answers.name: a.example, dns.answers.type: TXT}\ncondition: sel')).found,
    ).toEqual(['objects']);
  });

  it('E-11 correlation: a group that straddles the edge of an hour is one group', async () => {
    const { rules } = loadTexts([
      'title: Base\nid: b\nname: base\nlevel: low\nlogsource: {product: test}\ndetection: {sel: {user.name: ana}, condition: sel}\n',
      'title: Many\nid: c\nlevel: high\ncorrelation:\n  type: event_count\n  rules: [base]\n  group-by: [user.name]\n  timespan: 10m\n  condition: {gte: 4}\n',
    ]);
    const policy = readAlertingPolicy(shipped('policies', 'alerting.yml'));
    const evaluate = evaluator(buildEngine(rules), policy);
    const times = ['18:56', '18:58', '19:01', '19:03'].map((time) => `2026-11-21T${time}:00.000Z`);
    const found = await evaluate(
      times.map((at, index) => ({
        ...storable({ user: { name: 'ana' } }, 'straddling', index),
        '@timestamp': at,
      })),
    );
    const { documents } = store.store;
    await documents.createMany(
      'match',
      found.matches.map((body) => ({ id: body.id, body })),
    );
    const [group] = found.matches[0]!.groups;
    const stored = await findAll(documents, 'match', { where: equals('groups', group!), sort: ['event.at'] });
    const correlation = rules.find((rule): rule is CorrelationRule => rule.kind === 'correlation')!;
    const matches: Match[] = stored.map(({ body }) => body);
    const alerts = correlator(rules, policy).settle(correlation, matches);
    expect(alerts.map(({ from, to, eventCount }) => [from, to, eventCount])).toEqual([
      [times[0], times[3], 4],
    ]);
  });

  it('E-12 booleans: typed or text, in the rule or in the event', async () => {
    for (const field of ['file.code_signature.exists', 'labels.Initiated'])
      for (const value of ['true', "'true'"])
        expect((await ask(one(`${field}: ${value}`))).found).toEqual(['boolean true', 'text true']);
  });
});
