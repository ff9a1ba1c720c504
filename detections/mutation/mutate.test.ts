/** The mutation run: over our own rules nothing survives; on made-up rules it can say what is missing. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { formatProblem } from '../../core/errors.ts';
import { ownRulesFolder } from '../index.ts';
import { type MutationRun, mutate } from './mutate.ts';

const folder = mkdtempSync(join(tmpdir(), 'vigia-mutation-'));
afterAll(() => rmSync(folder, { recursive: true }));
let number = 0;

async function run(detection: string, cases: string): Promise<MutationRun> {
  const place = join(folder, String(++number));
  mkdirSync(place);
  const head = `title: Something strange happens\nname: strange${number}\nlogsource: {product: linux}\n`;
  writeFileSync(join(place, 'strange.yml'), `${head}${detection}\n`);
  writeFileSync(join(place, 'strange.test.yml'), cases);
  return mutate(place);
}
const names = ({ survivors }: MutationRun) => survivors.map(({ mutant }) => mutant);
const cases = (...lines: string[]) =>
  `base: {event.action: x, user.name: ana, count: 7, host.name: a}\ncases:\n${lines.map((line) => `  - {${line}}\n`).join('')}`;
const hit = 'name: a hit, expect: match';

it('leaves no mutant of our own rules alive', async () => {
  const { mutants, survivors, equivalent, problems } = await mutate(ownRulesFolder());
  expect(mutants).toBeGreaterThan(1_000);
  expect([...survivors, ...problems].map(formatProblem)).toEqual([]);
  expect(equivalent.length).toBeLessThan(mutants / 100);
}, 120_000); // seconds of work over some hundred rules; machines that test may be busy

describe('a rule over single events', () => {
  const rule =
    'detection: {sel: {event.action: x, user.name: ana}, filter: {host.name: b}, condition: sel and not filter}';

  it('is proven when each part has a case', async () => {
    const all = cases(
      hit,
      'name: another action, change: {event.action: y}, expect: miss',
      'name: another user, change: {user.name: rui}, expect: miss',
      'name: filtered, change: {host.name: b}, expect: miss',
    );
    expect(names(await run(rule, all))).toEqual([]);
  });

  it('names each part that no case needs, with its place and the case that is missing', async () => {
    const { mutants, survivors } = await run(rule, cases(hit));
    expect(mutants).toBe(6);
    expect(survivors.map(formatProblem)).toEqual([
      expect.stringMatching(/strange\.yml:4:13 no case notices "sel always true"; add an event that misses/),
      expect.stringMatching(
        /:4:19 no case notices "sel without event\.action"; add .* only in event\.action/,
      ),
      expect.stringMatching(/:4:36 no case notices "sel without user\.name"/),
      expect.stringMatching(/:4:53 no case notices "filter never true"/),
    ]);
  });

  it('asks for both sides of a bound', async () => {
    const bound = 'detection: {sel: {event.action: x, count|gte: 5}, condition: sel}';
    const some = [hit, 'name: another, change: {event.action: y}, expect: miss'];
    expect(names(await run(bound, cases(...some, 'name: few, change: {count: 2}, expect: miss')))).toEqual([
      'sel count|gte: 4',
      'sel count|gte: 6',
    ]);
    const edges = [
      'name: five, change: {count: 5}, expect: match',
      'name: four, change: {count: 4}, expect: miss',
    ];
    expect(names(await run(bound, cases(...some, ...edges)))).toEqual([]);
  });

  it('asks for an event through each element of a list of maps, and each regular expression', async () => {
    const list = 'detection: {sel: [{event.action: x}, {user.name: rui}], condition: sel}';
    const miss = 'name: a miss, change: {event.action: y}, expect: miss';
    expect(names(await run(list, cases(hit, miss)))).toEqual(['sel 2 never true']);
    const regexes = "detection: {sel: {event.action|re: ['^x', '^z']}, condition: sel}";
    expect(names(await run(regexes, cases(hit, miss)))).toEqual(['sel event.action|re without "^z"']);
  });

  it('finds a selection that the condition never asks', async () => {
    const dead = 'detection: {sel: {event.action: x}, forgotten: {user.name: z}, condition: sel}';
    expect(
      names(await run(dead, cases(hit, 'name: a miss, change: {event.action: y}, expect: miss'))),
    ).toEqual(['forgotten always true', 'forgotten never true']);
  });
});

describe('an explained mutant', () => {
  const dead =
    'detection: {sel: {event.action: x}, filter: {event.action: z}, condition: sel and not filter}';
  const some = cases(hit, 'name: a miss, change: {event.action: y}, expect: miss');
  const because = 'because: nothing is x and z at once';

  it('is no survivor', async () => {
    const explained = `${some}equivalent: [{mutant: filter never true, ${because}}]\n`;
    const { survivors, equivalent, problems } = await run(dead, explained);
    expect([survivors, problems]).toEqual([[], []]);
    expect(equivalent).toEqual([expect.objectContaining({ mutant: 'filter never true' })]);
  });

  it('is called out when a case notices it after all', async () => {
    const wrong = `${some}equivalent: [{mutant: filter never true, ${because}}, {mutant: sel never true, ${because}}]\n`;
    const { problems } = await run(dead, wrong);
    expect(problems.map(formatProblem)).toEqual([
      expect.stringMatching(/:5:\d+ "sel never true" is noticed by a case/),
    ]);
  });
});

describe('a correlation', () => {
  it('is asked for its edges in count and time, its groups and its distinct values', async () => {
    const rule = withCorrelation(
      '{type: value_count, rules: [NAME], group-by: [host.name], timespan: 10m, condition: {field: user.name, gte: 3}}',
    );
    const series =
      'name: three, events: [{repeat: 3, every: 1m, change: {user.name: "u{n}"}}], expect: alert';
    expect(names(await run(rule, cases(...ofTheParts(), series)))).toEqual([
      'without group-by host.name',
      'gte: 2',
      'timespan 11m',
      'timespan 9m',
      'event_count instead of value_count',
    ]);
  });

  it('is asked for the order of its parts', async () => {
    const rule = withCorrelation(
      '{type: temporal_ordered, rules: [NAME, other], group-by: [], timespan: 1h}',
    );
    const then = '{change: {event.action: z}}';
    const around = [
      `name: just in time, events: [{every: 1h}, ${then}], expect: alert`,
      `name: too late, events: [{every: 61m}, ${then}], expect: none`,
      `name: the one alone, events: [{}], expect: none`,
      `name: the other alone, events: [${then}], expect: none`,
    ];
    expect(names(await run(rule, cases(...ofTheParts(), ...around)))).toEqual([
      'temporal instead of temporal_ordered',
    ]);
  });
});

/** Two rules and a correlation over them; NAME is the first. */
const withCorrelation = (section: string) =>
  [
    'detection: {sel: {event.action: x}, condition: sel}',
    'title: The other\nname: other\nlogsource: {product: linux}\ndetection: {sel: {event.action: z}, condition: sel}',
    `title: Often\ncorrelation: ${section.replaceAll('NAME', `strange${number + 1}`)}`,
  ].join('\n---\n');

const ofTheParts = () => [
  `name: a hit, expect: match, rule: strange${number + 1}`,
  `name: a miss, change: {event.action: y}, expect: miss, rule: strange${number + 1}`,
  'name: a hit of the other, change: {event.action: z}, expect: match, rule: other',
  'name: a miss of the other, expect: miss, rule: other',
];

it('says so when cases fail before anything is changed, or cannot be read', async () => {
  const rule = 'detection: {sel: {event.action: x}, condition: sel}';
  const failing = await run(rule, cases('name: no hit, change: {event.action: y}, expect: match'));
  expect(failing.mutants).toBe(0);
  expect(failing.problems.map(formatProblem)).toEqual([expect.stringMatching(/"no hit" fails before/)]);
  expect((await run(rule, 'cases: [')).problems).toHaveLength(1);
});
