import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Exception } from '../documents.ts';
import { covering } from './covering.ts';
import { approved, ended, endsInDays, type Proposal, proposed, refused, standingOf } from './lifecycle.ts';
import { readExceptionPolicy } from './policy.ts';

const policy = readExceptionPolicy(resolve(import.meta.dirname, '../../policies/exceptions.yml'));
const NOW = Date.parse('2026-03-01T10:00:00Z');
const DAY_MS = 86_400_000;
const rule = { id: 'r1', title: 'Rule 1' };
const proposal = (more: Partial<Proposal> = {}, scope: Partial<Exception['scope']> = {}): Proposal => ({
  scope: { rules: [rule], entities: [], ...scope },
  why: 'nightly scan',
  until: '2026-03-11T10:00:00Z',
  ...more,
});
const propose = (...given: Parameters<typeof proposal>) =>
  proposed('EXC-2026-000001', proposal(...given), 'ana', NOW, policy);
const active = (...given: Parameters<typeof proposal>) => approved(propose(...given), 'rui', NOW);

describe('an exception', () => {
  it('takes a second person, whatever the letter case of the first', () => {
    expect(() => approved(propose(), ' ANA ', NOW)).toThrow(/ANA\s+proposed .* cannot approve/);
    const exception = approved(propose(), 'rui', NOW + DAY_MS);
    expect(exception).toMatchObject({ state: 'active', proposedBy: 'ana', decidedBy: 'rui' });
    expect(exception.history).toMatchObject([{ by: 'rui', field: 'state', from: 'proposed', to: 'active' }]);
  });

  it('covers nothing from before its approval, and a later beginning stays', () => {
    expect(approved(propose(), 'rui', NOW + DAY_MS).from).toBe('2026-03-02T10:00:00.000Z');
    const later = propose({ from: '2026-03-05T22:00:00Z' });
    expect(approved(later, 'rui', NOW).from).toBe('2026-03-05T22:00:00.000Z');
    expect(propose({ from: '2026-01-01T00:00:00Z' }).from).toBe('2026-03-01T10:00:00.000Z');
  });

  it.each([
    ['no reason', { why: ' ' }, {}, /says why/],
    ['no scope', {}, { rules: [] }, /exception of everything/],
    ['a bare list of rules', {}, { rules: [rule, { id: 'r2', title: 'Rule 2' }] }, /switches them off/],
    ['a broken condition', {}, { where: 'user.name:' }, /query:1:\d+ user\.name has no value/],
    ['an end before its beginning', { until: '2026-02-01T00:00:00Z' }, {}, /lies after its beginning/],
    ['an end that is no time', { until: 'soon' }, {}, /"soon" is no time/],
    ['more days than policy allows', { until: '2026-12-01T00:00:00Z' }, {}, /at most 90 days/],
  ] as const)('with %s is refused', (_, more, scope, message) => {
    expect(() => propose(more, scope as object)).toThrow(message);
  });

  it('is decided once, and not after its time', () => {
    expect(() => approved(active(), 'eva', NOW)).toThrow(/is active; only a proposed/);
    expect(() => approved(propose(), 'rui', NOW + 11 * DAY_MS)).toThrow(/is lapsed/);
    expect(() => approved(refused(propose(), 'rui', 'too wide', NOW), 'eva', NOW)).toThrow(/is refused/);
  });

  it('stands where the clock says, and warns before it ends', () => {
    const exception = active({ from: '2026-03-02T10:00:00Z' });
    const at = (days: number) => standingOf(exception, NOW + days * DAY_MS);
    expect([at(0), at(1), at(9.9), at(10)]).toEqual(['scheduled', 'active', 'active', 'expired']);
    const ends = (days: number) => endsInDays(exception, NOW + days * DAY_MS, policy);
    expect([ends(1), ends(3), ends(9.5), ends(10)]).toEqual([undefined, 7, 1, undefined]);
    expect(endsInDays(propose(), NOW + 9 * DAY_MS, policy)).toBeUndefined();
  });

  it('ends at once, and keeps covering what it covered', () => {
    const over = ended(active(), 'ana', 'scan moved', NOW + DAY_MS);
    expect(over).toMatchObject({ state: 'ended', until: '2026-03-02T10:00:00.000Z' });
    const covers = covering([over], policy, () => NOW + 2 * DAY_MS);
    const at = (hours: number) => covers.of('r1', { atMs: NOW + hours * 3_600_000, entities: [] });
    expect([at(1), at(24), at(30)]).toEqual([['EXC-2026-000001'], [], []]);
    expect(() => ended(over, 'ana', 'again', NOW)).toThrow(/nothing to end|is ended/);
  });
});

describe('the cover of an exception', () => {
  const user = { type: 'user', name: 'svc-scan' } as const;
  const host = { type: 'host', name: 'srv-1' } as const;
  const subject = {
    atMs: NOW + 1,
    entities: [{ type: 'user', name: 'SVC-Scan' } as const, host],
    event: { user: { name: 'svc-scan' }, source: { ip: '192.0.2.9' } },
  };
  const of = (exception: Exception, more: object = {}, ruleId = 'r1', now = NOW) =>
    covering([exception], policy, () => now).of(ruleId, { ...subject, ...more }).length;

  it.each([
    ['its rule', active(), {}, 1],
    ['its entity, ignoring case', active({}, { entities: [user] }), {}, 1],
    ['both entities', active({}, { entities: [user, host] }), {}, 1],
    ['an event that satisfies the condition', active({}, { where: 'source.ip:192.0.2.0/24' }), {}, 1],
    ['every rule, when none is named', active({}, { rules: [], entities: [user] }), {}, 1],
    ['not another entity', active({}, { entities: [{ type: 'host', name: 'svc-scan' }] }), {}, 0],
    ['not one entity of two', active({}, { entities: [user, { type: 'host', name: 'srv-2' }] }), {}, 0],
    ['not another event', active({}, { where: 'source.ip:198.51.100.0/24' }), {}, 0],
    ['not what has no event, when it has a condition', active({}, { where: 'a:b' }), { event: undefined }, 0],
    ['not what happened before it', active(), { atMs: NOW - 1 }, 0],
    ['not its last moment', active(), { atMs: Date.parse('2026-03-11T10:00:00Z') }, 0],
    ['not an event without a time', active(), { atMs: Number.NaN }, 0],
    ['nothing while only proposed', propose(), {}, 0],
    ['nothing when refused', refused(propose(), 'rui', 'no', NOW), {}, 0],
    ['nothing when withdrawn before anybody approved', ended(propose(), 'ana', 'no need', NOW + 9), {}, 0],
  ])('holds for %s', (_, exception, more, expected) => {
    expect(of(exception, more)).toBe(expected);
  });

  it('holds for no other rule', () => {
    expect(of(active(), {}, 'r2')).toBe(0);
  });

  it('is gone for events that arrive long after its end, whatever time they claim', () => {
    const end = Date.parse('2026-03-11T10:00:00Z');
    expect(of(active(), {}, 'r1', end + 6 * DAY_MS)).toBe(1);
    expect(of(active(), {}, 'r1', end + 8 * DAY_MS)).toBe(0);
  });
});
