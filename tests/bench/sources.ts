/**
 * Bench `sources`: 500 sources in one process (files, and listeners over TCP), one of them flooding. From the moment a line is
 * written until its batch is published, for every line of the quiet ones: the slowest source's p95 against the median source's
 * (aim: at most three times).
 */
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { compose } from '../../server/compose.ts';
import { collect } from '../../server/roles/collect.ts';
import { openListeners } from '../../server/roles/listeners.ts';
import { readSettings, type Settings, type SourceSettings } from '../../server/settings.ts';
import { startElasticsearch } from '../testbed/elasticsearch.ts';
import { freePort } from '../testbed/wait.ts';
import { type Bench, percentile, repeat } from './measure.ts';

const FILES = 480;
const LISTENERS = 20;
const SECONDS = 30;
/** Written ahead of the reader of the flooding source, and again whenever less is left. */
const FLOOD_BYTES = 16 * 1_024 * 1_024;
const SETTLE_MS = 60_000;

export const sources: Bench = (options) =>
  repeat('sources', options, async () => {
    const wants = (store: string) => !options.only || options.only.includes(store);
    const figures = wants('embedded')
      ? named('embedded', await measure({ kind: 'embedded', file: 'vigia.db' }))
      : {};
    if (!wants('elasticsearch')) return figures;
    const server = await startElasticsearch({ javaOptions: [] });
    try {
      const elasticsearch = await measure({ kind: 'elasticsearch', nodes: [server.url] });
      return { ...figures, ...named('elasticsearch', elasticsearch) };
    } finally {
      await server.stop();
    }
  });

const named = (store: string, figures: Record<string, number>) =>
  Object.fromEntries(Object.entries(figures).map(([name, value]) => [`${store}: ${name}`, value]));

const lineAt = (at: number, n: number) =>
  `<38>1 ${new Date(at).toISOString()} app1 payd 9 - - benefit ${n} calculated\n`;

async function measure(store: Settings['store']): Promise<Record<string, number>> {
  const folder = mkdtempSync(join(tmpdir(), 'vigia-bench-'));
  mkdirSync(join(folder, 'rules'));
  const state = join(folder, 'state');
  const files = Array.from({ length: FILES }, (_, n) => join(folder, `app-${n}.log`));
  const ports = await Promise.all(Array.from({ length: LISTENERS }, () => freePort()));
  const settings: Settings = {
    ...readSettings(undefined, {}),
    state,
    rules: [join(folder, 'rules')],
    store: store.kind === 'embedded' ? { ...store, file: join(state, store.file) } : store,
    sources: [
      { id: 'flood', collector: 'linux-syslog', files: [join(folder, 'flood.log')] },
      ...files.map(
        (file, n): SourceSettings => ({ id: `file-${n}`, collector: 'linux-syslog', files: [file] }),
      ),
      ...ports.map(
        (port, n): SourceSettings => ({
          id: `tcp-${n}`,
          collector: 'linux-syslog',
          listen: { tcp: `127.0.0.1:${port}` },
        }),
      ),
    ],
  };
  process.env['VIGIA_LOG'] = 'error';
  const parts = await compose(settings);
  const stop = new AbortController();
  const waiting = new Map<string, number[]>();
  const lags = new Map<string, number[]>();
  let flooded = 0;
  let most = 0;
  try {
    const close = await openListeners(parts);
    const senders = await Promise.all(ports.map(dial));
    const collecting = collect(parts, {
      signal: stop.signal,
      until: 'forever',
      delivery: {
        observe({ source, read }) {
          most = Math.max(most, process.memoryUsage().rss);
          if (source === 'flood') flooded += read;
          const now = performance.now();
          for (const at of waiting.get(source)?.splice(0, read) ?? []) lags.get(source)!.push(now - at);
        },
      },
    });
    const note = (source: string) => {
      if (!lags.has(source)) lags.set(source, []);
      if (!waiting.has(source)) waiting.set(source, []);
      waiting.get(source)!.push(performance.now());
    };
    const flood = join(folder, 'flood.log');
    let written = 0;
    const started = performance.now();
    for (let second = 0; second < SECONDS; second++) {
      if (written < (flooded + 1) * 64 + FLOOD_BYTES) {
        const lines = Array.from({ length: FLOOD_BYTES / 64 }, (_, n) => lineAt(Date.now(), n)).join('');
        appendFileSync(flood, lines);
        written = statSync(flood).size;
      }
      for (const [n, file] of files.entries()) {
        appendFileSync(file, lineAt(Date.now(), second));
        note(`file-${n}`);
      }
      for (const [n, socket] of senders.entries()) {
        socket.write(lineAt(Date.now(), second));
        note(`tcp-${n}`);
      }
      await sleep(Math.max(0, started + (second + 1) * 1_000 - performance.now()));
    }
    const rate = Math.round(flooded / ((performance.now() - started) / 1_000));
    const deadline = performance.now() + SETTLE_MS;
    const left = () => [...waiting.values()].reduce((sum, { length }) => sum + length, 0);
    while (left() > 0 && performance.now() < deadline) await sleep(50);
    const missing = left();
    for (const socket of senders) socket.destroy();
    stop.abort();
    await close();
    await collecting;
    const p95 = [...lags.values()].map((one) => percentile(one, 0.95));
    const [median, slowest] = [percentile(p95, 0.5), Math.max(...p95)];
    return {
      'flood events/s': rate,
      'lines not delivered': missing,
      'median source p95 ms': Math.round(median),
      'slowest source p95 ms': Math.round(slowest),
      'slowest over median': Math.round((slowest / median) * 100) / 100,
      'most memory MB': Math.round(most / 1_048_576),
    };
  } finally {
    stop.abort();
    await parts.close();
    rmSync(folder, { recursive: true });
  }
}

async function dial(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  return socket;
}
