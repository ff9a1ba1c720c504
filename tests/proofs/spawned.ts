/** Starts one of many processes that load the same modules. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** `ended`: the signal or exit code. `told` is handed over as one JSON argument. */
export function spawned(
  program: string,
  told: unknown,
): { readonly pid: number; readonly ended: Promise<string> } {
  const flags = ['--disable-warning=ExperimentalWarning', program, JSON.stringify(told)];
  const started = spawn(process.execPath, flags, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { NODE_COMPILE_CACHE: join(tmpdir(), 'vigia-compiled'), ...process.env },
  });
  const ended = once(started, 'exit').then(([code, signal]) => String(signal ?? code));
  return { pid: started.pid!, ended };
}
