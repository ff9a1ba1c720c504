/** Which processes a server consists of, and which of them still exist. */
import { readdirSync, readFileSync } from 'node:fs';

/** All processes below this one. */
export function descendantsOf(pid: number): number[] {
  return childrenOf(pid).flatMap((child) => [child, ...descendantsOf(child)]);
}

/** Those that it started itself. Each thread has a list of the processes that it started. */
export function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) => {
      const list = readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').trim();
      return list === '' ? [] : list.split(' ').map(Number);
    });
  } catch {
    // The process, or one of its threads, has just ended.
    return [];
  }
}

/** Those of the processes that still exist in any state but ended (`Z`). */
export function stillRunning(pids: readonly number[]): number[] {
  return pids.filter((pid) => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      return stat.slice(stat.lastIndexOf(')') + 2)[0] !== 'Z';
    } catch {
      // No such process.
      return false;
    }
  });
}
