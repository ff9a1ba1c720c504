import { describe, expect, it } from 'vitest';
import { collection } from './collection.ts';

describe('the fault matrix, a part of it', () => {
  it('loses and doubles nothing when files rotate and the disk of the spool is full', {
    timeout: 240_000,
  }, async () => {
    const only = ['renamed', 'copied', 'spool-full'];
    const result = await collection({
      scale: 1,
      events: 2_000,
      only,
      stores: ['embedded'],
      say: () => undefined,
    });
    expect(result).toMatchObject({ cases: only.length, lost: 0, doubled: 0, failed: 0 });
  });
});
