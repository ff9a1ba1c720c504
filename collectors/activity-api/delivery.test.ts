/** From the recorded API into a store: a record of two blobs is stored once, and what cannot be had is a dead letter. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Store } from '../../core/store.ts';
import { openEmbedded } from '../../store/embedded/open.ts';
import { officeAudit } from '../office-audit.ts';
import { run } from '../run.ts';
import { activityApiReader } from './reader.ts';
import { type RecordedApi, recordedApi, SECRET, TENANT } from './recorded-api.ts';

const NOW = Date.parse('2026-03-04T12:00:00Z');
const EXCHANGE = 'Audit.Exchange';
const record = (id: string) => ({
  ...{ Id: id, CreationTime: '2026-03-04T10:00:00', Operation: 'Set-Mailbox', Workload: 'Exchange' },
  ...{ RecordType: 1, UserId: 'ana@example.test', ResultStatus: 'True' },
});

let folder: string;
let store: Store;
let api: RecordedApi;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vigia-activity-'));
  store = await openEmbedded({ file: join(folder, 'vigia.db') });
  await store.migrate();
  api = await recordedApi();
});
afterEach(async () => {
  await api.close();
  await store.close();
  rmSync(folder, { recursive: true });
});

function poll(): Promise<void> {
  const reader = activityApiReader(
    {
      ...{ tenant: TENANT, clientId: 'app', clientSecret: () => SECRET, apiUrl: api.url, loginUrl: api.url },
      ...{ contentTypes: [EXCHANGE], lookBackHours: 24, pollSeconds: 60 },
    },
    { fetch, now: () => NOW, random: () => 1, sleep: async () => undefined },
  );
  const delivery = {
    store,
    evaluate: async () => ({ matches: [], alerts: [] }),
    now: () => NOW,
    retentionDays: 30,
  };
  const options = { signal: new AbortController().signal, until: 'end' } as const;
  return run({ id: 'm365', collector: officeAudit, reader }, delivery, options);
}

async function ledger() {
  const sum = { read: 0, stored: 0, duplicate: 0, deadLettered: 0 };
  for (const one of await store.batches.ledger()) {
    for (const key of Object.keys(sum) as (keyof typeof sum)[]) sum[key] += one[key];
  }
  return sum;
}

const blob = (id: string, created: string, ...ids: string[]) =>
  api.blobs.push({ id, type: EXCHANGE, created, content: ids.map(record) });
const storedEvents = async () => (await store.events.read({ size: 100 })).events.length;

it('stores a record of two blobs once, and counts the second as a duplicate', async () => {
  blob('b1', '2026-03-04T10:30:00Z', 'r1', 'r2');
  blob('b2', '2026-03-04T11:00:00Z', 'r2', 'r3');
  await poll();
  expect(await ledger()).toEqual({ read: 4, stored: 3, duplicate: 1, deadLettered: 0 });
  expect(await storedEvents()).toBe(3);
  expect(api.unknown).toEqual([]);
});

it('stores it once although the second blob appears late, after a restart', async () => {
  blob('b1', '2026-03-04T11:00:00Z', 'r1', 'r2');
  await poll();
  blob('late', '2026-03-04T10:30:00Z', 'r2', 'r3');
  await poll();
  await poll();
  expect(await storedEvents()).toBe(3);
  expect((await ledger()).read).toBe(4);
});

it('keeps the name of a blob that expired as a dead letter', async () => {
  const content = {
    status: 400,
    code: 'AF20051',
    message: 'Content requested with the key b1 has already expired.',
  };
  api.blobs.push({ id: 'b1', type: EXCHANGE, created: '2026-03-04T11:00:00Z', content });
  await poll();
  const { found } = await store.documents.find('dead-letter', {});
  expect(found.map(({ body }) => body.reason)).toEqual([expect.stringContaining('blob b1: AF20051')]);
});
