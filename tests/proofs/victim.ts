/** Starts the service in a process of its own, kills it where the proof says, and waits for what it does. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const CHILD = join(import.meta.dirname, 'child.ts');
/** As bin/vigia starts it. */
const NODE_OPTIONS = ['--max-semi-space-size=16', '--disable-warning=ExperimentalWarning'];

export interface Victim {
  process: ChildProcess;
  /** Checkpoints written so far, the most memory seen (bytes), event time of the newest event delivered, and whether its checkpoint is written. */
  state: {
    checkpoints: number;
    rss: number;
    /** Memory at each checkpoint. */
    memory: number[];
    cut: boolean;
    newestMs: number;
    /** Records delivered, and those of each source. */
    read: number;
    readOf: Map<string, number>;
    settled: boolean;
  };
  kill(): Promise<void>;
  /** Ends politely. */
  stop(): Promise<void>;
  /** Resolves when `done` holds; checked at every message of the child. Rejects when the child ends by itself. */
  until(done: () => boolean): Promise<void>;
}

export interface VictimOptions {
  /** Where it stops for ever, to be killed. */
  cut?: { stage: string; after: number };
  /** A program that starts it, with its arguments: in another network. */
  through?: readonly [string, ...string[]];
  env?: NodeJS.ProcessEnv;
}

const running = new Set<ChildProcess>();

/** Ends what a proof that failed has left running; it would keep this process alive. */
export function killVictims(): void {
  for (const child of running) child.kill('SIGKILL');
}

export async function startVictim(
  settings: string,
  { cut, through, env }: VictimOptions = {},
): Promise<Victim> {
  const [program = process.execPath, ...first] = through ? [...through, process.execPath] : [];
  const child = fork(CHILD, [settings, ...(cut ? [JSON.stringify(cut)] : [])], {
    execPath: program,
    execArgv: [...first, ...NODE_OPTIONS],
    env: { ...process.env, ...env },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const memory: number[] = [];
  const state = {
    checkpoints: 0,
    rss: 0,
    memory,
    cut: false,
    ready: false,
    newestMs: 0,
    read: 0,
    readOf: new Map<string, number>(),
    settled: false,
  };
  let wake: () => void = () => undefined;
  child.on(
    'message',
    (message: {
      checkpoint?: number;
      rss?: number;
      cut?: string;
      ready?: true;
      newestMs?: number;
      read?: number;
      source?: string;
    }) => {
      if (message.checkpoint !== undefined) {
        state.checkpoints += 1;
        memory.push(message.rss ?? 0);
        // The checkpoint that follows the newest event: nothing is under way.
        state.settled = state.newestMs > 0;
      }
      state.rss = Math.max(state.rss, message.rss ?? 0);
      if (message.newestMs !== undefined) {
        state.newestMs = Math.max(state.newestMs, message.newestMs);
        state.settled = false;
      }
      const { read = 0, source = '' } = message;
      state.read += read;
      state.readOf.set(source, (state.readOf.get(source) ?? 0) + read);
      if (message.cut) state.cut = true;
      if (message.ready) state.ready = true;
      wake();
    },
  );
  running.add(child);
  const ended = once(child, 'exit').finally(() => running.delete(child));
  void ended.then(() => wake());
  const until = async (done: () => boolean): Promise<void> => {
    while (!done()) {
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(`the service ended by itself (${child.exitCode ?? child.signalCode})`);
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };
  await until(() => state.ready);
  return {
    process: child,
    state,
    until,
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
