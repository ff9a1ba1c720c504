/** Bench `ingest`: a syslog file through normalise, match with our own rules, and the store; events a second and our own CPU. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../collectors/run.ts';
import { compose } from '../../server/compose.ts';
import { deliveryOf } from '../../server/roles/collect.ts';
import { readSettings, type Settings } from '../../server/settings.ts';
import { sourcesOf } from '../../server/sources.ts';
import { writeWorkload } from '../proofs/workload.ts';
import { startElasticsearch } from '../testbed/elasticsearch.ts';
import { type Bench, repeat } from './measure.ts';

const LINES = 100_000;

export const ingest: Bench = (options) =>
  repeat('ingest', options, async () => {
    const embedded = await measure({ kind: 'embedded', file: 'vigia.db' });
    const server = await startElasticsearch({ javaOptions: [] });
    try {
      const elasticsearch = await measure({ kind: 'elasticsearch', nodes: [server.url] });
      return {
        'embedded: events/s': embedded.rate,
        'embedded: CPU s per million': embedded.cpu,
        'elasticsearch: events/s': elasticsearch.rate,
        'elasticsearch: CPU s per million': elasticsearch.cpu,
      };
    } finally {
      await server.stop();
    }
  });

async function measure(store: Settings['store']): Promise<{ rate: number; cpu: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'vigia-bench-'));
  const work = await writeWorkload(folder, LINES);
  const state = join(folder, 'state');
  const settings: Settings = {
    ...readSettings(undefined, {}),
    state,
    retentionDays: 36_500,
    store: store.kind === 'embedded' ? { ...store, file: join(state, store.file) } : store,
  };
  process.env['VIGIA_LOG'] = 'error';
  const parts = await compose(settings);
  try {
    const [source] = await sourcesOf({ id: 'app', collector: 'linux-syslog', files: [work.file] }, state);
    const cpu = process.cpuUsage();
    const started = performance.now();
    await run(source!, deliveryOf(parts), { signal: new AbortController().signal, until: 'end' });
    const seconds = (performance.now() - started) / 1_000;
    const used = process.cpuUsage(cpu);
    return {
      rate: Math.round(LINES / seconds),
      cpu: Math.round(((used.user + used.system) / 1e6) * (1e6 / LINES) * 10) / 10,
    };
  } finally {
    await parts.close();
    rmSync(folder, { recursive: true });
  }
}
