import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { errors } from '../../core/errors.ts';
import type { Event } from '../../core/event.ts';
import type { Store } from '../../core/store.ts';
import { openEmbedded } from '../../store/embedded/open.ts';
import { compose } from '../compose.ts';
import type { Parts } from '../parts.ts';
import { readSettings } from '../settings.ts';
import { retainOnce } from './retain.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const MINUTE_MS = 60_000;

let folder: string;
let store: Store;
let parts: Parts;
let monotonicMs: number;
let logged: string[];

const event = (id: string, at: string): Event => ({
  '@timestamp': at,
  ecs: { version: '9.4.0' },
  event: { id, hash: id, dataset: 'linux.syslog', kind: 'event', created: at },
});
const partition = (month: string) => `vigia-events-linux.syslog-${month}`;
const dropped = async () => {
  const { found } = await store.documents.find('audit', {});
  return found.map(({ body }) => body).filter(({ action }) => action === 'events.retain');
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vigia-retain-'));
  [monotonicMs, logged] = [0, []];
  store = await openEmbedded({ file: join(folder, 'vigia.db'), now: () => monotonicMs });
  const settings = { ...readSettings(undefined, { VIGIA_STATE: folder }), retentionDays: 30 };
  const log = pino({ base: null }, { write: (text: string) => void logged.push(text) });
  parts = await compose(settings, { store, now: () => NOW, log });
  await store.events.append([
    { partition: partition('2026.09'), event: event('a', '2026-09-10T00:00:00.000Z') },
    { partition: partition('2026.10'), event: event('b', '2026-10-10T00:00:00.000Z') },
    { partition: partition('undated'), event: event('c', '2026-09-10T00:00:00.000Z') },
  ]);
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

const kept = async () => (await store.events.get(['a', 'b', 'c'])).map((one) => one?.event.id);

it('drops the partitions that ended before retention began, says which, and records it', async () => {
  expect(await retainOnce(parts)).toEqual([partition('2026.09')]);
  expect(await kept()).toEqual([undefined, 'b', 'c']);
  expect(await dropped()).toMatchObject([
    {
      who: 'vigia',
      target: 'linux.syslog',
      details: { before: '2026-10-22T12:00:00.000Z', retentionDays: 30, partitions: [partition('2026.09')] },
    },
  ]);
  expect(logged.join('')).toContain(`dropped ${partition('2026.09')}`);
  expect(await parts.verifyAudit()).toMatchObject({ problems: [] });
});

it.each([
  [100, []],
  [10, [partition('2026.09'), partition('2026.10')]],
])('keeps a dataset for the %i days that the settings say for it', async (days, gone) => {
  const settings = { ...parts.settings, retention: { 'linux.syslog': days } };
  expect(await retainOnce({ ...parts, settings })).toEqual(gone);
  expect((await dropped()).map(({ details }) => details['retentionDays'])).toEqual(
    gone.length > 0 ? [days] : [],
  );
});

it('leaves it to whoever did it within the hour, and does it again after that', async () => {
  await retainOnce(parts);
  await store.events.append([
    { partition: partition('2026.08'), event: event('d', '2026-08-10T00:00:00.000Z') },
  ]);
  expect(await retainOnce(parts)).toEqual([]);
  monotonicMs += 59 * MINUTE_MS;
  expect(await retainOnce(parts)).toEqual([]);
  monotonicMs += MINUTE_MS;
  expect(await retainOnce(parts)).toEqual([partition('2026.08')]);
  expect(await dropped()).toHaveLength(2);
});

it('tries again at once when the store failed, instead of after an hour', async () => {
  const failing = {
    ...parts,
    store: { ...store, retain: () => Promise.reject(errors.remote('store', 'retain', 'away')) },
  };
  await expect(retainOnce(failing)).rejects.toThrow('away');
  expect(await retainOnce(parts)).toEqual([partition('2026.09')]);
});
