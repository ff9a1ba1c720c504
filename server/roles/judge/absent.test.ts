/** Expected events that do not come: told once, honestly, and taken back or ended by what comes late. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RuleStateOf } from '../../../core/documents.ts';
import { type Feeding, openFeeding, said } from '../../testbench/feeding.ts';
import { forgetOld } from './forget.ts';
import { judgeOverdue } from './overdue.ts';

const rule = (id: string, absent: string) =>
  `title: Backup ${id}\nid: ${id}\nlevel: high\nlogsource: {product: linux}\ndetection: {sel: {event.action: x}, other: {user.name: '*'}, condition: sel and not other}\nvigia: {absent: ${absent}}\n`;
const PER_HOST = rule('per-host', '{every: 24h, grace: 1h, per: [host.name]}');

let feeding: Feeding;
beforeEach(async () => {
  feeding = await openFeeding([PER_HOST], '2026-03-01T00:00:00Z');
});
afterEach(() => feeding.close());

const UP = 0;
const hour = (count: number) => new Date(Date.UTC(2026, 2, 1) + count * 3_600_000).toISOString();
const backup = (hours: number, host = 'srv-1') => said(hour(hours), { host: { name: host } });
/** Something else of the same source: the rule does not match it. */
const other = (hours: number) => said(hour(hours), { user: { name: 'ana' } });
/** Events are read a minute after they happened. */
async function deliver(hours: number, ...events: ReturnType<typeof said>[]): Promise<void> {
  feeding.at(new Date(Date.parse(hour(hours)) + 60_000).toISOString());
  await feeding.feed('a', events);
}
const look = (hours: number, upMs = UP) => {
  feeding.at(hour(hours));
  return judgeOverdue(feeding.parts, upMs);
};
const shown = async () =>
  (await feeding.alerts()).map(({ state, kind, from, to, detail }) => ({ state, kind, from, to, detail }));

describe('an expected event that does not come', () => {
  it('is told once when it is overdue, with the last that came, as an incident', async () => {
    await deliver(0, backup(0));
    await deliver(24.5, other(24.5));
    await look(24.9);
    expect(await feeding.alerts()).toEqual([]);
    await look(25.1);
    await look(26);
    await feeding.restart();
    await look(50);
    const alerts = await feeding.alerts();
    expect(alerts).toMatchObject([
      {
        kind: 'absence',
        state: 'open',
        from: hour(24),
        rule: { title: 'Backup per-host' },
        events: [backup(0).event.id],
        entities: [{ type: 'host', name: 'srv-1' }],
        detail: `host.name srv-1: the last came at ${hour(0)}, the next was due by ${hour(24)} and did not come`,
        incident: expect.any(String),
      },
    ]);
    expect(alerts[0]!.history).toHaveLength(1);
  });

  it('is no alert while it comes in time, for each group by itself', async () => {
    await deliver(0, backup(0), backup(0, 'srv-2'));
    await deliver(23, backup(23));
    await deliver(47, backup(47));
    await look(47.5);
    expect((await shown()).map(({ detail }) => detail)).toEqual([expect.stringMatching(/srv-2/)]);
  });

  it('says blind, and not absent, when nothing was read since it was due', async () => {
    await deliver(0, backup(0));
    await look(30);
    expect(await shown()).toMatchObject([
      {
        kind: 'blind',
        detail: expect.stringMatching(
          /nothing from after .* was read from source a, so whether it came cannot/,
        ),
      },
    ]);
    expect((await feeding.alerts())[0]!.rule.title).toBe('Blind, cannot tell: Backup per-host');
    await deliver(31, other(31));
    await look(31.5);
    expect(await shown()).toMatchObject([{ kind: 'absence', detail: expect.stringMatching(/did not come/) }]);
    expect(await feeding.alerts()).toHaveLength(1);
  });

  it('is not judged while the source catches up, nor by a service that just started', async () => {
    await deliver(0, backup(0));
    feeding.at(hour(40));
    await feeding.feed('a', [other(2)]);
    await look(40.5);
    await look(41.5, Date.parse(hour(41)));
    expect(await feeding.alerts()).toEqual([]);
    await look(42.5, Date.parse(hour(41)));
    expect(await shown()).toMatchObject([{ kind: 'blind' }]);
  });

  it('is withdrawn when it turns out to have come in time', async () => {
    await deliver(0, backup(0));
    await deliver(25, other(25));
    await look(25.5);
    await deliver(26, backup(23));
    const [alert] = await feeding.alerts();
    expect(alert).toMatchObject({ state: 'withdrawn' });
    expect(alert!.history.at(-1)).toMatchObject({ reason: 'it came in time, and was read late' });
    await look(26.5);
    expect(await feeding.alerts()).toHaveLength(1);
  });

  it('is ended, with history, by one that comes too late, and the next gap is another alert', async () => {
    await deliver(0, backup(0));
    await deliver(25, other(25));
    await look(25.5);
    await deliver(30, backup(30));
    expect(await shown()).toMatchObject([
      { state: 'open', to: hour(30), detail: expect.stringContaining(`and came at ${hour(30)}`) },
    ]);
    await deliver(60, other(60));
    await look(61);
    expect((await shown()).map(({ from }) => from)).toEqual([hour(24), hour(54)]);
  });

  it('is two gaps when a late one lies in the middle of a long one', async () => {
    await deliver(0, backup(0));
    await deliver(100, backup(100));
    expect(await shown()).toMatchObject([{ from: hour(24), to: hour(100) }]);
    await deliver(101, backup(30));
    expect(await shown()).toMatchObject([
      { state: 'open', from: hour(24), to: hour(30) },
      { state: 'open', from: hour(54), to: hour(100) },
    ]);
    await deliver(102, backup(10), backup(53), backup(76));
    expect((await shown()).filter(({ state }) => state === 'open')).toEqual([]);
  });

  it('is not silenced by an event from the future', async () => {
    await deliver(0, backup(0));
    await deliver(1, backup(900));
    await deliver(25, other(25));
    await look(25.5);
    expect(await shown()).toMatchObject([{ kind: 'absence', from: hour(24) }]);
  });

  it('is the same when batches are judged again, and when the memory is lost', async () => {
    await deliver(0, backup(0));
    await deliver(30, backup(30));
    await deliver(35, backup(35));
    const once = await feeding.alerts();
    const { documents } = feeding.store;
    for (const { id, version } of (await documents.find('rule-state', {})).found)
      await documents.delete('rule-state', id, version);
    await feeding.restart();
    await deliver(36, backup(0), backup(30), backup(35));
    expect(await feeding.alerts()).toEqual(once);
    await deliver(60, other(60));
    await look(61);
    expect(await feeding.alerts()).toHaveLength(2);
  });

  it('writes no memory for each heartbeat', async () => {
    await deliver(0, backup(0));
    const version = async () =>
      (await feeding.store.documents.find('rule-state', {})).found.map((one) => one.version).join();
    const before = await version();
    await deliver(0.2, backup(0.2));
    expect(await version()).toBe(before);
    await look(24.2);
    expect(await feeding.alerts()).toEqual([]);
  });

  it('is forgotten three months after somebody was given up', async () => {
    await deliver(0, backup(0));
    await deliver(25, other(25));
    await look(26);
    feeding.at('2026-05-01T00:00:00Z');
    expect(await forgetOld(feeding.parts)).toBe(0);
    feeding.at('2026-07-01T00:00:00Z');
    expect(await forgetOld(feeding.parts)).toBe(1);
  });
});

describe('a rule for the whole house', () => {
  const reopen = async (absent: string) => {
    await feeding.close();
    feeding = await openFeeding([rule('house', absent)], '2026-03-01T00:00:00Z');
  };

  it('waits from the moment it is loaded, even when none ever comes', async () => {
    await reopen('{every: 24h, grace: 1h}');
    await look(1.1);
    await deliver(26, other(26));
    await look(26.5);
    expect(await shown()).toMatchObject([
      {
        kind: 'absence',
        detail: `none since ${hour(1.1)}, the next was due by ${hour(25.1)} and did not come`,
      },
    ]);
    await deliver(30, backup(30));
    expect(await shown()).toMatchObject([{ to: hour(30) }]);
  });

  it('expects nothing on days that are not named, in its zone', async () => {
    // 1 March 2026 is a Sunday.
    await reopen('{every: 24h, grace: 1h, days: [mon, tue, wed, thu, fri], zone: Europe/Lisbon}');
    const friday = 5 * 24 + 22;
    await deliver(friday, backup(friday));
    await deliver(friday + 60, other(friday + 60));
    await look(friday + 61);
    expect(await feeding.alerts()).toEqual([]);
    await deliver(friday + 74, other(friday + 74));
    await look(friday + 74.5);
    expect(await shown()).toMatchObject([{ kind: 'absence', from: hour(friday + 72) }]);
  });

  it('can be covered by an exception without a condition, which counts it', async () => {
    await reopen('{every: 24h, grace: 1h}');
    const { exceptions } = feeding.parts;
    const { id } = await exceptions.propose(
      {
        scope: { rules: [{ id: 'house', title: 'Backup house' }], entities: [] },
        why: 'moved',
        until: hour(500),
      },
      'ana',
    );
    await exceptions.approve(id, 'rui');
    await deliver(1, backup(1));
    await deliver(30, other(30));
    await look(31);
    expect(await shown()).toMatchObject([{ state: 'suppressed' }]);
    expect(await exceptions.suppressedBy(id)).toMatchObject({ alerts: 1 });
  });
});

it('remembers little: one document for each group', async () => {
  await deliver(0, backup(0), backup(0.1), backup(0, 'srv-2'));
  const found = (await feeding.store.documents.find('rule-state', {})).found.map(({ body }) => body);
  const expected = found.filter((body): body is RuleStateOf<'expected'> => body.kind === 'expected');
  expect(expected.map(({ of }) => of['host.name']).sort()).toEqual(['srv-1', 'srv-2']);
});
