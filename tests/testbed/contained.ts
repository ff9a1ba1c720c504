/** Starts a server in process and mount namespaces of its own: it and all its children die with this process. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { lastLines } from './command.ts';
import { childrenOf, descendantsOf } from './processes.ts';

export interface ContainedOptions {
  readonly program: string;
  readonly args: readonly string[];
  /** Numeric user and group to run as; root when absent. */
  readonly user?: User;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Folders or files that the server sees at another place. */
  readonly mounts?: readonly Mount[];
  /** Receives the standard output and error of the server. */
  readonly logFile: string;
}

export interface User {
  readonly uid: number;
  readonly gid: number;
}

export interface Mount {
  readonly from: string;
  readonly to: string;
}

export interface Contained {
  /** The server's main process, as this machine numbers it. */
  readonly pid: number;
  /** The main process and all below it. */
  pids(): number[];
  isRunning(): boolean;
  /** Signals the main process only. */
  signal(name: NodeJS.Signals): void;
  /** Signals the main process and all below it. */
  signalAll(name: NodeJS.Signals): void;
  /** Asks it to end, kills it after `graceMs`, and returns when nothing of it is left. */
  stop(name?: NodeJS.Signals, graceMs?: number): Promise<void>;
  /** The end of its output, for messages. */
  lastWords(): string;
}

/**
 * The server is process 1 of a process namespace. When it ends, the kernel kills what it had started; it is itself
 * killed with `unshare`, which is killed with us, even by SIGKILL. A pid namespace is also why no signal without a
 * handler reaches the server except SIGKILL and SIGSTOP.
 */
export async function contain(options: ContainedOptions): Promise<Contained> {
  const log = openSync(options.logFile, 'a');
  const mounts = options.mounts ?? [];
  const script = `${mounts.map((_, i) => `mount --rbind "$${2 * i + 1}" "$${2 * i + 2}" && `).join('')}shift ${
    2 * mounts.length
  } && exec "$@"`;
  const child = spawn(
    'setpriv',
    [
      ...[
        '--pdeathsig',
        'KILL',
        'unshare',
        '--mount',
        '--pid',
        '--mount-proc',
        '--fork',
        '--kill-child=KILL',
      ],
      ...['sh', '-c', script, 'sh', ...mounts.flatMap(({ from, to }) => [from, to])],
      ...(options.user === undefined ? [] : asUser(options.user)),
      ...[options.program, ...options.args],
    ],
    {
      stdio: ['ignore', log, log],
      // A group of its own, so that Ctrl-C in a terminal does not reach it before the tests have stopped it.
      detached: true,
      cwd: options.cwd ?? '/',
      env: options.env ?? process.env,
    },
  );
  closeSync(log);
  const ended = once(child, 'exit').then(
    () => undefined,
    () => undefined,
  );
  await once(child, 'spawn');
  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;
  const pid = await firstChild(child.pid!, isRunning);
  const send = (target: number, name: NodeJS.Signals): void => {
    try {
      process.kill(target, name);
    } catch (cause) {
      // It ended between our look and our signal, which is what a signal is mostly for.
      if ((cause as NodeJS.ErrnoException).code !== 'ESRCH') throw cause;
    }
  };
  const pids = (): number[] => (isRunning() && pid !== undefined ? [pid, ...descendantsOf(pid)] : []);
  const lastWords = (): string =>
    existsSync(options.logFile) ? lastLines(readFileSync(options.logFile, 'utf8')) : '';
  if (pid === undefined) throw new Error(`${options.program} did not start:\n${lastWords()}`);
  return {
    pid,
    pids,
    isRunning,
    signal: (name) => isRunning() && send(pid, name),
    signalAll(name) {
      for (const each of pids()) send(each, name);
    },
    async stop(name = 'SIGTERM', graceMs = 10_000) {
      if (!isRunning()) return;
      send(pid, name);
      const timer = setTimeout(() => send(pid, 'SIGKILL'), graceMs);
      await ended;
      clearTimeout(timer);
    },
    lastWords,
  };
}

/**
 * A /tmp that the server shares with nobody, in `folder`/tmp, while `folder` keeps its path inside. Java needs it: a JVM
 * is attached to through /tmp/.java_pid<N>, and in process namespaces two JVMs have the same N.
 */
export function privateTmp(folder: string): Mount[] {
  const tmp = join(folder, 'tmp');
  mkdirSync(tmp, { recursive: true });
  chmodSync(tmp, 0o1777);
  const inside = relative('/tmp', folder);
  if (inside.startsWith('..')) return [{ from: tmp, to: '/tmp' }];
  mkdirSync(join(tmp, inside), { recursive: true });
  return [
    { from: folder, to: join(tmp, inside) },
    { from: tmp, to: '/tmp' },
  ];
}

/** Changing the user clears the parent-death signal, so it is asked for again. */
function asUser({ uid, gid }: User): string[] {
  return ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--pdeathsig', 'KILL'];
}

/** `unshare` forks the server a few milliseconds after its own start. */
async function firstChild(parent: number, isRunning: () => boolean): Promise<number | undefined> {
  while (isRunning()) {
    const child = childrenOf(parent)[0];
    if (child !== undefined) return child;
    await new Promise((again) => setTimeout(again, 2));
  }
  return undefined;
}
