import { describe, expect, it } from 'vitest';
import { fuzzCovered } from './fuzz-covered.ts';

describe('fuzzing what no record has reached', () => {
  it('finds records that reach new code, and none that a collector fails on', {
    timeout: 240_000,
  }, async () => {
    const only = ['linux-syslog', 'netbackup'];
    const lines: string[] = [];
    const result = await fuzzCovered({ scale: 0.0007, only, stores: [], say: (line) => lines.push(line) });
    expect(lines.filter((line) => !line.endsWith(' 0 failed'))).toEqual([]);
    expect(result.more['records that reached something new']).toBeGreaterThan(0);
  });
});
