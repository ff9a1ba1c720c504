import { describe, expect, it } from 'vitest';
import { needInstalled } from '../testbed/need.ts';
import { correlation } from './correlation.ts';
import { ingestKill } from './ingest-kill.ts';
import { storeOutage } from './store-outage.ts';

const say = () => undefined;
const elasticsearch = await needInstalled('elasticsearch');

/** The short forms; `npm run proof -- NAME` is the full size. */
describe('killing the service while it ingests', () => {
  it('loses and doubles nothing on the embedded store', { timeout: 240_000 }, async () => {
    const result = await ingestKill({ scale: 0.06, stores: ['embedded'], say });
    expect(result).toMatchObject({ lost: 0, doubled: 0, failed: 0 });
    expect(result.cases).toBeGreaterThanOrEqual(7);
  });
});

describe('correlating while it is killed', () => {
  it('settles to what one ordered pass gives', { timeout: 240_000 }, async () => {
    const result = await correlation({ scale: 0.005, stores: [], say });
    expect(result).toMatchObject({ lost: 0, doubled: 0, failed: 0 });
    expect(result.more['episodes']).toBeGreaterThan(1_000);
  });
});

elasticsearch.describe('on a real Elasticsearch', () => {
  it('loses and doubles nothing when the service is killed', { timeout: 400_000 }, async () => {
    const result = await ingestKill({ scale: 0.03, stores: ['elasticsearch'], say });
    expect(result).toMatchObject({ lost: 0, doubled: 0, failed: 0 });
  });

  it('loses and doubles nothing when the store is killed and comes back', { timeout: 400_000 }, async () => {
    expect(await storeOutage({ scale: 0.1, stores: ['elasticsearch'], say })).toMatchObject({
      lost: 0,
      doubled: 0,
      failed: 0,
    });
  });
});
