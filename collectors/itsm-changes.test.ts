/** Changes against samples after their documents, and what is refused. */
import { describe, expect, it } from 'vitest';
import { keepsTheContract } from '../tests/collector-contract.ts';
import { itsmChanges } from './itsm-changes.ts';

describe('itsm-changes', () => {
  keepsTheContract(itsmChanges);

  it.each([
    ['{"number":"x"}', 'lacks status, updatedAt'],
    ['{"number":"x","status":"s","updatedAt":"soon"}', 'no ISO time'],
    ['x', 'not a JSON record'],
  ])('refuses %s and says why', (text, reason) => {
    const result = itsmChanges.normalise(new TextEncoder().encode(text));
    expect(result).toEqual({ reject: expect.stringContaining(reason) });
  });
});
