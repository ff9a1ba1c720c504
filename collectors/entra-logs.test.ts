/** Entra logs against samples after Microsoft's reference pages. */
import { describe, expect, it } from 'vitest';
import { eventOf, keepsTheContract } from '../tests/collector-contract.ts';
import { entraLogs } from './entra-logs.ts';

describe('entra-logs', () => {
  keepsTheContract(entraLogs);

  it('hides a secret in a changed property', () => {
    const record = {
      activityDisplayName: 'Update application',
      activityDateTime: '2026-03-04T10:00:00Z',
      targetResources: [{ modifiedProperties: [{ displayName: 'ClientSecret', newValue: 'Pl4nted' }] }],
    };
    expect(JSON.stringify(eventOf(entraLogs, JSON.stringify(record)))).not.toContain('Pl4nted');
  });

  it.each([
    ['{"id":"x"}', 'none of signIn, directoryAudit, riskDetection'],
    ['{"appDisplayName":"x","createdDateTime":"soon"}', 'createdDateTime is no time'],
    ['{"appDisplayName":', 'not a JSON record'],
  ])('refuses %s and says why', (line, reason) => {
    const result = entraLogs.normalise(new TextEncoder().encode(line));
    expect(result).toEqual({ reject: expect.stringContaining(reason) });
  });
});
