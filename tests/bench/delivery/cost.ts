/** What a process cost, and how it is asked: our own say it themselves, others are looked up where the kernel counts. */
import { readFileSync } from 'node:fs';

export interface ProcessCost {
  events: number;
  seconds: number;
  /** User and system time, all threads. */
  cpuS: number;
  peakMb: number;
}

/** Clock ticks of Linux's /proc are hundredths of a second on every platform that Node runs on. */
const TICKS = 100;

/** Processor seconds of processes that are still there. */
export function cpuSecondsOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return sum + (Number(fields[11]) + Number(fields[12])) / TICKS;
  }, 0);
}

/** The most memory that each of them ever held, added up. */
export function peakMbOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const peak = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return sum + Number(peak ?? 0) / 1_024;
  }, 0);
}
