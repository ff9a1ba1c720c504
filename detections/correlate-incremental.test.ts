/** Matches that come one by one, late, repeated and out of order settle to the same as all at once. */
import { describe, expect, it } from 'vitest';
import type { Alert, Match } from '../core/documents.ts';
import type { AlertingPolicy } from './alerting.ts';
import { correlator } from './correlate.ts';
import type { CorrelationRule } from './engine/rule.ts';
import { loadTexts } from './engine/testing.ts';

const policy: AlertingPolicy = {
  version: 't',
  alert_from: { own: 'informational', imported: 'informational' },
  never: { levels: [], statuses: [] },
};
const START_MS = Date.UTC(2026, 2, 1);
const MINUTE_MS = 60_000;
const LATENESS_MS = 3 * MINUTE_MS;

const part = (name: string) =>
  `title: ${name}\nid: ${name}\nname: ${name}\nlogsource: {product: linux}\ndetection: {sel: {event.action: ${name}}, condition: sel}\n`;
const correlation = (body: string, id = 'corr') =>
  `title: ${id}\nid: ${id}\nname: ${id}\ncorrelation:\n  ${body}\n  group-by: [user.name]\n`;

const RULES: [string, string[]][] = [
  [
    'event_count (R-6)',
    [correlation('type: event_count\n  rules: [a, b]\n  timespan: 1m\n  condition: {gte: 4}')],
  ],
  [
    'event_count with a range (R-5)',
    [correlation('type: event_count\n  rules: [a]\n  timespan: 1m\n  condition: {gte: 2, lte: 3}')],
  ],
  [
    'value_count (R-7)',
    [correlation('type: value_count\n  rules: [a]\n  timespan: 1m\n  condition: {field: n, gte: 3}')],
  ],
  [
    'value_sum (R-8)',
    [correlation('type: value_sum\n  rules: [a]\n  timespan: 1m\n  condition: {field: n, gt: 20.5}')],
  ],
  [
    'value_avg (R-8)',
    [correlation('type: value_avg\n  rules: [a]\n  timespan: 1m\n  condition: {field: n, gt: 6.5}')],
  ],
  [
    'value_percentile (R-9)',
    [
      correlation(
        'type: value_percentile\n  rules: [a]\n  timespan: 1m\n  condition: {field: n, percentile: 80, gt: 8}',
      ),
    ],
  ],
  ['temporal (R-10)', [correlation('type: temporal\n  rules: [a, b, c]\n  timespan: 1m')]],
  ['temporal_ordered (R-11)', [correlation('type: temporal_ordered\n  rules: [a, b, c]\n  timespan: 1m')]],
  [
    'a negation (R-17)',
    [correlation('type: temporal\n  rules: [a, b]\n  timespan: 1m\n  condition: a and not b')],
  ],
  [
    'a chain (R-2)',
    [
      correlation('type: event_count\n  rules: [a]\n  timespan: 1m\n  condition: {gte: 3}', 'below'),
      correlation('type: temporal_ordered\n  rules: [below, b]\n  timespan: 2m'),
    ],
  ],
];

describe.each(RULES)('%s', (_name, texts) => {
  const { rules, refused } = loadTexts([...['a', 'b', 'c'].map(part), ...texts]);
  const rule = rules.find((one): one is CorrelationRule => one.id === 'corr')!;
  const { settle, track, reach } = correlator(rules, policy, () => 'now');

  it.each([1, 2, 3, 4, 5])('settles to the same in whatever order matches come (seed %i)', (seed) => {
    expect(refused).toEqual([]);
    const random = randomFrom(seed);
    // Dense and sparse stretches, so that episodes form, end and merge.
    const matches = Array.from({ length: 400 }, (_, n) =>
      matchAt(
        n,
        START_MS + Math.floor((n + random() * 40) / 25) * 60_500 + Math.floor(random() * 70_000),
        random,
      ),
    );
    const stored = new Map<string, Alert>();
    const seen: Match[] = [];
    const fresh = () => {
      const made = track(rule, {
        knownFromMs: -Infinity,
        judgedFromMs: -Infinity,
        latenessMs: LATENESS_MS,
        points: 100_000,
        leftOut: () => undefined,
      });
      for (const match of [...seen].sort((a, b) => Date.parse(a.event.at) - Date.parse(b.event.at)))
        made.load(match);
      made.expect([...stored.keys()]);
      return made;
    };
    let group = fresh();
    let reloads = 0;
    const arriving = [...matches].sort((a, b) => arrival(a, random) - arrival(b, random));
    for (let at = 0; at < arriving.length; at += 7) {
      const batch = [
        ...arriving.slice(at, at + 7),
        ...(random() < 0.2 ? arriving.slice(Math.max(0, at - 30), at) : []),
      ];
      seen.push(...batch);
      const answers = batch.map((match) => group.offer(match));
      if (answers.includes('again')) {
        group = fresh();
        reloads += 1;
      }
      const { fresh: made, grown, gone } = group.settle(Infinity);
      for (const alert of [...made, ...grown]) stored.set(alert.id, alert);
      for (const id of gone) stored.delete(id);
    }
    expect(reach(rule).reachMs).toBeGreaterThan(0);
    expect(reloads).toBeLessThan(arriving.length / 7);
    expect([...stored.values()].sort((a, b) => (a.from < b.from ? -1 : 1))).toEqual(settle(rule, matches));
  });
});

it('keeps little of a long episode, counts exactly, and counts a forgotten time anew', () => {
  const { rules } = loadTexts([
    part('a'),
    correlation('type: event_count\n  rules: [a]\n  timespan: 1m\n  condition: {gte: 3}'),
  ]);
  const rule = rules.find((one): one is CorrelationRule => one.kind === 'correlation')!;
  const { track } = correlator(rules, policy, () => 'now');
  const limits = { latenessMs: LATENESS_MS, points: 1_000, leftOut: () => undefined };
  const group = track(rule, { ...limits, knownFromMs: -Infinity, judgedFromMs: -Infinity });
  const random = randomFrom(9);
  const all = Array.from({ length: 50_000 }, (_, n) => matchAt(n, START_MS + n * 100, random, 'a'));
  const late = all[12_345]!;
  const withoutLate = all.filter((match) => match !== late);
  let most = 0;
  for (const match of withoutLate) {
    expect(group.offer(match)).toBe('new');
    group.settle(Infinity);
    most = Math.max(most, group.size());
  }
  expect(most).toBeLessThan(5_000);
  const span = group.offer(late);
  if (typeof span !== 'object') throw new Error(`the time of the late match is not forgotten: ${span}`);
  const inSpan = (match: Match) =>
    Date.parse(match.event.at) >= span.fromMs && Date.parse(match.event.at) <= span.toMs;
  expect(all.filter(inSpan).length).toBeLessThan(1_000);
  group.refill(span, all.filter(inSpan));
  group.refill(span, all.filter(inSpan));
  const [alert] = group.settle(Infinity).grown;
  expect([alert!.eventCount, alert!.events.length, alert!.from, alert!.to]).toEqual([
    50_000,
    1_000,
    all[0]!.event.at,
    all.at(-1)!.event.at,
  ]);
});

it('says how much it leaves out of a window that is larger than memory', () => {
  const { rules } = loadTexts([
    part('a'),
    correlation('type: value_count\n  rules: [a]\n  timespan: 1h\n  condition: {field: n, gte: 100}'),
  ]);
  const rule = rules.find((one): one is CorrelationRule => one.kind === 'correlation')!;
  let leftOut = 0;
  const group = correlator(rules, policy).track(rule, {
    latenessMs: 0,
    points: 1_000,
    leftOut: (count) => (leftOut += count),
    knownFromMs: -Infinity,
    judgedFromMs: -Infinity,
  });
  const random = randomFrom(3);
  for (let n = 0; n < 10_000; n++) {
    group.offer(matchAt(n, START_MS + n * 100, random, 'a'));
    group.settle(Infinity);
    expect(group.size()).toBeLessThanOrEqual(1_250);
  }
  expect(leftOut).toBeGreaterThan(8_000);
});

/** A tenth comes late. */
const arrival = (match: Match, random: () => number): number =>
  Date.parse(match.event.at) + (Number(match.event.id) % 10 === 0 ? random() * 2 * LATENESS_MS : 0);

function matchAt(n: number, timeMs: number, random: () => number, of = 'aaabbc'): Match {
  const rule = of[Math.floor(random() * of.length)]!;
  const group = { by: ['ana'], values: [Math.floor(random() * 10)] };
  return {
    id: `m${n}`,
    rule: { id: rule, title: rule, level: 'low', hash: '', tags: [] },
    event: { id: String(n).padStart(6, '0'), at: new Date(timeMs).toISOString(), dataset: 'test' },
    groups: [],
    group: { corr: group, below: group },
    entities: [{ type: 'host', name: `h${n % 7}` }],
  };
}

/** The same numbers for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed * 2_654_435_761;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 374_761_393) | 0;
    return ((state ^ (state >>> 13)) >>> 0) / 4_294_967_296;
  };
}
