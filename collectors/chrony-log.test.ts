/** chrony logs against samples after their documents, and what is refused. */
import { describe, expect, it } from 'vitest';
import { context, eventOf, keepsTheContract } from '../tests/collector-contract.ts';
import { chronyLog } from './chrony-log.ts';

describe('chrony-log', () => {
  keepsTheContract(chronyLog);

  it('flags nothing as assumed: chrony writes UTC', () => {
    const line =
      '2026-03-04 10:00:00 192.0.2.1 2 -3.5 0.075 -8.6e-06 N 2 2.9e-03 -2.0e-04 1.5e-02 3.4e-04 8.3e-03';
    expect(eventOf(chronyLog, line).vigia?.clock).toBeUndefined();
  });

  it.each([
    ['hello', 'no line of tracking.log'],
    ['2026-03-04 10:00:00 192.0.2.1 x', 'neither the columns'],
  ])('refuses %s and says why', (text, reason) => {
    const result = chronyLog.normalise(new TextEncoder().encode(text), context);
    expect(result).toEqual({ reject: expect.stringContaining(reason) });
  });
});
