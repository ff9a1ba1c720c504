/** Runs a program as a user would and says what it cost: time by the clock, processor time, memory at most, lines of output. */
import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Cost {
  wallS: number;
  /** User and system time, of all threads. */
  cpuS: number;
  peakMb: number;
  lines: number;
  stderr: string;
}

/** The shell adds up the times of its children exactly; the peak of memory is looked up while they run. */
const SCRIPT = '"$@" >"$OUTPUT" 2>"$ERRORS"; status=$?; times; exit $status';
const LOOK_MS = 20;

export async function wholeProgram(command: string, args: readonly string[]): Promise<Cost> {
  const folder = mkdtempSync(join(tmpdir(), 'vigia-bench-'));
  const output = join(folder, 'output');
  const errors = join(folder, 'errors');
  const times = join(folder, 'times');
  const stdout = openSync(times, 'w');
  try {
    const started = performance.now();
    const shell = spawn('sh', ['-c', SCRIPT, 'sh', command, ...args], {
      stdio: ['ignore', stdout, 'inherit'],
      env: { ...process.env, OUTPUT: output, ERRORS: errors },
    });
    let peakMb = 0;
    const looking = setInterval(() => {
      peakMb = Math.max(peakMb, peakOfChildren(shell.pid!));
    }, LOOK_MS);
    const status = await new Promise<number | null>((resolve, reject) => {
      shell.once('error', reject);
      shell.once('exit', resolve);
    }).finally(() => clearInterval(looking));
    const wallS = (performance.now() - started) / 1_000;
    const stderr = readFileSync(errors, 'utf8');
    if (status !== 0) throw new Error(`${command} ended with ${status}: ${stderr.slice(-500)}`);
    return { wallS, cpuS: childTimes(readFileSync(times, 'utf8')), peakMb, lines: linesOf(output), stderr };
  } finally {
    closeSync(stdout);
    rmSync(folder, { recursive: true });
  }
}

/** The second line of `times`: user and system time of the children, as `0m1.234s 0m0.056s`. */
function childTimes(text: string): number {
  const found = [...(text.trim().split('\n').at(-1) ?? '').matchAll(/(\d+)m([\d.]+)s/g)];
  return found.reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds), 0);
}

function peakOfChildren(pid: number): number {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
    const peaks = children.map(
      (child) => /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child}/status`, 'utf8'))?.[1],
    );
    return Math.max(...peaks.map((kilobytes) => Number(kilobytes ?? 0) / 1_024));
  } catch {
    return 0; // it has not started yet, or has ended already
  }
}

function linesOf(path: string): number {
  const bytes = readFileSync(path);
  let lines = 0;
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) lines++;
  return lines;
}
