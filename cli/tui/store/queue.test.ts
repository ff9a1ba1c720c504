/** The queue holds still under the hand. */
import { describe, expect, it } from 'vitest';
import { incident, incidents, NOW } from '../testbench/samples.ts';
import { compileFilter } from './filter.ts';
import { emptyQueue, fresh, merge, move, takeIn, withFilter } from './queue.ts';

const loaded = (rows = incidents()) => merge(emptyQueue(), rows, true, 'rui', NOW);
const arrivals = (count: number) =>
  Array.from({ length: count }, (_, at) =>
    incident({ at: 1_000 + at, title: 'new', severity: 'critical', minutes: 1 }),
  );
const lineOf = (queue: ReturnType<typeof loaded>) => queue.order.indexOf(queue.selected!) - queue.top;

describe('live data', () => {
  it('shows the worst first, and of one severity the longest waiting', () => {
    expect(loaded().order).toEqual(['i412', 'i419', 'i407', 'i397', 'i377', 'i366']);
  });

  it('keeps the selected record on its line while 500 incidents arrive, and counts them', () => {
    const before = move(loaded(), 2);
    const after = merge(before, [...incidents(), ...arrivals(500)], true, 'rui', NOW);
    expect([after.selected, lineOf(after), after.order]).toEqual(['i407', lineOf(before), before.order]);
    expect(fresh(after, 'rui', NOW)).toBe(500);
  });

  it('takes waiting rows in when asked, with the selection still on its record', () => {
    const queue = takeIn(
      merge(move(loaded(), 2), [...incidents(), ...arrivals(3)], true, 'rui', NOW),
      'rui',
      NOW,
    );
    expect(queue.order).toHaveLength(9);
    expect(queue.selected).toBe('i407');
    expect(fresh(queue, 'rui', NOW)).toBe(0);
  });

  it('keeps a row that somebody else closed until the list is built anew', () => {
    const after = merge(move(loaded(), 0), incidents().slice(1), true, 'rui', NOW);
    expect(after.order[0]).toBe('i412');
    expect(after.gone).toEqual(new Set(['i412']));
    expect(takeIn(after, 'rui', NOW).order).not.toContain('i412');
  });

  it('lets rows enter at once in follow mode, the selection staying on its line', () => {
    const many = Array.from({ length: 60 }, (_, at) =>
      incident({ at, title: 'old', severity: 'low', minutes: 500 - at }),
    );
    const before = move({ ...loaded(many), follow: true, height: 10 }, 30);
    const after = merge(before, [...many, ...arrivals(5)], true, 'rui', NOW);
    expect(after.order).toHaveLength(65);
    expect([after.selected, lineOf(after)]).toEqual([before.selected, lineOf(before)]);
  });

  it('moves the window by half a page at its edge only', () => {
    const many = Array.from({ length: 60 }, (_, at) =>
      incident({ at, title: 'x', severity: 'low', minutes: 500 - at }),
    );
    let queue = { ...loaded(many), height: 10 };
    const tops = Array.from({ length: 16 }, () => (queue = move(queue, 1)).top);
    expect(tops).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 5, 5, 5, 5, 10, 10]);
  });
});

describe('the filter', () => {
  const ids = (text: string) => withFilter(loaded(), text, 'rui', NOW).order;

  it.each([
    ['kerberoast', ['i407']],
    ['"local admin"', ['i397']],
    ['sev>=high', ['i412', 'i419', 'i407']],
    ['sev>=high !owner:rui', ['i412', 'i419']],
    ['age<2h', ['i412', 'i419']],
    ['state:new sev<medium', ['i377', 'i366']],
    ['host:srv-app id:412', ['i412']],
  ])('%s', (text, expected) => {
    expect(ids(text)).toEqual(expected);
  });

  it('keeps the last good result when it is not understood, and says what', () => {
    const queue = withFilter(withFilter(loaded(), 'kerberoast', 'rui', NOW), 'age<soon', 'rui', NOW);
    expect(queue.order).toEqual(['i407']);
    expect(queue.filterProblem).toBe('age<soon');
    expect(compileFilter('sev>=worst')).toEqual({ problem: 'sev>=worst' });
  });
});
