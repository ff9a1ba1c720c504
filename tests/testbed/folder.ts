/** Temporary folders that name the process that made them, so that what a killed run left is swept by the next one. */
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

const prefix = 'vigia-testbed-';

/** Where downloads and templates are kept between runs; `VIGIA_CACHE` moves it. */
export function cacheFolder(...parts: readonly string[]): string {
  const root = process.env['VIGIA_CACHE'];
  return join(root === undefined || root === '' ? join(homedir(), '.cache', 'vigia') : root, ...parts);
}

/** A new folder `…/vigia-testbed-<pid>.<start>-<kind>-XXXXXX` that other users may pass through. */
export function temporaryFolder(kind: string): string {
  sweep();
  const folder = mkdtempSync(join(tmpdir(), `${prefix}${process.pid}.${startTime('self')}-${kind}-`));
  chmodSync(folder, 0o755);
  return folder;
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
}

/** The temporary folders that a process made and has not removed. */
export function foldersOf(pid: number): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith(`${prefix}${pid}.`));
}

/** Removes the folders of processes that are gone. Pid and start time together are never used twice. */
function sweep(): void {
  for (const name of readdirSync(tmpdir())) {
    const owner = /^vigia-testbed-(\d+)\.(\d+)-/.exec(name);
    if (owner === null || startTime(owner[1]!) === owner[2]) continue;
    try {
      removeFolder(join(tmpdir(), name));
    } catch {
      // A disk that a killed run left mounted: it is in nobody's way.
    }
  }
}

/** Field 22 of /proc/PID/stat; undefined when there is no such process. The name in field 2 may hold blanks. */
function startTime(pid: string): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
