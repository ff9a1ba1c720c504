/** iis-access against samples after Microsoft's documents, and what it refuses. */
import { describe, expect, it } from 'vitest';
import { context, eventOf, keepsTheContract } from '../tests/collector-contract.ts';
import { iisAccess } from './iis-access.ts';

describe('iis-access', () => {
  keepsTheContract(iisAccess);

  it.each([
    ['#Fields: date time c-ip', 'other columns'],
    ['2026-03-04 10:00:01 192.0.2.80', '3 columns'],
    ['2026-13-04 10:00:02 192.0.2.80 GET / - 443 - 192.0.2.7 - 500 0 64 9', 'a date and a time'],
    ['2026-03-04 10:00:02 192.0.2.80 GET / - 443 - 192.0.2.7 - x 0 64 9', 'sc-status'],
  ])('refuses %s and says why', (text, reason) => {
    const result = iisAccess.normalise(new TextEncoder().encode(text), context);
    expect(result).toEqual({ reject: expect.stringContaining(reason) });
  });

  it('hides a password in an address', () => {
    const line = '2026-03-04 10:00:02 192.0.2.80 GET / password=Pl4nted 443 - 192.0.2.7 - 200 0 0 9';
    expect(JSON.stringify(eventOf(iisAccess, line))).not.toContain('Pl4nted');
  });
});
