import { expect, it } from 'vitest';
import { needInstalled } from '../testbed/need.ts';
import { storeOutage } from './store-outage.ts';

(await needInstalled('elasticsearch')).describe(
  'killing a real Elasticsearch while the service ingests',
  () => {
    it('loses and doubles nothing when it comes back', { timeout: 400_000 }, async () => {
      const result = await storeOutage({ scale: 0.1, stores: ['elasticsearch'], say: () => undefined });
      expect(result).toMatchObject({ lost: 0, doubled: 0, failed: 0 });
    });
  },
);
