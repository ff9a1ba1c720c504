import { describe, expect, it } from 'vitest';
import { calendarOf, easterSunday } from './calendar.ts';
import { type ClockFacts, clocksOf } from './clocks.ts';
import { loadIncidentPolicies } from './load-policies.ts';

const policy = (await loadIncidentPolicies('policies')).clocks;
const incident = (at?: string, decided = true) => ({
  created: '2026-11-21T18:00:00.000Z',
  ...(at === undefined ? {} : { significance: { decided, at, by: 'ana', reason: 'payments stopped' } }),
});
const clock = (
  id: string,
  at: string | undefined,
  facts: ClockFacts = {},
  now = '2026-11-21T20:00:00.000Z',
  decided = true,
) => clocksOf(incident(at, decided), facts, policy, Date.parse(now)).find((found) => found.id === id)!;

describe('working days of the policy', () => {
  it.each([
    ['2026-04-01', '2026-05-15'],
    ['2026-11-23', '2027-01-08'],
    ['2026-12-04', '2027-01-20'],
    ['2027-03-15', '2027-04-27'],
  ])('counts 30 after %s to the end of %s in Lisbon', (from, to) => {
    const end = calendarOf(policy).afterWorkingDays(Date.parse(`${from}T12:00:00Z`), 30);
    const local = new Intl.DateTimeFormat('sv-SE', {
      timeZone: 'Europe/Lisbon',
      dateStyle: 'short',
      timeStyle: 'medium',
    });
    expect(local.format(end)).toBe(`${to} 23:59:59`);
  });

  it('takes the day of the start in Lisbon, not in UTC', () => {
    // 23:30 UTC in June is already the next day in Lisbon, a Friday.
    const end = calendarOf(policy).afterWorkingDays(Date.parse('2026-06-18T23:30:00Z'), 1);
    expect(new Date(end).toISOString()).toBe('2026-06-22T22:59:59.000Z');
  });

  it.each([
    [2024, '2024-03-31'],
    [2026, '2026-04-05'],
    [2027, '2027-03-28'],
    [2038, '2038-04-25'],
  ])('knows Easter of %i', (year, date) => {
    expect(new Date(easterSunday(year)).toISOString().slice(0, 10)).toBe(date);
  });
});

describe('statutory clocks', () => {
  const decided = '2026-11-21T18:40:00.000Z';

  it('does not run before a person has decided that the incident is significant', () => {
    expect(clock('initial-notification', undefined)).toMatchObject({ state: 'idle' });
    expect(clock('initial-notification', decided, {}, undefined, false)).toMatchObject({ state: 'idle' });
  });

  it('runs from the decision, not from detection, and names the article', () => {
    expect(clock('initial-notification', decided)).toEqual({
      id: 'initial-notification',
      authority: 'CNCS',
      title: { pt: 'Notificação inicial', en: 'Initial notification' },
      owed: 'always',
      state: 'running',
      startedAt: decided,
      dueAt: '2026-11-22T18:40:00.000Z',
      source: 'RJC art. 42(1)',
      checked: '2026-11-21',
    });
    expect(clock('update', decided)).toMatchObject({
      dueAt: '2026-11-24T18:40:00.000Z',
      owed: 'when-needed',
    });
  });

  it('counts hours as elapsed time over the change of the clocks', () => {
    expect(clock('initial-notification', '2026-10-24T20:00:00.000Z').dueAt).toBe('2026-10-25T20:00:00.000Z');
  });

  it('is late a moment after the limit and not at it', () => {
    const due = '2026-11-22T18:40:00.000Z';
    expect(clock('initial-notification', decided, {}, due).state).toBe('running');
    expect(clock('initial-notification', decided, {}, '2026-11-22T18:40:00.001Z').state).toBe('late');
    expect(clock('initial-notification', decided, { sent: { 'initial-notification': due } }).state).toBe(
      'sent',
    );
    const sent = { 'initial-notification': '2026-11-23T00:00:00.000Z' };
    expect(clock('initial-notification', decided, { sent }).state).toBe('sent-late');
  });

  it('gives the latest date of the final report while the end of impact is not notified, then the exact one', () => {
    const impactEndedAt = '2026-11-22T12:00:00.000Z';
    expect(clock('final-report', decided, { impactEndedAt })).toMatchObject({
      provisional: true,
      dueAt: '2027-01-08T23:59:59.000Z',
    });
    const exact = clock('final-report', decided, {
      impactEndedAt,
      sent: { 'end-of-impact': '2026-11-22T13:00:00.000Z' },
    });
    expect(exact.provisional).toBeUndefined();
    expect(exact.dueAt).toBe('2027-01-07T23:59:59.000Z');
  });

  it('owes only the end of impact when the incident was resolved within two hours of detection', () => {
    const facts = { impactEndedAt: '2026-11-21T20:00:00.000Z' };
    expect(clock('initial-notification', decided, facts)).toMatchObject({
      state: 'not-owed',
      why: expect.stringContaining('RJC art. 41(2)'),
    });
    expect(clock('end-of-impact', decided, facts)).toMatchObject({
      state: 'running',
      dueAt: '2026-11-22T20:00:00.000Z',
    });
    expect(clock('initial-notification', decided, { impactEndedAt: '2026-11-21T20:00:01.000Z' }).state).toBe(
      'running',
    );
  });

  it('runs the data-protection clock on its own, without a decision on significance', () => {
    expect(
      clock('personal-data-breach', undefined, { breachKnownAt: '2026-11-20T18:00:00.000Z' }),
    ).toMatchObject({
      authority: 'CNPD',
      dueAt: '2026-11-23T18:00:00.000Z',
      state: 'running',
    });
  });
});
