import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Event } from '../../core/event.ts';
import type { Store } from '../../core/store.ts';
import { openEmbedded } from '../../store/embedded/open.ts';
import { sampleEvent } from '../../tests/store-contract/samples.ts';
import type { DetectionRule } from '../engine/rule.ts';
import { loadTexts, ruleText } from '../engine/testing.ts';
import { backtest } from './backtest.ts';
import { MOST_QUERIES, planBacktest } from './plan.ts';
import { slicesOf } from './slices.ts';

const rulesOf = (...detections: string[]): DetectionRule[] =>
  loadTexts(
    detections.map((detection, index) => ruleText(detection, 'product: linux', `Rule ${index}`)),
  ).rules.filter((rule) => rule.kind === 'rule');
const [bob, nobody] = rulesOf(
  'sel: {user.name: bob}\ncondition: sel',
  'sel: {user.name: nobody}\ncondition: sel',
);
const FROM = '2026-11-01T00:00:00.000Z';
const TO = '2026-11-05T00:00:00.000Z';

describe('backtest', () => {
  const folder = mkdtempSync(join(tmpdir(), 'vigia-backtest-'));
  let store: Store;
  beforeAll(async () => {
    store = await openEmbedded({ file: join(folder, 'vigia.db') });
    await store.migrate();
    const events = Array.from({ length: 2_400 }, (_, hour) =>
      sampleEvent(hour, {
        at: new Date(Date.parse(FROM) + (hour / 25) * 3_600_000).toISOString(),
        fields: { user: { name: hour % 100 === 0 ? 'Bob' : 'alice' } },
      }),
    );
    // One that lies exactly on the end, which is outside.
    events.push(sampleEvent(9_999, { at: TO, fields: { user: { name: 'bob' } } }));
    await store.events.append(events);
  });
  afterAll(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });
  const start = (more: Partial<Parameters<typeof backtest>[0]> = {}) =>
    backtest({
      store,
      rules: [bob!, nobody!],
      from: FROM,
      to: TO,
      signal: new AbortController().signal,
      now: () => 0,
      ...more,
    });

  it('counts matches by rule and day the same in either way, with samples and what it cost', async () => {
    const [scan, queries] = [await start({ way: 'scan' }).finished, await start({ way: 'queries' }).finished];
    expect(scan.complete && queries.complete).toBe(true);
    expect(scan.rules.map(({ matches }) => matches)).toEqual([24, 0]);
    expect(scan.rules[0]!.byDay).toEqual({
      '2026-11-01': 6,
      '2026-11-02': 6,
      '2026-11-03': 6,
      '2026-11-04': 6,
    });
    expect(scan.rules[0]!.samples.length).toBe(5);
    expect(queries.rules.map(({ matches, byDay }) => [matches, byDay])).toEqual(
      scan.rules.map(({ matches, byDay }) => [matches, byDay]),
    );
    expect(scan.cost).toMatchObject({ fetched: 2_400, decided: 2_400 });
    expect(queries.cost.fetched).toBe(24);
    expect(queries.cost).toMatchObject({ done: 2, planned: 2 });
  });

  it('says that counts are partial when it is cancelled', async () => {
    const cancel = new AbortController();
    let reads = 0;
    const events = {
      ...store.events,
      read: (query: Parameters<Store['events']['read']>[0]) => {
        if (++reads === 3) cancel.abort();
        return store.events.read(query);
      },
    };
    const result = await start({ store: { ...store, events }, signal: cancel.signal, way: 'scan' }).finished;
    expect(result.complete).toBe(false);
    expect(result.cost.done).toBeLessThan(result.cost.planned);
    expect(result.rules[0]!.matches).toBeLessThan(24);
  });

  it('fails when the store fails, rather than count what it did get', async () => {
    const events = { ...store.events, read: () => Promise.reject(new Error('gone')) };
    await expect(start({ store: { ...store, events } }).finished).rejects.toThrow('gone');
  });
});

describe('planBacktest', () => {
  const sample = Array.from(
    { length: 100 },
    (_, index) => ({ user: { name: index === 0 ? 'bob' : 'alice' } }) as unknown as Event,
  );
  const broad = rulesOf('sel: {user.name: alice}\ncondition: not sel');
  const plan = (rules: readonly DetectionRule[], store: 'embedded' | 'elasticsearch' = 'elasticsearch') =>
    planBacktest(rules, { stored: 1_000_000, sample, store }).way;

  it('asks the store for one rule that narrows, and scans for many rules or one that does not narrow', () => {
    expect(plan([bob!])).toBe('queries');
    expect(plan(new Array<DetectionRule>(MOST_QUERIES + 1).fill(bob!))).toBe('scan');
    expect(plan(new Array<DetectionRule>(2).fill(broad[0]!))).toBe('scan');
  });
});

describe('slicesOf', () => {
  it('touches without overlap, and gives fewer slices than asked where time is short', () => {
    const slices = slicesOf({ from: FROM, to: TO }, 7);
    expect(slices.length).toBe(7);
    expect(slices[0]!.from).toBe(FROM);
    expect(slices.at(-1)!.to).toBe(TO);
    for (const [index, slice] of slices.slice(1).entries()) expect(slice.from).toBe(slices[index]!.to);
    expect(slicesOf({ from: FROM, to: '2026-11-01T00:00:00.002Z' }, 7).length).toBe(2);
  });
});
