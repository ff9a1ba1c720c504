/** Numeric baselines over a store: what is unusual, what late events change, and what an interrupted count leaves. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RuleStateOf } from '../../../core/documents.ts';
import type { Event } from '../../../core/event.ts';
import { dyingStore } from '../../testbench/dying-store.ts';
import { type Feeding, openFeeding, said } from '../../testbench/feeding.ts';

const rule = (value: string, more = '') => `title: Many rows
id: many
level: high
logsource: {product: linux}
detection: {sel: {event.action: x}, condition: sel}
vigia: {baseline: {value: ${value}, per: [user.name], bucket: 1h, over: 1d, deviation: 3.5, at_least: 10${more}}}
`;

let feeding: Feeding;
beforeEach(async () => {
  feeding = await openFeeding([rule('count')], '2026-06-01T00:00:00Z');
});
afterEach(() => feeding.close());

const iso = (hours: number, second = 0) =>
  new Date(Date.UTC(2026, 2, 1) + hours * 3_600_000 + second * 1_000).toISOString();
const many = (count: number, hours: number, user = 'ana', from = 0): Event[] =>
  Array.from({ length: count }, (_, n) => said(iso(hours, from + n), { user: { name: user }, n }));
/** Two days in which ana does 4 to 6 things an hour. */
const usual = () =>
  feeding.feed('a', Array.from({ length: 48 }, (_, hours) => many(4 + (hours % 3), hours)).flat());
const open = async () =>
  (await feeding.alerts())
    .filter(({ state }) => state === 'open')
    .map(({ from, group }) => `${group!.by['user.name']} ${group!.value} ${from}`);
const memory = async (): Promise<RuleStateOf<'baseline'>> => {
  const { found } = await feeding.store.documents.find('rule-state', {});
  return found.map(({ body }) => body).find((body) => body.kind === 'baseline')!;
};

describe('a bucket', () => {
  it('alerts when it holds far more than is usual, once, and grows', async () => {
    await usual();
    await feeding.feed('a', many(9, 50));
    expect(await open()).toEqual([]);
    await feeding.feed('a', many(11, 50, 'ana', 100));
    expect(await open()).toEqual([`ana 20 ${iso(50)}`]);
    await feeding.feed('a', many(10, 50, 'ana', 200));
    expect(await open()).toEqual([`ana 30 ${iso(50)}`]);
    const [alert] = await feeding.alerts();
    expect(alert).toMatchObject({
      eventCount: 30,
      incident: expect.any(String),
      detail: expect.stringMatching(
        /^user\.name ana: 30 from 2026-03-03T02:00:00\.000Z in 60 minutes; the median of 24 before is 5, more than 1\d\.\d+ is unusual$/,
      ),
    });
    expect(alert!.history.map(({ field }) => field)).toContain('eventCount');
  });

  it('is judged for each entity by itself; a new one against nothing', async () => {
    await usual();
    await feeding.feed('a', [...many(9, 50, 'new'), ...many(12, 50, 'other')]);
    expect(await open()).toEqual([`other 12 ${iso(50)}`]);
  });

  it('is not judged while the source is younger than the span', async () => {
    await feeding.feed('a', [...many(2, 0), ...many(50, 10)]);
    expect(await open()).toEqual([]);
    await feeding.feed('a', many(50, 30));
    expect(await open()).toEqual([`ana 50 ${iso(30)}`]);
  });

  it('counts each event once, when batches are read again and when the rule was edited', async () => {
    await usual();
    await feeding.feed('a', many(20, 50));
    const once = await feeding.alerts();
    await feeding.restart();
    await feeding.feed('a', many(20, 50));
    expect(await feeding.alerts()).toEqual(once);
    const { found } = await feeding.store.documents.find('match', { size: 1_000 });
    await feeding.store.documents.createMany(
      'match',
      found.map(({ body }) => ({ id: `edited-${body.id}`, body: { ...body, id: `edited-${body.id}` } })),
    );
    await feeding.feed('a', many(1, 50, 'ana', 900));
    expect(await open()).toEqual([`ana 21 ${iso(50)}`]);
  });

  it('is usual after all when late events show how much was usual, and unusual when they add to it', async () => {
    await usual();
    await feeding.feed('a', many(20, 50));
    await feeding.feed('a', Array.from({ length: 20 }, (_, n) => many(30, 28 + n, 'ana', 1_000)).flat());
    const alerts = await feeding.alerts();
    expect(alerts.find(({ from }) => from === iso(50))).toMatchObject({
      state: 'withdrawn',
      history: expect.arrayContaining([
        expect.objectContaining({ reason: 'late events changed what is usual' }),
      ]),
    });
  });

  it('is judged from the stored matches when the memory is lost', async () => {
    await usual();
    const { documents } = feeding.store;
    for (const { id, version, body } of (await documents.find('rule-state', {})).found)
      if (body.kind === 'baseline') await documents.delete('rule-state', id, version);
    await feeding.restart();
    await feeding.feed('a', many(20, 50));
    expect((await feeding.alerts())[0]!.detail).toMatch(/median of 24 before is 5,/);
    expect(await open()).toEqual([`ana 20 ${iso(50)}`]);
  });

  it('leaves a memory of bounded size', async () => {
    for (let day = 0; day < 6; day++)
      await feeding.feed('a', Array.from({ length: 24 }, (_, hours) => many(1, day * 24 + hours)).flat());
    expect(Object.keys((await memory()).values).length).toBeLessThanOrEqual(49);
    expect(await memory()).toMatchObject({ state: 'settled' });
  });

  it('comes to the same whichever write the process dies before', async () => {
    await usual();
    let fatal = 0;
    for (let survived = false; !survived; ) {
      const user = `u${++fatal}`;
      await feeding.feed('a', many(20, 50, user));
      await feeding.deliver('a', [...many(5, 50, user, 500), ...many(15, 51, user)]);
      await feeding.restart(dyingStore(feeding.store, fatal));
      survived = await feeding.settle().then(
        () => true,
        () => false,
      );
      await feeding.restart();
      await feeding.settle();
      expect((await open()).filter((alert) => alert.startsWith(`${user} `))).toEqual([
        `${user} 25 ${iso(50)}`,
        `${user} 15 ${iso(51)}`,
      ]);
    }
    expect((await feeding.alerts()).every(({ incident }) => incident !== undefined)).toBe(true);
    expect(fatal).toBeGreaterThan(5);
  });
});

it('sums a field, whatever is no number counting nothing', async () => {
  await feeding.close();
  feeding = await openFeeding([rule('{sum: vigia.rows}')], '2026-06-01T00:00:00Z');
  const rows = (hours: number, count: unknown) =>
    said(iso(hours), { user: { name: 'ana' }, vigia: { rows: count } });
  await feeding.feed(
    'a',
    Array.from({ length: 48 }, (_, hours) => rows(hours, 100 + hours)),
  );
  await feeding.feed('a', [rows(50, 400), rows(50.1, '300'), rows(50.2, 'many'), rows(50.3, -900)]);
  expect(await open()).toEqual([`ana 700 ${iso(50)}`]);
});

it('is covered by an exception only when every match of the bucket is', async () => {
  await usual();
  const { exceptions } = feeding.parts;
  feeding.at(iso(49));
  const { id } = await exceptions.propose(
    {
      scope: { rules: [{ id: 'many', title: 'Many rows' }], entities: [{ type: 'user', name: 'ana' }] },
      why: 'migration',
      until: iso(90),
    },
    'ana',
  );
  await exceptions.approve(id, 'rui');
  feeding.at(iso(53));
  await feeding.feed('a', [...many(20, 50), ...many(20, 50, 'rui')]);
  expect(await open()).toEqual([`rui 20 ${iso(50)}`]);
  expect(await exceptions.suppressedBy(id)).toMatchObject({ alerts: 1 });
});
