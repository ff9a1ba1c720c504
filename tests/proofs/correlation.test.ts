import { describe, expect, it } from 'vitest';
import { correlation } from './correlation.ts';

describe('correlating while it is killed', () => {
  it('settles to what one ordered pass gives', { timeout: 240_000 }, async () => {
    const result = await correlation({ scale: 0.005, stores: [], say: () => undefined });
    expect(result).toMatchObject({ lost: 0, doubled: 0, failed: 0 });
    expect(result.more['episodes']).toBeGreaterThan(1_000);
  });
});
