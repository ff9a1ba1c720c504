import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isoOf } from './iso-time.ts';

const LAST_MS = 8.64e15;

it('writes every time as the language does, also within one minute and before 1970', () => {
  const times = fc.oneof(
    fc.integer({ min: -LAST_MS, max: LAST_MS }),
    fc.integer({ min: -120_000, max: 120_000 }),
    fc.double({ min: -1e14, max: 1e14, noNaN: true }),
    fc.constantFrom(-LAST_MS, LAST_MS, -1, -0, 0, 59_999, 60_000, Date.parse('9999-12-31T23:59:59.999Z')),
  );
  fc.assert(
    fc.property(fc.array(times, { minLength: 1 }), (all) => {
      expect(all.map(isoOf)).toEqual(all.map((ms) => new Date(ms).toISOString()));
    }),
  );
});

it.each([Number.NaN, Number.POSITIVE_INFINITY, LAST_MS + 1, -LAST_MS - 60_000])(
  'refuses %d, and takes the next time',
  (ms) => {
    expect(() => isoOf(ms)).toThrow(RangeError);
    expect(isoOf(61_001)).toBe('1970-01-01T00:01:01.001Z');
  },
);
