/** windows-dhcp against samples after Microsoft's documents, and what it refuses. */
import { describe, expect, it } from 'vitest';
import { context, keepsTheContract } from '../tests/collector-contract.ts';
import { windowsDhcp } from './windows-dhcp.ts';

describe('windows-dhcp', () => {
  keepsTheContract(windowsDhcp);

  it.each([
    ['x', 'no line of the DHCP server'],
    ['10,31/04/26,10:00:00,Assign,192.0.2.77,pc7,00005E005323,', 'no such day'],
  ])('refuses %s and says why', (text, reason) => {
    const result = windowsDhcp.normalise(new TextEncoder().encode(text), context);
    expect(result).toEqual({ reject: expect.stringContaining(reason) });
  });
});
