import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Exception, Match } from '../core/documents.ts';
import type { Event } from '../core/event.ts';
import { covering } from '../core/exceptions/index.ts';
import { readAlertingPolicy, shouldAlert } from './alerting.ts';
import type { LoadOptions } from './engine/load.ts';
import { buildEngine } from './engine/match.ts';
import { loadTexts } from './engine/testing.ts';
import { evaluator, ruleRef } from './evaluate.ts';
import { NOTHING_KNOWN } from './known.ts';
import { suppressEpisode } from './suppress.ts';

const policy = readAlertingPolicy(resolve(import.meta.dirname, '../policies/alerting.yml'));
const rule = (id: string, level: string, more = '') =>
  `title: Rule ${id}\nid: ${id}\nname: ${id}\nlevel: ${level}\nauthor: Somebody\ntags: [attack.t1110]\n${more}logsource: {product: linux}\ndetection: {sel: {event.action: x}, condition: sel}\n`;
const event = (id: string, more: object = {}): Event =>
  ({
    '@timestamp': '2026-03-01T10:00:00.000Z',
    event: { id, hash: 'h', dataset: 'test', created: '', action: 'x' },
    ...more,
  }) as Event;
const evaluate = (texts: string[], events: Event[], options: LoadOptions = {}) =>
  evaluator(buildEngine(loadTexts(texts, options).rules), policy, () => '2026-03-01T10:00:01.000Z')(events);

describe('evaluator', () => {
  it('makes a match with rule, author, hash, event and entities', async () => {
    const { matches } = await evaluate(
      [rule('r1', 'low')],
      [event('e1', { user: { name: 'ana' }, source: { ip: '192.0.2.7' }, host: { name: '-' } })],
    );
    expect(matches).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f]{32}$/),
        rule: {
          id: 'r1',
          title: 'Rule r1',
          level: 'low',
          hash: expect.stringMatching(/^[0-9a-f]{64}$/),
          author: 'Somebody',
          path: '0.yml',
          tags: ['attack.t1110'],
        },
        event: { id: 'e1', at: '2026-03-01T10:00:00.000Z', dataset: 'test' },
        groups: [],
        group: {},
        entities: [
          { type: 'user', name: 'ana' },
          { type: 'address', name: '192.0.2.7' },
        ],
      },
    ]);
  });

  it('gives the same ids when it runs again', async () => {
    const once = await evaluate([rule('r1', 'critical')], [event('e1')]);
    expect(await evaluate([rule('r1', 'critical')], [event('e1')])).toEqual(once);
    expect(once.alerts.length).toBe(1);
  });

  it('keeps the alert id and changes the match id when the rule is edited', async () => {
    const before = await evaluate([rule('r1', 'critical')], [event('e1')]);
    const after = await evaluate([rule('r1', 'critical', 'description: edited\n')], [event('e1')]);
    expect(after.alerts[0]!.id).toBe(before.alerts[0]!.id);
    expect(after.matches[0]!.id).not.toBe(before.matches[0]!.id);
  });

  it.each([
    ['an imported rule below high', 'medium', '', 0],
    ['an imported rule from high', 'high', '', 1],
    ['an informational rule', 'informational', '', 0],
    ['a deprecated rule', 'critical', 'status: deprecated\n', 0],
  ])('alerts for %s: %s', async (_name, level, more, alerts) => {
    const result = await evaluate([rule('r1', level, more)], [event('e1')]);
    expect([result.matches.length, result.alerts.length]).toEqual([1, alerts]);
  });

  it('alerts for our own rules from low on', () => {
    const { rules } = loadTexts([rule('r1', 'low')]);
    expect(shouldAlert({ ...rules[0]!, origin: 'own' }, policy)).toBe(true);
    expect(shouldAlert({ ...rules[0]!, origin: 'imported' }, policy)).toBe(false);
  });

  const correlation = (generate: boolean) =>
    `title: C\nid: c\nlevel: high\ncorrelation: {type: event_count, rules: [r1], group-by: [user.name], timespan: 1m, condition: {gte: 2}, generate: ${generate}}\n`;

  it('does not alert for rules that only feed a correlation (R-13)', async () => {
    expect((await evaluate([rule('r1', 'high'), correlation(false)], [event('e1')])).alerts).toEqual([]);
    expect((await evaluate([rule('r1', 'high'), correlation(true)], [event('e1')])).alerts.length).toBe(1);
  });

  it('names the group of each correlation, with null for a missing field', async () => {
    const { matches } = await evaluate(
      [rule('r1', 'low'), correlation(false)],
      [event('e1', { user: { name: 'Ana' } }), event('e2', { user: { name: 'ANA' } }), event('e3')],
    );
    expect(matches.map((match) => match.group['c']!.by)).toEqual([['Ana'], ['ANA'], [null]]);
    const [first, second, third] = matches.map((match) => match.groups[0]!);
    expect(first).toMatch(/^c\|[0-9a-f]{32}$/);
    expect(second).toBe(first);
    expect(third).not.toBe(first);
  });

  it('reports mistakes of the policy with their place', () => {
    expect(() => readAlertingPolicy(resolve(import.meta.dirname, '../package.json'))).toThrow(
      /alerting policy/,
    );
  });
});

describe('exceptions', () => {
  const agreed: Exception = {
    id: 'EXC-2026-000001',
    why: 'planned',
    scope: { rules: [{ id: 'r1', title: 'Rule r1' }], entities: [], where: 'user.name:ana' },
    from: '2026-03-01T09:00:00.000Z',
    until: '2026-03-02T00:00:00.000Z',
    state: 'active',
    proposedBy: 'ana',
    proposed: '2026-03-01T09:00:00.000Z',
    decidedBy: 'rui',
    decided: '2026-03-01T09:00:00.000Z',
    history: [],
  };
  const limits = { source: '', since: '', longest_days: 90, warn_days: 7, late_days: 7 };
  const known = (exception: Exception) => async () => ({
    ...NOTHING_KNOWN,
    exceptions: covering([exception], limits, () => Date.parse('2026-03-01T10:00:01Z')),
  });
  const texts = [
    rule('r1', 'high'),
    'title: C\nid: c\nlevel: high\ncorrelation: {type: event_count, rules: [r1], group-by: [user.name], timespan: 1m, condition: {gte: 2}, generate: true}\n',
  ];
  const { rules } = loadTexts(texts);
  const events = [event('e1', { user: { name: 'Ana' } }), event('e2', { user: { name: 'Rui' } })];
  const evaluated = (exception: Exception) =>
    evaluator(buildEngine(rules), policy, () => '', known(exception))(events);

  it('keep the match and suppress its alert, of the events they cover only', async () => {
    const { matches, alerts } = await evaluated(agreed);
    expect(matches.map((match) => match.exceptions)).toEqual([['EXC-2026-000001'], undefined]);
    expect(alerts.map(({ state, exception }) => [state, exception])).toEqual([
      ['suppressed', 'EXC-2026-000001'],
      ['open', undefined],
    ]);
  });

  it('of a correlation leave the alerts of its parts, and cover an episode when every match is covered', async () => {
    const ofC = { ...agreed, scope: { rules: [{ id: 'c', title: 'C' }], entities: [] } };
    const { matches, alerts } = await evaluated(ofC);
    expect(alerts.map(({ state }) => state)).toEqual(['open', 'open']);
    const episode = { ...alerts[0]!, kind: 'correlation', rule: ruleRef(rules[1]!) } as const;
    const { exceptions } = await known(ofC)();
    expect(suppressEpisode(episode, matches, exceptions)).toMatchObject({ state: 'suppressed' });
    const [first, { exceptions: _, ...uncovered }] = matches as [Match, Match];
    expect(suppressEpisode(episode, [first, uncovered], exceptions)).toBe(episode);
    expect(suppressEpisode({ ...episode, rule: ruleRef(rules[0]!) }, matches, exceptions).state).toBe('open');
  });
});
