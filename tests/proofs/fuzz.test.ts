import { describe, expect, it } from 'vitest';
import { fuzz } from './fuzz.ts';

describe('fuzzing the parsers', () => {
  it('makes none of them throw, or give another event for the same bytes', { timeout: 240_000 }, async () => {
    const failures: string[] = [];
    const result = await fuzz({ scale: 0.002, stores: [], say: (line) => failures.push(line) });
    expect(failures).toEqual([]);
    expect(result.cases).toBeGreaterThan(4_000);
  });
});
