/**
 * Bench `event-to-incident`: 500 lines a second appended to a file; from the moment a line is readable until its incident
 * is visible through the HTTP API (budget: p95 2 s), on both stores. Counted from the moment the service says it is ready,
 * on a store that has just started too; the first ten seconds are shown apart.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Incident } from '../../core/documents.ts';
import { startElasticsearch } from '../testbed/elasticsearch.ts';
import { type Bench, percentile, repeat } from './measure.ts';

/** Service and store have just started: whoever waits in these seconds waits longest. */
const COLD_SECONDS = 10;
const SECONDS = 30;
const PER_SECOND = 500;
const TICK_MS = 20;
/** One line in this many raises an incident of its own. */
const EVERY_ALERT = 50;
const POLL_MS = 100;
const LONGEST_MS = 30_000;

const RULE = `title: Bench alert
id: 0d6f2a5e-2f3b-4f66-8d43-4c2f7a9b1e01
status: test
description: A line that the bench wrote to be alerted on.
logsource: { product: linux }
detection:
  selection: { message|contains: 'Accepted password for bench' }
  condition: selection
level: high
`;

export const eventToIncident: Bench = (options) =>
  repeat('event-to-incident', options, async () => ({
    ...prefixed('embedded', await measure({ kind: 'embedded', file: 'vigia.db' })),
    ...prefixed('elasticsearch', await onElasticsearch()),
  }));

const prefixed = (name: string, figures: Record<string, number>) =>
  Object.fromEntries(Object.entries(figures).map(([key, value]) => [`${name}: ${key}`, value]));

async function onElasticsearch(): Promise<Record<string, number>> {
  const server = await startElasticsearch({ javaOptions: [] });
  try {
    return await measure({ kind: 'elasticsearch', nodes: [server.url] });
  } finally {
    await server.stop();
  }
}

async function measure(store: object): Promise<Record<string, number>> {
  const folder = mkdtempSync(join(tmpdir(), 'vigia-bench-'));
  const log = join(folder, 'auth.log');
  mkdirSync(join(folder, 'rules'));
  writeFileSync(join(folder, 'rules', 'bench.yml'), RULE);
  writeFileSync(log, '');
  const settings = {
    state: 'state',
    store,
    sources: [{ id: 'auth', collector: 'linux-syslog', files: [log] }],
    rules: ['rules'],
    api: { host: '127.0.0.1', port: 0 },
  };
  writeFileSync(join(folder, 'vigia.yml'), JSON.stringify(settings));
  const server = fork(
    join(import.meta.dirname, '..', '..', 'cli', 'main.ts'),
    ['serve', '--config', join(folder, 'vigia.yml')],
    {
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
      env: { ...process.env, VIGIA_LOG: 'error', NODE_ENV: 'production' },
      execArgv: ['--disable-warning=ExperimentalWarning'],
    },
  );
  try {
    await once(server.stdout!, 'data');
    const { url, token } = JSON.parse(readFileSync(join(folder, 'state', 'served.json'), 'utf8')) as {
      url: string;
      token: string;
    };
    return await watch(url, token, log);
  } finally {
    server.kill('SIGTERM');
    await once(server, 'exit');
    rmSync(folder, { recursive: true });
  }
}

async function watch(url: string, token: string, log: string): Promise<Record<string, number>> {
  const written = new Map<string, number>();
  const seen = new Map<string, number>();
  const writing = write(log, written);
  let ended = false;
  void writing.then(() => (ended = true));
  const deadline = performance.now() + SECONDS * 1_000 + LONGEST_MS;
  while (performance.now() < deadline && !(ended && seen.size === written.size)) {
    const answer = await fetch(`${url}/api/v1/incidents?sort=newest&size=200`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const { incidents } = (await answer.json()) as { incidents: Incident[] };
    const now = performance.now();
    for (const { entities } of incidents) {
      for (const { type, name } of entities)
        if (type === 'user' && written.has(name) && !seen.has(name)) seen.set(name, now);
    }
    await sleep(POLL_MS);
  }
  await writing;
  const delays = [...written].map(([name, at]) => (seen.get(name) ?? Number.POSITIVE_INFINITY) - at);
  const cold = delays.slice(0, (COLD_SECONDS * PER_SECOND) / EVERY_ALERT);
  return {
    incidents: seen.size,
    missing: written.size - seen.size,
    'p50 ms': Math.round(percentile(delays, 0.5)),
    'p95 ms': Math.round(percentile(delays, 0.95)),
    'p95 ms of the first 10 s': Math.round(percentile(cold, 0.95)),
    'p95 ms after that': Math.round(percentile(delays.slice(cold.length), 0.95)),
  };
}

/** Appends evenly; each alerting line names a user and an address of its own, so that each is an incident of its own. */
async function write(log: string, written: Map<string, number>): Promise<void> {
  const started = performance.now();
  const total = SECONDS * PER_SECOND;
  for (let n = 0; n < total; ) {
    const due = Math.min(total, Math.floor(((performance.now() - started) / 1_000) * PER_SECOND) + 1);
    let text = '';
    const names: string[] = [];
    for (; n < due; n++) {
      const time = new Date().toISOString();
      if (n % EVERY_ALERT === 0) {
        names.push(`bench${n}`);
        text += `<38>1 ${time} h${n} sshd ${n} - - Accepted password for bench${n} from 10.${n >> 16}.${(n >> 8) & 255}.${n & 255} port 22 ssh2\n`;
      } else text += `<38>1 ${time} app1 payd 9 - - benefit ${n} calculated\n`;
    }
    appendFileSync(log, text);
    for (const name of names) written.set(name, performance.now());
    await sleep(TICK_MS);
  }
}
