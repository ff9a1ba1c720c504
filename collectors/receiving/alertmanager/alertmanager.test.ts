/** The real Alertmanager against its receiver; and what a notification may say. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { contain } from '../../../tests/testbed/contained.ts';
import { needInstalled } from '../../../tests/testbed/need.ts';
import { freePort, untilReady } from '../../../tests/testbed/wait.ts';
import { openSpool } from '../../reading/spool.ts';
import { spoolReader } from '../../reading/spool-reader.ts';
import { admitting } from '../credentials.ts';
import type { Call, Taken } from '../protocol.ts';
import { receiveHttp } from '../receive-http.ts';
import { alertmanagerProtocol } from './alertmanager-protocol.ts';

const prometheus = await needInstalled('prometheus');

const call = (body: unknown): Call => ({
  ...{ method: 'POST', path: '/', query: new URLSearchParams(), agent: '', contentType: 'application/json' },
  body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
});
const alert = (name: string, status = 'firing') => ({
  ...{ status, labels: { alertname: name }, annotations: {}, startsAt: '2026-03-04T09:15:00Z' },
  ...{ endsAt: status === 'firing' ? '0001-01-01T00:00:00Z' : '2026-03-04T09:20:00Z', fingerprint: name },
});
const taken = (more: object) =>
  (alertmanagerProtocol.take(call({ version: '4', receiver: 'soc', groupKey: 'g', ...more })) as Taken)
    .records;

it('gives an alert one position however often and with whatever others it is told, and another when it is resolved', () => {
  const first = taken({ alerts: [alert('a')] });
  const again = taken({ alerts: [alert('b'), alert('a')], groupKey: 'another' });
  const over = taken({ alerts: [alert('a', 'resolved')] });
  expect(again[1]).toEqual(first[0]);
  expect(new Set([first[0]!.key, again[0]!.key, over[0]!.key]).size).toBe(3);
});

it('says how many alerts Alertmanager left out', () => {
  expect(taken({ alerts: [alert('a')], truncatedAlerts: 7 })[1]).toMatchObject({
    broken: expect.stringContaining('left 7 alerts out'),
  });
});

it.each(['{', '[]', '{"version":"3","alerts":[]}', '{"version":"4"}'])('refuses %s', (body) => {
  expect(alertmanagerProtocol.take(call(body))).toMatchObject({ status: 400 });
});

prometheus.describe('the real Alertmanager', () => {
  it('tells of an alert that fires and is resolved', { timeout: 120_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vigia-alertmanager-'));
    const warn = () => undefined;
    const spool = await openSpool(join(folder, 'spool'), { warn });
    const receiver = await receiveHttp('127.0.0.1:0', alertmanagerProtocol, {
      ...{ spool, now: Date.now, warn, admit: admitting('am:s3cret-example', 'test') },
    });
    writeFileSync(
      join(folder, 'am.yml'),
      `route: { receiver: vigia, group_wait: 0s, group_interval: 1s, repeat_interval: 1h }
receivers:
  - name: vigia
    webhook_configs:
      - url: http://127.0.0.1:${receiver.address.port}/
        send_resolved: true
        http_config: { basic_auth: { username: am, password: s3cret-example } }
`,
    );
    const port = await freePort();
    const server = await contain({
      program: 'prometheus-alertmanager',
      args: [
        ...[`--config.file=${folder}/am.yml`, `--storage.path=${folder}/am`, '--cluster.listen-address='],
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      logFile: join(folder, 'am.log'),
    });
    try {
      const url = `http://127.0.0.1:${port}`;
      await untilReady('Alertmanager', [server], 60_000, async () => (await fetch(`${url}/-/ready`)).ok);
      const tell = (endsAt?: string) =>
        fetch(`${url}/api/v2/alerts`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify([
            {
              labels: { alertname: 'TargetDown', instance: '10.0.0.7:9100', severity: 'critical' },
              ...(endsAt ? { endsAt } : {}),
            },
          ]),
        });
      const found: string[] = [];
      const stop = new AbortController();
      const options = {
        signal: stop.signal,
        until: 'forever',
        batchBytes: 1e6,
        maxRecordBytes: 1e6,
        warn,
      } as const;
      await tell();
      for await (const { records } of spoolReader(join(folder, 'spool'))(undefined, options)) {
        for (const { raw } of records) {
          found.push((JSON.parse(Buffer.from(raw).toString()) as { status: string }).status);
          if (found.length === 1) await tell(new Date().toISOString());
          if (found.includes('resolved')) stop.abort();
        }
      }
      expect([found[0], found.at(-1)]).toEqual(['firing', 'resolved']);
    } finally {
      await server.stop('SIGTERM', 1_000);
      await receiver.close();
      await spool.close();
      rmSync(folder, { recursive: true });
    }
  });
});
