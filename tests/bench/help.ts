/** Bench `help`: how long `vigia --help` takes, process start included (budget 150 ms). */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { type Bench, percentile, repeat } from './measure.ts';

const VIGIA = join(import.meta.dirname, '..', '..', 'bin', 'vigia');
const STARTS = 11;

export const help: Bench = (options) =>
  repeat('help', options, async () => {
    const times = Array.from({ length: STARTS }, () => {
      const started = performance.now();
      spawnSync(VIGIA, ['--help'], { stdio: 'ignore' });
      return performance.now() - started;
    });
    return { 'p50 ms': Math.round(percentile(times, 0.5)), 'p95 ms': Math.round(percentile(times, 0.95)) };
  });
