import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadPolicies } from './policies.ts';
import { isOpen, type MaintenanceWindow, nextOpening, type Windows } from './windows.ts';

const night: MaintenanceWindow = { id: 'night', title: 'Night', days: ['tue'], from: '22:00', to: '02:00' };
const noon: MaintenanceWindow = { id: 'noon', title: 'Noon', days: ['mon'], from: '12:00', to: '13:00' };
const windows: Windows = {
  zone: 'Europe/Lisbon',
  windows: [night, noon],
  freezes: [{ id: 'payments', why: 'paid', month_days: [8], dates: ['2026-12-01'] }],
};
const at = (iso: string) => Date.parse(iso);

describe('a maintenance window', () => {
  it.each([
    ['2026-11-24T21:59:00Z', false],
    ['2026-11-24T22:00:00Z', true],
    ['2026-11-25T01:59:00Z', true],
    ['2026-11-25T02:00:00Z', false],
    ['2026-11-25T22:00:00Z', false],
    // Tuesday and Wednesday in summer time: local 22:00 is 21:00 UTC.
    ['2026-07-07T21:00:00Z', true],
    ['2026-07-07T20:59:00Z', false],
  ])('over midnight belongs to the day on which it opens: %s', (iso, open) => {
    expect(isOpen(windows, night, at(iso))).toBe(open);
  });

  it('stays shut on frozen days, also in the night that runs into one', () => {
    expect(isOpen(windows, night, at('2026-12-01T22:30:00Z'))).toBe(false);
    expect(isOpen(windows, night, at('2026-12-02T00:30:00Z'))).toBe(true);
    expect(isOpen(windows, night, at('2026-09-07T23:30:00Z'))).toBe(false);
    expect(isOpen(windows, { ...night, days: ['mon'] }, at('2026-09-07T23:30:00Z'))).toBe(false);
  });

  it('says when it opens next, over changes of the clock and frozen days', () => {
    expect(nextOpening(windows, noon, at('2026-11-22T09:00:00Z'))).toBe('2026-11-23T12:00:00.000Z');
    expect(nextOpening(windows, noon, at('2026-11-23T12:20:00Z'))).toBe('2026-11-23T12:30:00.000Z');
    expect(nextOpening(windows, noon, at('2026-10-20T00:00:00Z'))).toBe('2026-10-26T12:00:00.000Z');
    expect(nextOpening(windows, noon, at('2026-03-24T00:00:00Z'))).toBe('2026-03-30T11:00:00.000Z');
    const shut = {
      ...windows,
      freezes: [{ id: 'all', why: 'x', month_days: Array.from({ length: 31 }, (_, day) => day + 1) }],
    };
    expect(nextOpening(shut, noon, at('2026-11-22T09:00:00Z'))).toBeUndefined();
  });

  it('of the shipped policy is read', () => {
    const { windows: shipped } = loadPolicies(join(import.meta.dirname, '../../policies'));
    expect(shipped.windows.map(({ id }) => id)).toContain('servers');
  });
});
