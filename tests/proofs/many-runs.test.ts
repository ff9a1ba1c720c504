import { describe, expect, it } from 'vitest';
import { manyRuns } from './many-runs.ts';

describe('two hundred runs at once', () => {
  it('keep their leases on the embedded store', { timeout: 240_000 }, async () => {
    const result = await manyRuns({ scale: 0.25, stores: [], say: () => undefined });
    expect(result).toMatchObject({ cases: 200, lost: 0, doubled: 0, failed: 0 });
    expect(result.more['renewals']).toBeGreaterThan(200 * 4);
  });
});
