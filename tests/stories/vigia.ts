/** Runs the command as a person or a script does: another process, its output, its exit code. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

export const projectRoot = resolve(import.meta.dirname, '..', '..');
/** A recorded file of the demo. */
export const sample = (...parts: string[]) => join(projectRoot, 'demo', 'samples', ...parts);

export interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

export interface Installation {
  folder: string;
  settings: string;
  /** `vigia …` with the settings of this installation. */
  vigia(
    args: readonly string[],
    given?: { stdin?: string | Buffer; env?: NodeJS.ProcessEnv },
  ): Promise<Ended>;
  /** The same with `--json`: what it printed, parsed. */
  json(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<unknown>;
  /** Starts the service; resolves when it says that it is ready. */
  serve(...args: string[]): Promise<Service>;
  close(): Promise<void>;
}

export interface Service {
  address: string;
  /** What it logged until now. */
  log(): string;
  /** Resolves with the first line of the log that matches, past ones included. */
  logged(pattern: RegExp): Promise<string>;
  /** Asks it to stop; resolves with its exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** A folder with a settings file and everything Vigia writes. `settings` is JSON, which YAML contains. */
export function install(settings: object = {}): Installation {
  const folder = mkdtempSync(join(tmpdir(), 'vigia-story-'));
  const file = join(folder, 'vigia.yml');
  const usual = { state: 'state', retentionDays: 3_650, api: { port: 0 } };
  writeFileSync(file, JSON.stringify({ ...usual, ...settings }, null, 1));
  const running = new Set<Service>();
  const installation: Installation = {
    folder,
    settings: file,
    vigia: (args, { stdin, env } = {}) => end(start(['--config', file, ...args], env), stdin),
    async json(args, env) {
      const { code, stdout, stderr } = await installation.vigia([...args, '--json'], env ? { env } : {});
      try {
        return JSON.parse(stdout);
      } catch {
        throw new Error(`vigia ${args.join(' ')} ended with ${code}: ${stdout}${stderr}`);
      }
    },
    async serve(...args) {
      const service = await ready(start(['--config', file, 'serve', '--json', ...args]));
      running.add(service);
      return service;
    },
    async close() {
      await Promise.all([...running].map((service) => service.stop('SIGKILL')));
      rmSync(folder, { recursive: true });
    },
  };
  return installation;
}

export const run = (command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> =>
  end(spawn(command, args, { cwd: projectRoot, env: { ...process.env, ...env } }));

function start(args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  const {
    VIGIA_URL: _url,
    VIGIA_TOKEN: _token,
    VIGIA_CONFIG: _config,
    VIGIA_STATE: _state,
    ...clean
  } = process.env;
  const main = join(projectRoot, 'cli', 'main.ts');
  return spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, ...args], {
    env: { ...clean, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

function end(child: ChildProcess, stdin: string | Buffer = ''): Promise<Ended> {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout!.on('data', (bytes: Buffer) => out.push(bytes));
  child.stderr!.on('data', (bytes: Buffer) => err.push(bytes));
  // A command that does not read its input closes it; that is no failure of the test.
  child.stdin!.on('error', () => undefined).end(stdin);
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('close', (code, signal) =>
      done({
        code: code ?? (signal ? 128 : 0),
        stdout: Buffer.concat(out).toString(),
        stderr: Buffer.concat(err).toString(),
      }),
    );
  });
}

async function ready(child: ChildProcess): Promise<Service> {
  let log = '';
  const listeners = new Set<() => void>();
  child.stderr!.on('data', (bytes: Buffer) => {
    log += bytes.toString();
    for (const listener of listeners) listener();
  });
  const ended = new Promise<number | null>((done) => child.on('close', done));
  const address = await new Promise<string>((done, fail) => {
    createInterface({ input: child.stdout! }).once('line', (line) => {
      done(String((JSON.parse(line) as { address?: string }).address));
    });
    void ended.then((code) => fail(new Error(`vigia serve ended with ${code}: ${log}`)));
  });
  return {
    address,
    log: () => log,
    logged: (pattern) =>
      new Promise((done) => {
        const look = () => {
          const line = log.split('\n').find((one) => pattern.test(one));
          if (line === undefined) return;
          listeners.delete(look);
          done(line);
        };
        listeners.add(look);
        look();
      }),
    stop(signal = 'SIGTERM') {
      child.kill(signal);
      return ended;
    },
  };
}
