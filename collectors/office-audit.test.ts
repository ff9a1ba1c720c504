/** Microsoft 365 audit records against samples after Microsoft's schema pages, planted passwords and odd shapes. */
import { describe, expect, it } from 'vitest';
import { eventOf, keepsTheContract } from '../tests/collector-contract.ts';
import { officeAudit } from './office-audit.ts';

const record = (more: object) =>
  JSON.stringify({
    CreationTime: '2026-03-04T10:00:00',
    Operation: 'Update user.',
    Workload: 'Exchange',
    ...more,
  });
const normalise = (text: string) => officeAudit.normalise(new TextEncoder().encode(text));

describe('office-audit', () => {
  keepsTheContract(officeAudit);

  it('reads times as UTC whatever the zone of the source', () => {
    expect(eventOf(officeAudit, record({ CreationTime: '2026-03-04T10:00:00.1234567Z' }))['@timestamp']).toBe(
      '2026-03-04T10:00:00.123Z',
    );
  });

  it.each([
    [{ Parameters: [{ Name: 'Password', Value: 'Pl4nted' }] }],
    [{ ExtendedProperties: [{ Name: 'x', Value: 'password=Pl4nted' }] }],
    [{ ModifiedProperties: [{ Name: 'ClientSecret', NewValue: 'Pl4nted', OldValue: 'Pl4nted' }] }],
    [{ clientSecret: 'Pl4nted' }],
  ])('hides the secret in %j in every field', (more) => {
    expect(JSON.stringify(eventOf(officeAudit, record(more)))).not.toContain('Pl4nted');
    const kept = officeAudit.mask(new TextEncoder().encode(record(more)));
    expect(new TextDecoder().decode(kept)).not.toContain('Pl4nted');
  });

  it('shows the name of a password policy and of a person called secretary', () => {
    const event = eventOf(
      officeAudit,
      record({ Parameters: [{ Name: 'PasswordPolicies', Value: 'none' }], Secretary: 'ana' }),
    );
    expect(event.vigia?.['m365']).toMatchObject({ Parameters: ['PasswordPolicies=none'], Secretary: 'ana' });
  });

  it('lets no name of a record become a path or a prototype', () => {
    const event = eventOf(
      officeAudit,
      record({ 'a.b': 1, constructor: 'x' }).replace('{', '{"__proto__":1,'),
    );
    expect(event.vigia?.['m365']).not.toHaveProperty(['a.b']);
    expect(Object.getPrototypeOf(event.vigia?.['m365'])).toBe(Object.prototype);
  });

  it.each([
    ['text', 'not a JSON record'],
    ['[1]', 'no object'],
    [record({ CreationTime: 'yesterday' }), 'CreationTime is no time'],
    ['{"Operation":"x"}', 'are needed'],
    ['{"Operation":1e999,"CreationTime":"2026-03-04T10:05:00"}', 'Operation and CreationTime are needed'],
  ])('refuses %s and says why', (text, reason) => {
    expect(normalise(text)).toEqual({ reject: expect.stringContaining(reason) });
  });
});
