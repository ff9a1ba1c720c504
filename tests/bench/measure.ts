/** Repeating a measurement and naming the machine it ran on. */
import { cpus, totalmem } from 'node:os';

export const median = (values: readonly number[]): number => percentile(values, 0.5);

/** Nearest-rank percentile; NaN for nothing. */
export function percentile(values: readonly number[], rank: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(rank * sorted.length) - 1)] ?? Number.NaN;
}

export const machine = (): string =>
  `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`;

export interface BenchResult {
  bench: string;
  machine: string;
  runs: number;
  figures: Record<string, number>;
}

export interface BenchOptions {
  runs: number;
  /** 1 = the size that the acceptance asks for. */
  scale: number;
  /** Of a bench that has parts: these only. */
  only?: readonly string[];
  say: (line: string) => void;
}

export type Bench = (options: BenchOptions) => Promise<BenchResult>;

/** Medians of each figure over the runs. */
export async function repeat(
  bench: string,
  options: BenchOptions,
  once: (run: number) => Promise<Record<string, number>>,
): Promise<BenchResult> {
  const all: Record<string, number>[] = [];
  for (let run = 0; run < options.runs; run++) {
    const figures = await once(run);
    options.say(
      `run ${run + 1}: ${Object.entries(figures)
        .map(([name, value]) => `${name} ${value}`)
        .join(', ')}`,
    );
    all.push(figures);
  }
  const figures = Object.fromEntries(
    Object.keys(all[0] ?? {}).map((name) => [name, median(all.map((one) => one[name]!))]),
  );
  return { bench, machine: machine(), runs: options.runs, figures };
}
