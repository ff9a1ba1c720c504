/** A real server in a folder of its own, fed with the demo's recordings, for stories on a terminal. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { TargetsSettings } from '../../targets/settings.ts';

export const VIGIA = resolve(import.meta.dirname, '../../bin/vigia');
const SAMPLES = resolve(import.meta.dirname, '../../demo/samples');

export interface Service {
  settingsFile: string;
  folder: string;
  vigia(...args: string[]): Promise<string>;
  token(user: string, ...roles: string[]): Promise<string>;
  stop(): Promise<void>;
}

export interface Ingested {
  collector: string;
  file: string;
}
export const RECORDED: readonly Ingested[] = [
  { collector: 'samba-audit', file: join(SAMPLES, 'samba-ad/dsdb.jsonl') },
  { collector: 'linux-syslog', file: join(SAMPLES, 'linux/all-rfc5424.log') },
];

export async function service(targets: TargetsSettings, inputs: readonly Ingested[]): Promise<Service> {
  const folder = mkdtempSync(join(tmpdir(), 'vigia-terminal-'));
  const settingsFile = join(folder, 'vigia.yml');
  // YAML reads JSON.
  writeFileSync(
    settingsFile,
    JSON.stringify({
      state: 'state',
      store: { kind: 'embedded' },
      api: { port: 0 },
      retentionDays: 3_650,
      targets,
    }),
  );
  const env = { ...process.env, VIGIA_CONFIG: settingsFile, HOME: folder };
  const vigia = async (...args: string[]) =>
    (await promisify(execFile)(VIGIA, args, { env, maxBuffer: 64 * 1_024 * 1_024 })).stdout.trim();
  for (const { collector, file } of inputs) await vigia('ingest', collector, file);
  const server = spawn(VIGIA, ['serve', '--roles', 'detect,respond,api'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await ready(server);
  return {
    settingsFile,
    folder,
    vigia,
    token: (user, ...roles) => vigia('tokens', 'create', user, ...roles.flatMap((role) => ['--role', role])),
    async stop() {
      const ended = new Promise((done) => server.once('exit', done));
      server.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const ready = (server: ChildProcess): Promise<void> =>
  new Promise((done, fail) => {
    let said = '';
    server.once('exit', (code) => fail(new Error(`the server ended with ${code}: ${said}`)));
    server.stdout!.on('data', (chunk: Buffer) => {
      said += chunk.toString('utf8');
      if (said.includes('vigia serves')) done();
    });
  });
