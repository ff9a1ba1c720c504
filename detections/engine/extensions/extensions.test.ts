/** What `vigia` may hold: read as written, and every mistake with its place. */
import { describe, expect, it } from 'vitest';
import { formatProblem } from '../../../core/errors.ts';
import { loadTexts } from '../testing.ts';

const rule = (vigia: string) =>
  `title: A rule\nid: r\nlogsource: {product: linux}\ndetection: {sel: {event.action: x}, condition: sel}\nvigia: ${vigia}\n`;
const read = (vigia: string) => {
  const { rules, problems } = loadTexts([rule(vigia)]);
  return { extensions: rules[0]?.extensions, problems: problems.map(formatProblem) };
};

describe('extensions', () => {
  it('are read with their spans in milliseconds and their defaults', () => {
    expect(read('{first_seen: {fields: [source.ip], within: 2w}}').extensions).toEqual({
      firstSeen: { fields: ['source.ip'], per: [], withinMs: 14 * 86_400_000, most: 100_000 },
    });
    expect(read('{runbook: [look]}').extensions).toBeUndefined();
  });

  it.each([
    ['{first_sen: {}}', '0.yml:5:9 unknown key "first_sen"; did you mean "first_seen"?'],
    ['{first_seen: {within: 1d}}', '0.yml:5:9 "first_seen" lacks the key "fields"; add fields: …'],
    ['{first_seen: {fields: [a], within: soon}}', /0\.yml:5:\d+ "within" must match pattern/],
    ['{first_seen: {fields: [], within: 1d}}', /0\.yml:5:\d+ "fields" must NOT have fewer than 1 items/],
    ['{first_seen: {fields: [a], within: 1d, most: 0}}', /0\.yml:5:\d+ "most" must be >= 1/],
    ['{absent: {every: 1d, zone: Lisbon}}', '0.yml:5:29 "Lisbon" is no time zone; write it as Europe/Lisbon'],
    [
      '{absent: {every: 1d, days: [monday]}}',
      /"days" cannot be "monday"|item 1 of "days" cannot be "monday"/,
    ],
    ['{absent: {every: 0d}}', /"every" must match pattern/],
    [
      '{absent: {every: 1d}, first_seen: {fields: [a], within: 1d}}',
      /asks for first_seen or for absent, not for both; write two rules/,
    ],
    [
      '{baseline: {value: {sun: a}, per: [b], bucket: 1h, over: 14d, deviation: 3, at_least: 1}}',
      '0.yml:5:28 unknown key "sun"; did you mean "sum"?',
    ],
    [
      '{baseline: {value: counts, per: [b], bucket: 1h, over: 14d, deviation: 3, at_least: 1}}',
      /"value" cannot be "counts"; did you mean "count"/,
    ],
    [
      '{baseline: {value: count, per: [b], bucket: 1m, over: 14d, deviation: 3, at_least: 1}}',
      /14d holds 20160 buckets of 1m; at most 2500 are kept; choose a longer bucket/,
    ],
    [
      '{baseline: {value: count, per: [b], bucket: 1h, over: 3w, same: weekday-hour, deviation: 3, at_least: 1}}',
      /3w holds fewer than 5 stretches to compare with; choose at least 35d/,
    ],
    [
      '{baseline: {value: count, per: [b], bucket: 2h, over: 3w, same: hour, deviation: 3, at_least: 1}}',
      /a bucket of 2h does not lie in one hour/,
    ],
    ['{runbook: look}', /0\.yml:5:\d+ "runbook" must be a list/],
    ['look', /0\.yml:5:\d+ .*must be a map/],
  ])('%s is refused', (vigia, problem) => {
    const { problems, extensions } = read(vigia);
    expect(extensions).toBeUndefined();
    expect(problems).toContainEqual(typeof problem === 'string' ? problem : expect.stringMatching(problem));
  });

  it('belong to rules over single events', () => {
    const correlation =
      'title: C\nid: c\ncorrelation: {type: event_count, rules: [r], group-by: [user.name], timespan: 1m, condition: {gte: 2}}\n';
    const judged = rule('{first_seen: {fields: [source.ip], within: 1d}}');
    const { refused, problems } = loadTexts([judged, correlation]);
    expect(refused).toMatchObject([{ id: 'c', reason: expect.stringMatching(/judged from many matches/) }]);
    expect(problems.map(formatProblem)).toEqual([expect.stringMatching(/^1\.yml:3:\d+ refers to "A rule"/)]);
    const own = loadTexts([rule('{}'), `${correlation}vigia: {first_seen: {fields: [a], within: 1d}}\n`]);
    expect(own.problems.map(formatProblem)).toEqual([
      expect.stringMatching(/extensions judge the matches of a rule with a detection section/),
    ]);
  });
});
