/** One line of the fault matrix: what goes wrong, on which stores, and what came of it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bed } from '../bed.ts';
import type { Victim } from '../victim.ts';

/** Longer than the pauses of whoever asks again and again. */
const QUIET_MS = 500;
const QUIET_LOOKS = 6;

export type StoreKind = 'embedded' | 'elasticsearch';

export interface FaultContext {
  store: StoreKind;
  /** Records written. */
  events: number;
  /** In the short form a fault happens less often and lasts less long. */
  isShort: boolean;
  say: (line: string) => void;
}

export interface Outcome {
  /** How often the fault happened. */
  times: number;
  lost: number;
  doubled: number;
  /** Wrong alerts, ledger differences, alerts without incident, memory over its bound. */
  failed: number;
  /** Measured, not judged. */
  note?: string;
}

export interface Fault {
  name: string;
  sources: 'files' | 'EVTX' | 'SQL' | 'TCP' | 'UDP' | '_bulk' | 'OTLP';
  stores: readonly StoreKind[];
  /** Why it cannot be made here; undefined when it can. */
  cannot?: () => Promise<string | undefined>;
  run(context: FaultContext): Promise<Outcome>;
}

/** Waits until the service has delivered the last line. */
export async function untilRead({ work }: Bed, victim: Victim): Promise<void> {
  await victim.until(() => victim.state.newestMs === work.lastMs && victim.state.settled);
}

/** Waits until the service has read nothing for a while: where the newest line is not the last to be delivered. */
export async function untilQuiet(victim: Victim): Promise<void> {
  for (let quiet = 0, before = -1; quiet < QUIET_LOOKS; ) {
    await sleep(QUIET_MS);
    const { read, settled } = victim.state;
    // A process that was started last of all may find nothing left to read.
    quiet = read === before && (read === 0 || settled) ? quiet + 1 : 0;
    before = read;
  }
}

/** Reads on to the end, stops the service, and counts. */
export async function finish(
  bed: Bed,
  victim: Victim,
  times: number,
  isRead: (bed: Bed, victim: Victim) => Promise<void> = untilRead,
): Promise<Outcome> {
  await isRead(bed, victim);
  await victim.stop();
  return outcomeOf(bed, times);
}

export async function outcomeOf(bed: Bed, times: number): Promise<Outcome> {
  const { lost, doubled, alerts, ledger, incidentsWithout } = await bed.judge();
  return { times, lost, doubled, failed: alerts + ledger + incidentsWithout };
}

/** Looks every now and then; the service tells only of its own progress. */
export async function untilTrue(isSo: () => boolean | Promise<boolean>, timeoutMs = 300_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs / 1_000} s: ${isSo}`);
    await sleep(50);
  }
}

/** Memory at nine tenths of the run over memory at three tenths, each the middle of the checkpoints around. */
export function memoryGrowth({ state: { memory } }: Victim): number {
  const around = (share: number) => {
    const from = Math.floor(memory.length * (share - 0.05));
    const some = memory
      .slice(from, Math.max(from + 1, Math.floor(memory.length * (share + 0.05))))
      .sort((a, b) => a - b);
    return some[Math.floor(some.length / 2)] ?? Number.NaN;
  };
  return around(0.9) / around(0.3);
}
