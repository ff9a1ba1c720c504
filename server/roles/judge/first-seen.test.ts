/** First-seen values over a store: what is learnt, what alerts, and what late, repeated and interrupted batches change. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dyingStore } from '../../testbench/dying-store.ts';
import { type Feeding, openFeeding, said } from '../../testbench/feeding.ts';

const ruleWith = (most: number) => `title: New address
id: new-address
level: high
logsource: {product: linux}
detection: {sel: {event.action: x}, condition: sel}
vigia: {first_seen: {fields: [source.ip], per: [user.name], within: 30d, most: ${most}}}
`;

let feeding: Feeding;
beforeEach(async () => {
  feeding = await openFeeding([ruleWith(100)], '2026-06-01T00:00:00Z');
});
afterEach(() => feeding.close());

const day = (number: number, hour = 12) => new Date(Date.UTC(2026, 0, number, hour)).toISOString();
const from = (ip: string, at: string, user = 'ana') => said(at, { user: { name: user }, source: { ip } });
/** Old enough that learning is over on day 40. */
const background = () => feeding.feed('a', [from('192.0.2.250', day(1), 'old')]);
const open = async () =>
  (await feeding.alerts())
    .filter(({ state }) => state === 'open')
    .map((alert) => `${alert.group!.by['user.name']} ${alert.group!.by['source.ip']} ${alert.from}`);
const memories = async () =>
  (await feeding.store.documents.find('rule-state', { size: 1_000 })).found.map(({ body }) => body);

describe('a first-seen value', () => {
  it('alerts once, with the value, the person and the event that introduced it', async () => {
    await background();
    const event = from('192.0.2.1', day(40));
    await feeding.feed('a', [event, from('192.0.2.1', day(41)), from('192.0.2.1', day(60))]);
    const alerts = await feeding.alerts();
    expect(alerts).toMatchObject([
      {
        kind: 'event',
        rule: { id: 'new-address' },
        events: [event.event.id],
        from: day(40),
        detail: 'source.ip 192.0.2.1 for user.name ana: not seen in the 30 days before',
        incident: expect.any(String),
      },
    ]);
  });

  it('is new for each person, ignoring letter case', async () => {
    await background();
    await feeding.feed('a', [from('192.0.2.1', day(40)), from('192.0.2.1', day(41), 'ANA')]);
    await feeding.feed('a', [from('192.0.2.1', day(42), 'rui')]);
    expect(await open()).toEqual([`ana 192.0.2.1 ${day(40)}`, `rui 192.0.2.1 ${day(42)}`]);
  });

  it('is new again after the span, not one moment before', async () => {
    await background();
    await feeding.feed('a', [from('192.0.2.1', day(40)), from('192.0.2.1', day(70))]);
    await feeding.feed('a', [from('192.0.2.1', day(100, 13))]);
    expect(await open()).toEqual([`ana 192.0.2.1 ${day(40)}`, `ana 192.0.2.1 ${day(100, 13)}`]);
  });

  it('only learns while the source is younger than the span, and says so', async () => {
    await feeding.feed('a', [from('192.0.2.1', day(1))]);
    await feeding.feed('a', [from('192.0.2.2', day(30))]);
    await feeding.feed('a', [from('192.0.2.2', day(32)), from('192.0.2.3', day(32))]);
    expect(await open()).toEqual([`ana 192.0.2.3 ${day(32)}`]);
    expect(await memories()).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ kind: 'source', source: 'a', from: day(1) }),
        expect.objectContaining({
          of: { 'user.name': 'ana', 'source.ip': '192.0.2.2' },
          stays: [expect.objectContaining({ learnt: true })],
        }),
      ]),
    );
    await feeding.feed('young', [from('192.0.2.4', day(33))]);
    expect(await open()).toHaveLength(1);
  });

  it('does not judge an event that lacks the value', async () => {
    await background();
    await feeding.feed('a', [said(day(40), { user: { name: 'ana' } })]);
    expect(await feeding.alerts()).toEqual([]);
  });

  it('is the same alert when the batch is read and judged again', async () => {
    await background();
    const events = [from('192.0.2.1', day(40)), from('192.0.2.1', day(41))];
    await feeding.feed('a', events);
    const once = await feeding.alerts();
    await feeding.restart();
    await feeding.feed('a', events);
    expect(await feeding.alerts()).toEqual(once);
  });

  it('moves to a late event that came before it, and withdraws the first alert', async () => {
    await background();
    await feeding.feed('a', [from('192.0.2.1', day(60))]);
    await feeding.feed('a', [from('192.0.2.1', day(45))]);
    expect(await open()).toEqual([`ana 192.0.2.1 ${day(45)}`]);
    const withdrawn = (await feeding.alerts()).find(({ state }) => state === 'withdrawn');
    expect(withdrawn).toMatchObject({
      from: day(60),
      history: [{}, { reason: expect.stringMatching(/late/) }],
    });
  });

  it('is no longer new when a late event closes the gap', async () => {
    await background();
    await feeding.feed('a', [from('192.0.2.1', day(40)), from('192.0.2.1', day(95))]);
    expect(await open()).toHaveLength(2);
    await feeding.feed('a', [from('192.0.2.1', day(68))]);
    expect(await open()).toEqual([`ana 192.0.2.1 ${day(40)}`]);
  });

  it.each([
    ['forgets nothing when its memory is lost', 0],
    ['judges values beyond its limit from stored matches', 4],
  ])('%s', async (_, filler) => {
    await feeding.close();
    feeding = await openFeeding([ruleWith(3)], '2026-06-01T00:00:00Z');
    await background();
    await feeding.feed(
      'a',
      Array.from({ length: filler }, (__, n) => from(`198.51.100.${n}`, day(2))),
    );
    await feeding.feed('a', [from('192.0.2.1', day(40))]);
    const { documents } = feeding.store;
    for (const { id, version, body } of (await documents.find('rule-state', {})).found)
      if (filler === 0 && body.kind === 'first-seen') await documents.delete('rule-state', id, version);
    await feeding.restart();
    await feeding.feed('a', [from('192.0.2.1', day(50))]);
    expect(await open()).toEqual([`ana 192.0.2.1 ${day(40)}`]);
    await feeding.feed('a', [from('192.0.2.1', day(39))]);
    expect(await open()).toEqual([`ana 192.0.2.1 ${day(39)}`]);
    expect((await memories()).filter(({ kind }) => kind === 'first-seen').length).toBeLessThanOrEqual(3);
  });

  it('costs no write while a known value is busy, and still knows when it was seen last', async () => {
    await background();
    await feeding.feed('a', [from('192.0.2.1', day(40))]);
    const version = async () =>
      (await feeding.store.documents.find('rule-state', {})).found.map((one) => one.version).join();
    const before = await version();
    await feeding.feed('a', [from('192.0.2.1', day(40, 23))]);
    expect(await version()).toBe(before);
    // 30 days and 5 hours after what the memory says, but less after the last stored match.
    await feeding.feed('a', [from('192.0.2.1', day(70, 17))]);
    expect(await open()).toHaveLength(1);
  });

  it('comes to the same alerts whichever write the process dies before', async () => {
    await background();
    let fatal = 0;
    for (let survived = false; !survived; ) {
      const user = `u${++fatal}`;
      await feeding.feed('a', [from('192.0.2.1', day(60), user), from('192.0.2.2', day(61), user)]);
      await feeding.deliver('a', [from('192.0.2.1', day(45), user), from('192.0.2.3', day(62), user)]);
      await feeding.restart(dyingStore(feeding.store, fatal));
      survived = await feeding.settle().then(
        () => true,
        () => false,
      );
      await feeding.restart();
      await feeding.settle();
      expect((await open()).filter((alert) => alert.startsWith(`${user} `))).toEqual([
        `${user} 192.0.2.1 ${day(45)}`,
        `${user} 192.0.2.2 ${day(61)}`,
        `${user} 192.0.2.3 ${day(62)}`,
      ]);
    }
    expect(fatal).toBeGreaterThan(5);
  });

  it('is suppressed by an exception that covers the event, and counted there', async () => {
    await background();
    const { exceptions } = feeding.parts;
    feeding.at('2026-01-02T00:00:00Z');
    const { id } = await exceptions.propose(
      {
        scope: {
          rules: [{ id: 'new-address', title: 'New address' }],
          entities: [],
          where: 'source.ip:192.0.2.1',
        },
        why: 'new office',
        until: day(80),
      },
      'ana',
    );
    await exceptions.approve(id, 'rui');
    feeding.at('2026-01-03T00:00:00Z');
    await feeding.feed('a', [from('192.0.2.1', day(40)), from('192.0.2.2', day(40))]);
    expect(await open()).toEqual([`ana 192.0.2.2 ${day(40)}`]);
    expect(await exceptions.suppressedBy(id)).toEqual({
      alerts: 1,
      byRule: [{ rule: 'new-address', alerts: 1 }],
    });
  });
});
