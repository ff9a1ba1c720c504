/** What the settings say under `listen` is what is opened: addresses, credentials, counts. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createMetrics } from '../../core/metrics.ts';
import { freePort } from '../../tests/testbed/wait.ts';
import type { Parts } from '../parts.ts';
import { readSettings } from '../settings.ts';
import { openListeners } from './listeners.ts';

let folder: string;
let metrics: ReturnType<typeof createMetrics>;
let close: (() => Promise<void>) | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vigia-listeners-'));
  metrics = createMetrics({ version: '0' });
});
afterEach(async () => {
  await close?.();
  close = undefined;
  rmSync(folder, { recursive: true });
});

async function open(sources: string): Promise<void> {
  writeFileSync(join(folder, 'vigia.yml'), `state: state\nsources:\n${sources}`);
  const settings = readSettings(join(folder, 'vigia.yml'), {});
  const log = { info: () => undefined, warn: () => undefined };
  // What opening listeners takes of the parts.
  close = await openListeners({ settings, metrics, now: Date.now, log } as unknown as Parts);
}

it('opens every receiver of the settings for those with credentials, and counts calls by outcome', async () => {
  writeFileSync(join(folder, 'senders'), 'web1:s3cret-example\n');
  const [bulk, otlp, alertmanager] = [await freePort(), await freePort(), await freePort()];
  const listen = (kind: string, port: number) =>
    `{ ${kind}: { address: "127.0.0.1:${port}", credentialsFile: senders } }`;
  await open(`  - { id: shipped, collector: shipped-documents, listen: ${listen('bulk', bulk)} }
  - { id: otel, collector: otlp-logs, listen: ${listen('otlp', otlp)} }
  - { id: alerts, collector: alertmanager, listen: ${listen('alertmanager', alertmanager)} }
`);
  const post = async (url: string, body: string, secret = 's3cret-example') => {
    const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' };
    return (await fetch(url, { method: 'POST', headers, body })).status;
  };
  const document = '{"create":{"_index":"x"}}\n{"message":"a"}\n';
  expect([
    await post(`http://127.0.0.1:${bulk}/_bulk`, document),
    await post(`http://127.0.0.1:${bulk}/_bulk`, document, 'wrong'),
    await post(`http://127.0.0.1:${otlp}/v1/logs`, '{"resourceLogs":[]}'),
    await post(`http://127.0.0.1:${alertmanager}/`, '{"version":"4","alerts":[]}'),
  ]).toEqual([200, 401, 200, 200]);
  const counted = (await metrics.exposition())
    .split('\n')
    .filter((line) => /^vigia_receiver_calls_total.* [1-9]/.test(line));
  expect(counted).toEqual([
    'vigia_receiver_calls_total{source="shipped",outcome="taken"} 1',
    'vigia_receiver_calls_total{source="shipped",outcome="unauthenticated"} 1',
    'vigia_receiver_calls_total{source="otel",outcome="taken"} 1',
    'vigia_receiver_calls_total{source="alerts",outcome="taken"} 1',
  ]);
  expect(readdirSync(join(folder, 'state', 'spool')).sort()).toEqual(['alerts', 'otel', 'shipped']);
});

it.each([
  ['credentialsFile: nowhere', 'the credentials cannot be read: ENOENT'],
  ['credentialsEnv: VIGIA_TEST_NOT_SET', 'the environment variable VIGIA_TEST_NOT_SET is not set'],
])('opens nothing when %s holds nothing', async (credentials, message) => {
  const port = await freePort();
  const listen = `{ bulk: { address: "127.0.0.1:${port}", ${credentials} } }`;
  await expect(open(`  - { id: a, collector: shipped-documents, listen: ${listen} }\n`)).rejects.toThrow(
    message,
  );
  await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow('fetch failed');
});
