import { describe, expect, it } from 'vitest';
import { needInstalled } from '../testbed/need.ts';
import { ingestKill } from './ingest-kill.ts';

const say = () => undefined;
const clean = { lost: 0, doubled: 0, failed: 0 };

describe('killing the service while it ingests', () => {
  it('loses and doubles nothing on the embedded store', { timeout: 240_000 }, async () => {
    const result = await ingestKill({ scale: 0.06, stores: ['embedded'], say });
    expect(result).toMatchObject(clean);
    expect(result.cases).toBeGreaterThanOrEqual(7);
  });
});

(await needInstalled('elasticsearch')).describe('killing the service on a real Elasticsearch', () => {
  it('loses and doubles nothing', { timeout: 400_000 }, async () => {
    expect(await ingestKill({ scale: 0.03, stores: ['elasticsearch'], say })).toMatchObject(clean);
  });
});
