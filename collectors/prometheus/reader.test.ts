/** Questions to Prometheus: each step once, whatever fails; and the real program. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { contain } from '../../tests/testbed/contained.ts';
import { needInstalled } from '../../tests/testbed/need.ts';
import { freePort, untilReady } from '../../tests/testbed/wait.ts';
import type { ReadBatch, ReadPosition } from '../reading/reader.ts';
import { prometheusReader } from './reader.ts';

const prometheus = await needInstalled('prometheus');
const START = Date.UTC(2026, 2, 4, 9, 0, 0);
const MINUTE = 60_000;

/** Prometheus as its HTTP API is documented; `answers` by the number of the call. */
function bed(answers: (call: number, seconds: number) => Response | Error) {
  const asked: number[] = [];
  const clock = { now: START };
  const warnings: string[] = [];
  const outside = {
    async fetch(url: string) {
      const seconds = Number(new URL(url).searchParams.get('time'));
      const answer = answers(asked.length, seconds);
      asked.push(seconds * 1_000 - START);
      if (answer instanceof Error) throw answer;
      return answer;
    },
    now: () => clock.now,
    async sleep(ms: number) {
      clock.now += ms;
    },
  };
  const questions = {
    ...{ url: 'http://127.0.0.1:9090', queries: [{ name: 'down', expr: 'up == 0' }], everySeconds: 60 },
    ...{ delaySeconds: 0, lookBackHours: 1, authorization: () => undefined },
  };
  async function read(from: ReadPosition | undefined, untilMs: number): Promise<ReadBatch[]> {
    const stop = new AbortController();
    const batches: ReadBatch[] = [];
    const options = { signal: stop.signal, until: 'forever', batchBytes: 1, maxRecordBytes: 1e6 } as const;
    for await (const batch of prometheusReader(questions, outside)(from, {
      ...options,
      warn: (one) => warnings.push(one),
    })) {
      batches.push(batch);
      if (clock.now >= untilMs) stop.abort();
    }
    return batches;
  }
  return { asked, clock, warnings, read };
}
const vector = (...values: [object, string][]) =>
  Response.json({
    status: 'success',
    data: { resultType: 'vector', result: values.map(([metric, value]) => ({ metric, value: [0, value] })) },
  });
const down = () => vector([{ instance: 'a' }, '0']);

describe('questions to Prometheus', () => {
  it('are asked once for every step, and go on where they stopped', async () => {
    const { asked, read } = bed(down);
    const first = await read(undefined, START + 3 * MINUTE);
    expect(asked).toEqual([0, MINUTE, 2 * MINUTE, 3 * MINUTE]);
    await read(first.at(-1)!.next, START + 5 * MINUTE);
    expect(asked.slice(4)).toEqual([4 * MINUTE, 5 * MINUTE]);
    const positions = first.flatMap(({ records }) => records.map(({ position }) => position));
    expect(new Set(positions).size).toBe(4);
  });

  it('are asked again after failures, and nothing is left out', async () => {
    const failures = [new TypeError('fetch failed'), new Response('busy', { status: 503 })];
    const { asked, warnings, read } = bed(() => failures.shift() ?? down());
    const batches = await read(undefined, START + MINUTE);
    expect(asked).toEqual([0, 0, 0, MINUTE]);
    expect([batches.flatMap(({ records }) => records).length, warnings.length]).toEqual([2, 1]);
  });

  it('missed for longer than is looked back are a dead letter that says from when to when', async () => {
    const { asked, clock, read } = bed(down);
    const [first] = await read(undefined, START);
    clock.now = START + 3 * 60 * MINUTE;
    const batches = await read(first!.next, clock.now + 1);
    expect(batches[0]!.records).toMatchObject([
      {
        broken:
          'not asked from 2026-03-04T09:00:00.000Z to 2026-03-04T11:00:00.000Z: away for longer than lookBackHours',
      },
    ]);
    expect(asked).toContain(2 * 60 * MINUTE);
  });

  it.each([
    [
      new Response('{"status":"error","error":"parse error"}', { status: 400 }),
      'refuses the question: status 400, parse error',
    ],
    [Response.json({ data: { resultType: 'matrix', result: [] } }), 'gives matrix'],
  ])('that cannot be answered are named', async (answer, message) => {
    await expect(bed(() => answer).read(undefined, START + MINUTE)).rejects.toThrow(message);
  });
});

prometheus.describe('the real Prometheus', () => {
  it('answers what it scraped', { timeout: 120_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vigia-prometheus-'));
    const [port, closed] = [await freePort(), await freePort()];
    writeFileSync(
      join(folder, 'prom.yml'),
      `global: { scrape_interval: 1s }
scrape_configs: [{ job_name: gone, static_configs: [{ targets: ['127.0.0.1:${closed}'] }] }]
`,
    );
    const server = await contain({
      program: 'prometheus',
      args: [
        ...[`--config.file=${folder}/prom.yml`, `--storage.tsdb.path=${folder}/data`],
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      logFile: join(folder, 'prometheus.log'),
    });
    try {
      const url = `http://127.0.0.1:${port}`;
      const isScraped = async () =>
        (await (await fetch(`${url}/api/v1/query?query=up`)).text()).includes('"job":"gone"');
      await untilReady('Prometheus', [server], 60_000, isScraped);
      const stop = new AbortController();
      const questions = {
        ...{
          url,
          queries: [
            { name: 'down', expr: 'up == 0' },
            { name: 'all', expr: 'scalar(count(up))' },
          ],
        },
        ...{ everySeconds: 1, delaySeconds: 0, lookBackHours: 1, authorization: () => undefined },
      };
      const outside = {
        fetch,
        now: Date.now,
        sleep: (ms: number) => new Promise((next) => setTimeout(next, ms)),
      };
      const options = {
        signal: stop.signal,
        until: 'forever',
        batchBytes: 1,
        maxRecordBytes: 1e6,
        warn: () => undefined,
      } as const;
      const found: unknown[] = [];
      for await (const { records } of prometheusReader(questions, outside)(undefined, options)) {
        found.push(...records.map(({ raw }) => JSON.parse(Buffer.from(raw).toString())));
        // The first times lie before the first scrape.
        if (found.some((one) => (one as { query: string }).query === 'down')) stop.abort();
      }
      const labels = { __name__: 'up', instance: `127.0.0.1:${closed}`, job: 'gone' };
      expect(found.slice(-2)).toMatchObject([
        { query: 'down', labels, value: '0' },
        { query: 'all', labels: {}, value: '1' },
      ]);
    } finally {
      await server.stop('SIGTERM', 1_000);
      rmSync(folder, { recursive: true });
    }
  });
});
