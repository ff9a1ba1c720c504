import { describe, expect, it } from 'vitest';
import type { Baseline } from '../engine/extensions/index.ts';
import { historyOf, unusual, usualOf } from './baseline.ts';

const HOUR = 3_600_000;
const baseline = (more: Partial<Baseline> = {}): Baseline => ({
  per: ['user.name'],
  bucketMs: HOUR,
  overMs: 14 * 24 * HOUR,
  deviation: 3.5,
  atLeast: 20,
  same: 'any',
  ...more,
});

describe('what is usual', () => {
  it.each([
    // median 3, deviations 2 1 0 1 2, MAD 1
    [[1, 2, 3, 4, 5], 3, 3 + 3.5 * 1.4826],
    // one wild bucket moves nothing: median 3, deviations 2 1 0 1 997, MAD 1
    [[1, 2, 3, 4, 1_000], 3, 3 + 3.5 * 1.4826],
    // MAD is 0: mean absolute deviation 10/5
    [[5, 5, 5, 5, 15], 5, 5 + 3.5 * 1.2533 * 2],
    [[0, 0, 0, 0, 0], 0, 0],
    // an even number of buckets: median 2.5, deviations 1.5 .5 .5 1.5, MAD 1
    [[1, 2, 3, 4], 2.5, 2.5 + 3.5 * 1.4826],
  ])('%j has the median %d', (history, median, limit) => {
    const usual = usualOf(history, 3.5);
    expect(usual.median).toBe(median);
    expect(usual.limit).toBeCloseTo(limit, 10);
  });

  it('is taken from earlier buckets only, those without matches included', () => {
    const at = 100 * 24 * HOUR;
    const values = new Map([
      [at, 99],
      [at - HOUR, 1],
      [at - 14 * 24 * HOUR, 2],
      [at - 15 * 24 * HOUR, 77],
      [at + HOUR, 88],
    ]);
    const history = historyOf(baseline(), (bucket) => values.get(bucket) ?? 0, at);
    expect(history).toHaveLength(14 * 24);
    expect(history.reduce((sum, one) => sum + one)).toBe(3);
  });

  it.each([
    ['hour', 14, [1, 14]],
    ['weekday-hour', 2, [7, 14]],
  ] as const)('of the same %s has %d buckets', (same, count, [first, last]) => {
    const at = 100 * 24 * HOUR;
    const asked: number[] = [];
    historyOf(baseline({ same }), (bucket) => asked.push((at - bucket) / (24 * HOUR)), at);
    expect([asked.length, asked[0], asked.at(-1)]).toEqual([count, first, last]);
  });

  it('is exceeded only above the limit, and from the least number on', () => {
    const of = (value: number) =>
      unusual(
        baseline({ overMs: 5 * HOUR, atLeast: 9 }),
        (bucket) => (bucket === 9 * HOUR ? value : 5),
        9 * HOUR,
      );
    expect([of(5), of(8)]).toEqual([undefined, undefined]);
    expect(of(9)).toMatchObject({ value: 9, median: 5, limit: 5, compared: 5 });
  });
});
