import { describe, expect, it } from 'vitest';
import { difference, totalDifference } from './ledger.ts';

const line = {
  source: 'a',
  hour: '2026-11-21T19',
  read: 10,
  stored: 6,
  duplicate: 3,
  deadLettered: 1,
  evaluated: 6,
};

describe('the ledger', () => {
  it.each([
    ['balances', line, 0],
    ['lost two records', { ...line, stored: 4, evaluated: 4 }, 2],
    ['counted one twice', { ...line, duplicate: 4 }, 1],
    ['stored what no rule has seen', { ...line, evaluated: 1 }, 5],
  ])('%s: %o differs by the right number', (_, one, expected) => {
    expect(difference(one)).toBe(expected);
  });

  it('never lets a surplus of one hour hide the loss of another', () => {
    const surplus = { ...line, duplicate: 5 };
    const loss = { ...line, duplicate: 1 };
    expect(totalDifference([line, surplus, loss])).toBe(4);
  });
});
