/** What a process holds in memory, as its system counts it. */
import { readFileSync } from 'node:fs';

/** Bytes. */
export function memoryOf(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kib ?? 0) * 1_024;
}

export const mb = (bytes: number): number => Math.round(bytes / 1_048_576);
