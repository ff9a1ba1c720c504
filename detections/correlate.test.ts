import { describe, expect, it } from 'vitest';
import type { Alert, Match } from '../core/documents.ts';
import type { Event } from '../core/event.ts';
import { correlator } from './correlate.ts';
import { buildEngine } from './engine/match.ts';
import type { CorrelationRule } from './engine/rule.ts';
import { loadTexts } from './engine/testing.ts';
import { evaluator, groupKey } from './evaluate.ts';

const policy = {
  version: 't',
  alert_from: { own: 'low', imported: 'low' },
  never: { levels: [], statuses: [] },
} as const;
const everything = { ...policy, never: { levels: [], statuses: [] } };

const base = (name: string) =>
  `title: ${name}\nid: ${name}\nname: ${name}\nlevel: low\nlogsource: {product: linux}\ndetection: {sel: {event.action: ${name}}, condition: sel}\n`;
const correlation = (body: string, id = 'corr') =>
  `title: ${id}\nid: ${id}\nname: ${id}\nlevel: high\ncorrelation:\n${body.replace(/^/gm, '  ')}\n`;

interface Step {
  /** Seconds after the start. */
  at: number;
  do: string;
  user?: string;
  ip?: string;
  bytes?: number | string;
}
const START = Date.parse('2026-03-01T00:00:00.000Z');
const makeEvent = (step: Step, index: number): Event =>
  ({
    '@timestamp': new Date(START + step.at * 1_000).toISOString(),
    event: {
      id: `e${String(index).padStart(5, '0')}`,
      hash: '',
      dataset: 'test',
      created: '',
      action: step.do,
    },
    ...(step.user === undefined ? {} : { user: { name: step.user } }),
    ...(step.ip === undefined ? {} : { source: { ip: step.ip } }),
    ...(step.bytes === undefined ? {} : { network: { bytes: step.bytes } }),
  }) as unknown as Event;

/** Alerts of all groups, oldest first; `order` changes the order in which the matches are handed over. */
async function settled(
  body: string | string[],
  steps: Step[],
  order: (matches: Match[]) => Match[] = (matches) => matches,
): Promise<Alert[]> {
  const names = [...new Set(['a', 'b', 'c', ...steps.map((step) => step.do)])];
  const { rules, problems, refused } = loadTexts([...names.map(base), ...[body].flat()]);
  expect(problems).toEqual([]);
  expect(refused).toEqual([]);
  const { matches } = await evaluator(buildEngine(rules), everything)(steps.map(makeEvent));
  const rule = rules.find((one): one is CorrelationRule => one.kind === 'correlation' && one.id === 'corr')!;
  const groups = Map.groupBy(
    matches.filter((match) => match.group['corr']),
    (match) => groupKey('corr', match.group['corr']!.by),
  );
  const { settle } = correlator(rules, everything, () => 'now');
  return [...groups.values()]
    .flatMap((group) => settle(rule, order(group)))
    .sort((left, right) => left.from.localeCompare(right.from));
}
const times = (count: number, every: number, step: Omit<Step, 'at'>, from = 0): Step[] =>
  Array.from({ length: count }, (_, n) => ({ at: from + n * every, ...step }));
const eventCount = (gte: number, timespan = '1m') =>
  correlation(
    `type: event_count\nrules: [a]\ngroup-by: [user.name]\ntimespan: ${timespan}\ncondition: {gte: ${gte}}`,
  );

describe('event_count (R-6)', () => {
  it('alerts when the count is reached inside the window', async () => {
    expect(
      (await settled(eventCount(5), times(5, 10, { do: 'a', user: 'u' }))).map((alert) => alert.eventCount),
    ).toEqual([5]);
    expect(await settled(eventCount(5), times(4, 10, { do: 'a', user: 'u' }))).toEqual([]);
    expect(await settled(eventCount(5), times(5, 16, { do: 'a', user: 'u' }))).toEqual([]);
  });
  it('includes both ends of the window', async () => {
    expect(
      (
        await settled(eventCount(2), [
          { at: 0, do: 'a', user: 'u' },
          { at: 60, do: 'a', user: 'u' },
        ])
      ).length,
    ).toBe(1);
    expect(
      await settled(eventCount(2), [
        { at: 0, do: 'a', user: 'u' },
        { at: 61, do: 'a', user: 'u' },
      ]),
    ).toEqual([]);
  });
  it('does not cut windows at clock boundaries (R-4)', async () => {
    expect((await settled(eventCount(4), times(4, 15, { do: 'a', user: 'u' }, 45))).length).toBe(1);
  });
  it('counts groups apart, ignoring letter case, and takes a missing value as a group of its own (R-3)', async () => {
    const mixed = [
      ...times(2, 1, { do: 'a', user: 'u' }),
      ...times(1, 1, { do: 'a', user: 'U' }, 5),
      ...times(3, 1, { do: 'a' }),
      ...times(2, 1, { do: 'a', user: 'v' }),
    ];
    const alerts = await settled(eventCount(3), mixed);
    expect(alerts.map((alert) => alert.group?.by['user.name']).sort()).toEqual([null, 'u'].sort());
  });
  it('gives one alert for each episode; an episode ends after one timespan without a match', async () => {
    const alerts = await settled(eventCount(3), [
      ...times(30, 10, { do: 'a', user: 'u' }),
      ...times(3, 10, { do: 'a', user: 'u' }, 1_000),
    ]);
    expect(alerts.map((alert) => [alert.eventCount, alert.from, alert.to])).toEqual([
      [30, '2026-03-01T00:00:00.000Z', '2026-03-01T00:04:50.000Z'],
      [3, '2026-03-01T00:16:40.000Z', '2026-03-01T00:17:00.000Z'],
    ]);
  });
  it('keeps its id while the episode grows, whatever the order and however often matches are handed over', async () => {
    const [short] = await settled(eventCount(3), times(3, 10, { do: 'a', user: 'u' }));
    const [long] = await settled(eventCount(3), times(8, 10, { do: 'a', user: 'u' }));
    const [shuffled] = await settled(eventCount(3), times(8, 10, { do: 'a', user: 'u' }), (matches) =>
      [...matches].reverse().concat(matches),
    );
    expect(long!.id).toBe(short!.id);
    expect(shuffled).toEqual(long);
  });
  it('merges two episodes when a late event closes the gap', async () => {
    const gap = [...times(3, 10, { do: 'a', user: 'u' }), ...times(3, 10, { do: 'a', user: 'u' }, 100)];
    expect((await settled(eventCount(3), gap)).length).toBe(2);
    expect(
      (await settled(eventCount(3), [...gap, { at: 60, do: 'a', user: 'u' }])).map(
        (alert) => alert.eventCount,
      ),
    ).toEqual([7]);
  });
  it('decides upper bounds over whole windows (R-5)', async () => {
    const few = correlation(
      'type: event_count\nrules: [a]\ngroup-by: [user.name]\ntimespan: 1m\ncondition: {gte: 2, lte: 3}',
    );
    expect((await settled(few, times(3, 5, { do: 'a', user: 'u' }))).length).toBe(1);
    expect(await settled(few, times(6, 5, { do: 'a', user: 'u' }))).toEqual([]);
  });
});

describe('value_count and the other measures', () => {
  const distinct = correlation(
    'type: value_count\nrules: [a]\ngroup-by: [source.ip]\ntimespan: 1m\ncondition: {field: user.name, gte: 3}',
  );
  it('counts distinct values, ignoring letter case, without missing ones (R-7)', async () => {
    const users = (names: (string | undefined)[]) =>
      names.map((user, at): Step => ({ at, do: 'a', ip: '192.0.2.1', ...(user ? { user } : {}) }));
    expect((await settled(distinct, users(['x', 'y', 'z']))).map((alert) => alert.group?.value)).toEqual([3]);
    expect(await settled(distinct, users(['x', 'X', 'y', undefined, 'y']))).toEqual([]);
  });
  it('forgets values that left the window', async () => {
    expect(
      await settled(
        distinct,
        ['x', 'y', 'z'].map((user, n) => ({ at: n * 31, do: 'a', ip: '192.0.2.1', user })),
      ),
    ).toEqual([]);
  });
  it.each<[string, string, (number | string)[], number]>([
    ['R-8 value_sum', 'type: value_sum', [400, '500', 200], 1],
    ['R-8 value_sum below', 'type: value_sum', [400, 500], 0],
    ['R-8 value_avg', 'type: value_avg', [900, 1_200], 1],
    ['R-9 value_percentile, median by default', 'type: value_percentile', [1, 2_000, 3_000], 1],
    ['R-1 value_median', 'type: value_median', [1, 2, 5_000], 0],
  ])('%s', async (_id, type, bytes, expected) => {
    const rule = correlation(
      `${type}\nrules: [a]\ngroup-by: [user.name]\ntimespan: 1m\ncondition: {field: network.bytes, gt: 1000}`,
    );
    const alerts = await settled(
      rule,
      bytes.map((value, at) => ({ at, do: 'a', user: 'u', bytes: value })),
    );
    expect(alerts.length).toBe(expected);
  });
});

describe('temporal', () => {
  const temporal = (more: string) =>
    correlation(`rules: [a, b]\ngroup-by: [user.name]\ntimespan: 1m\n${more}`);
  const u = { user: 'u' };
  it('needs every rule, in any order (R-10)', async () => {
    expect(
      (
        await settled(temporal('type: temporal'), [
          { at: 0, do: 'b', ...u },
          { at: 9, do: 'a', ...u },
        ])
      ).length,
    ).toBe(1);
    expect(await settled(temporal('type: temporal'), times(5, 1, { do: 'a', ...u }))).toEqual([]);
    expect(
      await settled(temporal('type: temporal'), [
        { at: 0, do: 'b', ...u },
        { at: 61, do: 'a', ...u },
      ]),
    ).toEqual([]);
  });
  it('needs the listed order (R-11)', async () => {
    expect(
      (
        await settled(temporal('type: temporal_ordered'), [
          { at: 0, do: 'a', ...u },
          { at: 9, do: 'b', ...u },
        ])
      ).length,
    ).toBe(1);
    expect(
      await settled(temporal('type: temporal_ordered'), [
        { at: 0, do: 'b', ...u },
        { at: 9, do: 'a', ...u },
      ]),
    ).toEqual([]);
    expect(
      (
        await settled(temporal('type: temporal_ordered'), [
          { at: 0, do: 'b', ...u },
          { at: 9, do: 'a', ...u },
          { at: 12, do: 'b', ...u },
        ])
      ).length,
    ).toBe(1);
  });
  it('takes a condition over rule names (R-17)', async () => {
    const rule = temporal('type: temporal\ncondition: a and not b');
    expect((await settled(rule, [{ at: 0, do: 'a', ...u }])).length).toBe(1);
    expect(
      await settled(rule, [
        { at: 0, do: 'a', ...u },
        { at: 30, do: 'b', ...u },
      ]),
    ).toEqual([]);
  });
  it('meets on differently named fields through aliases (R-12)', async () => {
    const rule = correlation(
      'type: temporal\nrules: [a, b]\naliases: {who: {a: user.name, b: source.ip}}\ngroup-by: [who]\ntimespan: 1m',
    );
    expect(
      (
        await settled(rule, [
          { at: 0, do: 'a', user: 'x' },
          { at: 9, do: 'b', ip: 'X' },
        ])
      ).length,
    ).toBe(1);
    expect(
      await settled(rule, [
        { at: 0, do: 'a', user: 'x' },
        { at: 9, do: 'b', ip: 'y', user: 'x' },
      ]),
    ).toEqual([]);
  });
});

describe('floods', () => {
  it.each([
    ['event_count', 'type: event_count\nrules: [a]\ncondition: {gte: 5}'],
    ['value_percentile', 'type: value_percentile\nrules: [a]\ncondition: {gte: 5, field: network.bytes}'],
    ['temporal_ordered', 'type: temporal_ordered\nrules: [a, a, a]'],
  ])('settles 20,000 matches of one %s window', async (_type, body) => {
    const steps = times(20_000, 0.1, { do: 'a', bytes: 7 });
    const [alert, ...more] = await settled(
      correlation(`${body}\ngroup-by: [user.name]\ntimespan: 1h`),
      steps,
    );
    expect(more).toEqual([]);
    expect([alert!.eventCount, alert!.events.length]).toEqual([20_000, 1_000]);
  });
});

describe('chains (R-2, R-15)', () => {
  const failures = correlation(
    'type: event_count\nrules: [a]\ngroup-by: [source.ip]\ntimespan: 1m\ncondition: {gte: 3}',
    'failures',
  );
  const then = correlation(
    'type: temporal_ordered\nrules: [failures, b]\ngroup-by: [source.ip]\ntimespan: 5m',
  );
  const ip = '192.0.2.1';
  it('feeds the results of one correlation into another', async () => {
    const [alert] = await settled(
      [failures, then],
      [...times(3, 1, { do: 'a', ip }), { at: 60, do: 'b', ip }],
    );
    expect(alert).toMatchObject({ eventCount: 4, group: { by: { 'source.ip': ip } } });
    expect(
      await settled([failures, then], [...times(2, 1, { do: 'a', ip }), { at: 60, do: 'b', ip }]),
    ).toEqual([]);
    expect(
      await settled([failures, then], [{ at: 0, do: 'b', ip }, ...times(3, 1, { do: 'a', ip }, 10)]),
    ).toEqual([]);
  });
  it('groups a chain by its own fields only (R-15)', async () => {
    const above = correlation(
      'type: event_count\nrules: [failures]\ngroup-by: [user.name]\ntimespan: 5m\ncondition: {gte: 6}',
    );
    const from = (address: string, user: string, at: number) =>
      times(3, 1, { do: 'a', ip: address, user }, at);
    const two = [...from('192.0.2.1', 'u', 0), ...from('192.0.2.2', 'u', 10)];
    const [alert, ...more] = await settled([failures, above], two);
    expect(more).toEqual([]);
    expect(alert).toMatchObject({ eventCount: 6, group: { by: { 'user.name': 'u' } } });
    expect(
      await settled([failures, above], [...from('192.0.2.1', 'u', 0), ...from('192.0.2.2', 'v', 10)]),
    ).toEqual([]);
  });
  it('refuses cycles', () => {
    const { refused } = loadTexts([
      correlation('type: temporal\nrules: [two]\ntimespan: 1m', 'one'),
      correlation('type: temporal\nrules: [one]\ntimespan: 1m', 'two'),
    ]);
    expect(refused.map(({ reason }) => reason)).toEqual([
      expect.stringMatching(/refers to itself/),
      expect.stringMatching(/refers to itself|not loaded/),
    ]);
  });
});

describe('details of the types', () => {
  const u = { user: 'u' };
  it('counts distinct rules when a temporal correlation has a number as condition (R-10)', async () => {
    const rule = correlation(
      'type: temporal\nrules: [a, b, c]\ngroup-by: [user.name]\ntimespan: 1m\ncondition: {gte: 2}',
    );
    expect(
      (
        await settled(rule, [
          { at: 0, do: 'c', ...u },
          { at: 9, do: 'a', ...u },
        ])
      ).length,
    ).toBe(1);
    expect(await settled(rule, times(3, 1, { do: 'c', ...u }))).toEqual([]);
  });
  it('counts combinations when it is given several fields (R-7)', async () => {
    const rule = correlation(
      'type: value_count\nrules: [a]\ntimespan: 1m\ncondition: {field: [user.name, source.ip], gte: 3}',
    );
    const seen = (pairs: [string, string][]) =>
      pairs.map(([user, ip], at): Step => ({ at, do: 'a', user, ip }));
    expect(
      (
        await settled(
          rule,
          seen([
            ['x', '1'],
            ['x', '2'],
            ['y', '1'],
          ]),
        )
      ).length,
    ).toBe(1);
    expect(
      await settled(
        rule,
        seen([
          ['x', '1'],
          ['x', '1'],
          ['y', '1'],
        ]),
      ),
    ).toEqual([]);
  });
  it('adds up without rounding, whatever left the window before (R-8)', async () => {
    const rule = correlation(
      'type: value_sum\nrules: [a]\ngroup-by: [user.name]\ntimespan: 1m\ncondition: {field: network.bytes, gte: 0.3}',
    );
    const tenths = (...bytes: number[]) =>
      bytes.map((value, n): Step => ({ at: n * 25, do: 'a', ...u, bytes: value }));
    expect((await settled(rule, tenths(-1e17, 1e17, -1e17, -0.1, 0.1, 0.1, 0.2))).length).toBe(1);
    expect(await settled(rule, tenths(-1e17, 1e17, -1e17, -0.1, 0.1, 0.1, 0.05))).toEqual([]);
  });
  it('counts all events as one group without group-by (R-3)', async () => {
    const rule = correlation('type: event_count\nrules: [a]\ntimespan: 1m\ncondition: {gte: 2}');
    expect(
      (
        await settled(rule, [
          { at: 0, do: 'a', user: 'u' },
          { at: 1, do: 'a', user: 'v' },
        ])
      ).length,
    ).toBe(1);
  });
  it('alerts with its own level, whatever that of its parts (R-14)', async () => {
    const [alert] = await settled(eventCount(2), times(2, 1, { do: 'a', ...u }));
    expect(alert!.rule.level).toBe('high');
  });
});

describe('units of time (R-4)', () => {
  it.each([
    ['30s', 30],
    ['5m', 300],
    ['2h', 7_200],
    ['1d', 86_400],
    ['1w', 604_800],
    ['1M', 30.44 * 86_400],
    ['1y', 365.25 * 86_400],
  ])('%s', async (timespan, seconds) => {
    const pair = (at: number): Step[] => [0, at].map((one) => ({ at: one, do: 'a', user: 'u' }));
    expect((await settled(eventCount(2, timespan), pair(seconds))).length).toBe(1);
    expect(await settled(eventCount(2, timespan), pair(seconds + 1))).toEqual([]);
  });
});

describe('what a type does not have is refused (R-16)', () => {
  it.each([
    ['event_count', '{field: x, gte: 1}', /looks at no field/],
    ['event_count', '{percentile: 5, gte: 1}', /unknown key "percentile"/],
    ['event_count', 'a and not a', /the condition must be a map/],
    ['value_sum', '{gte: 1}', /value_sum needs the field/],
    ['value_percentile', '{field: x, percentile: 101, gte: 1}', /the percentile must be 0 to 100/],
    ['value_percentile', '{field: x, percentile: 5}', /the condition has no bound/],
  ])('%s with %s', (type, condition, message) => {
    const { problems, rules } = loadTexts([
      base('a'),
      correlation(`type: ${type}\nrules: [a]\ntimespan: 1m\ncondition: ${condition}`),
    ]);
    expect(problems.map((problem) => problem.message).join('\n')).toMatch(message);
    expect(rules.some(({ id }) => id === 'corr')).toBe(false);
  });
});

describe('reading a correlation', () => {
  it.each([
    [
      'R-1',
      'type: event_counts\nrules: [a]\ntimespan: 1m\ncondition: {gte: 1}',
      /did you mean "event_count"/,
    ],
    [
      'R-4',
      'type: event_count\nrules: [a]\ntimespan: 5 minutes\ncondition: {gte: 1}',
      /timespan "5 minutes" is not understood/,
    ],
    [
      'R-5',
      'type: event_count\nrules: [a]\ntimespan: 5m\ncondition: {ge: 1}',
      /unknown key "ge"; did you mean "gt"/,
    ],
    ['R-5 none', 'type: event_count\nrules: [a]\ntimespan: 5m', /the condition is missing/],
    [
      'R-7',
      'type: value_count\nrules: [a]\ntimespan: 5m\ncondition: {gte: 1}',
      /value_count needs the field/,
    ],
    ['R-17', 'type: temporal\nrules: [a]\ntimespan: 5m\ncondition: a and d', /"d" is not under rules/],
    [
      'unknown key',
      'type: temporal\nrules: [a]\ntimespan: 5m\ngroup_by: [x]',
      /unknown key "group_by"; did you mean "group-by"/,
    ],
  ])('%s', (_id, body, message) => {
    const { problems } = loadTexts([base('a'), correlation(body)]);
    expect(problems.map((problem) => `${problem.message}; ${problem.hint ?? ''}`).join('\n')).toMatch(
      message,
    );
  });
});
