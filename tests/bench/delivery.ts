/**
 * Bench `delivery`: a syslog file into a real Elasticsearch, matching off: read, parsed, normalised, with ids and ledger; beside
 * a plain poster that sends the very same documents, made ahead, under the same ids to the same server. They take turns to
 * begin. What C shippers cost is not measured here.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepare } from '../../collectors/delivery/prepare.ts';
import { linuxSyslog } from '../../collectors/linux-syslog.ts';
import { lineCutter } from '../../collectors/reading/lines.ts';
import { run } from '../../collectors/run.ts';
import type { Event } from '../../core/event.ts';
import { partitionOf } from '../../core/partition.ts';
import { compose } from '../../server/compose.ts';
import type { Parts } from '../../server/parts.ts';
import { deliveryOf } from '../../server/roles/collect.ts';
import { readSettings } from '../../server/settings.ts';
import { sourcesOf } from '../../server/sources.ts';
import { planWorkload, takeLines, type Workload, writeWorkload } from '../proofs/workload.ts';
import { startElasticsearch } from '../testbed/elasticsearch.ts';
import { type Bench, repeat } from './measure.ts';

const LINES = 100_000;
const DOCUMENTS_PER_REQUEST = 1_000;
const REQUESTS_AT_ONCE = 2;

interface Cost {
  rate: number;
  cpu: number;
}

export const delivery: Bench = (options) =>
  repeat('delivery', options, async (number) => {
    const server = await startElasticsearch({ javaOptions: [], heapMb: 1_024 });
    const folder = mkdtempSync(join(tmpdir(), 'vigia-bench-'));
    try {
      const work = await writeWorkload(folder, LINES);
      const vigia = () => withParts(server.url, folder, 'vigia', (parts) => deliver(parts, work, folder));
      const plain = () => withParts(server.url, folder, 'plain', () => post(server.url, folder));
      const order = number % 2 === 0 ? [vigia, plain] : [plain, vigia];
      const costs = new Map<() => Promise<Cost>, Cost>();
      for (const one of order) costs.set(one, await one());
      const [own, other] = [costs.get(vigia)!, costs.get(plain)!];
      return {
        'vigia: events/s': own.rate,
        'vigia: CPU s per million': own.cpu,
        'plain poster: events/s': other.rate,
        'plain poster: CPU s per million': other.cpu,
        'vigia over plain poster, events/s': Math.round((own.rate / other.rate) * 100) / 100,
      };
    } finally {
      rmSync(folder, { recursive: true });
      await server.stop();
    }
  });

/** Indices of its own, from the same templates; no rules. */
async function withParts(url: string, folder: string, prefix: string, work: (parts: Parts) => Promise<Cost>) {
  process.env['VIGIA_LOG'] = 'error';
  const parts = await compose({
    ...readSettings(undefined, {}),
    state: join(folder, prefix),
    retentionDays: 36_500,
    rules: [],
    store: { kind: 'elasticsearch', nodes: [url], prefix },
  });
  try {
    return await work(parts);
  } finally {
    await parts.close();
  }
}

async function deliver(parts: Parts, work: Workload, folder: string): Promise<Cost> {
  const [source] = await sourcesOf({ id: 'app', collector: 'linux-syslog', files: [work.file] }, folder);
  const evaluate = async () => ({ matches: [], alerts: [] });
  return await costOf(() =>
    run(source!, { ...deliveryOf(parts), evaluate }, { signal: new AbortController().signal, until: 'end' }),
  );
}

async function post(url: string, folder: string): Promise<Cost> {
  const bodies = bodiesOf(folder);
  return await costOf(async () => {
    const left = bodies.values();
    await Promise.all(
      Array.from({ length: REQUESTS_AT_ONCE }, async () => {
        for (const body of left) {
          const answer = await fetch(`${url}/_bulk`, {
            method: 'POST',
            headers: { 'content-type': 'application/x-ndjson' },
            body,
          });
          const { errors } = (await answer.json()) as { errors: boolean };
          if (errors) throw new Error('the plain poster was refused');
        }
      }),
    );
  });
}

/** The documents that Vigia makes of the same lines, as bulk requests. */
function bodiesOf(folder: string): string[] {
  const readMs = Date.now();
  const work = planWorkload(folder, LINES);
  const { events } = prepare(
    lineCutter(0, 1_048_576)
      .push(Buffer.from(`${takeLines(work, LINES).join('\n')}\n`))
      .map((record) => ({ ...record, generation: 1 })),
    { id: 'app', collector: linuxSyslog },
    {
      readMs,
      retentionStartMs: 0,
      time: { anchor: new Date(readMs).toISOString(), zone: '0' },
      batch: 'app/1/plain',
    },
  );
  const lines = events.map(({ event }) => bulkLines(event, readMs));
  return Array.from({ length: Math.ceil(lines.length / DOCUMENTS_PER_REQUEST) }, (_, n) =>
    lines.slice(n * DOCUMENTS_PER_REQUEST, (n + 1) * DOCUMENTS_PER_REQUEST).join(''),
  );
}

function bulkLines(event: Event, readMs: number): string {
  const index = partitionOf(event, { readMs, retentionStartMs: 0 }).replace(/^vigia/, 'plain');
  return `${JSON.stringify({ create: { _index: index, _id: event.event.id } })}\n${JSON.stringify(event)}\n`;
}

async function costOf(work: () => Promise<void>): Promise<Cost> {
  const cpu = process.cpuUsage();
  const started = performance.now();
  await work();
  const seconds = (performance.now() - started) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  return {
    rate: Math.round(LINES / seconds),
    cpu: Math.round((((user + system) / 1e6) * 1e7) / LINES) / 10,
  };
}
