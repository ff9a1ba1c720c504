import { describe, expect, it } from 'vitest';
import { needCorpus, needInstalled } from '../testbed/need.ts';
import { auditd } from './auditd.ts';
import { collection } from './collection.ts';
import { correlation } from './correlation.ts';
import { equalAnswers } from './equal-answers.ts';
import { evtx } from './evtx.ts';
import { fuzz } from './fuzz.ts';
import { fuzzCovered } from './fuzz-covered.ts';
import { ingestKill } from './ingest-kill.ts';
import { manyRuns } from './many-runs.ts';
import { storeOutage } from './store-outage.ts';

const say = () => undefined;
/** The same draw in every run: a failure is then the change's, and the full proof draws its own. */
process.env['VIGIA_SEED'] ??= '561961';
const corpus = needCorpus('bench');
const elasticsearch = await needInstalled('elasticsearch');
const laurel = await needInstalled('auditd');
const audit = laurel.isThere ? needCorpus('samples') : laurel;
const others = await needInstalled('evtx');
const readers = others.isThere ? needCorpus('evtx') : others;

/** The short forms; `npm run proof -- NAME` is the full size. */
describe('killing the service while it ingests', () => {
  it('loses and doubles nothing on the embedded store', { timeout: 240_000 }, async () => {
    const result = await ingestKill({ scale: 0.06, stores: ['embedded'], say });
    expect(result).toMatchObject({ lost: 0, doubled: 0, failed: 0 });
    expect(result.cases).toBeGreaterThanOrEqual(7);
  });
});

describe('the fault matrix, a part of it', () => {
  it('loses and doubles nothing when files rotate and the disk of the spool is full', {
    timeout: 240_000,
  }, async () => {
    const only = ['renamed', 'copied', 'spool-full'];
    const result = await collection({ scale: 1, events: 2_000, only, stores: ['embedded'], say });
    expect(result).toMatchObject({ cases: only.length, lost: 0, doubled: 0, failed: 0 });
  });
});

describe('fuzzing the parsers', () => {
  it('makes none of them throw, or give another event for the same bytes', { timeout: 240_000 }, async () => {
    const failures: string[] = [];
    const result = await fuzz({ scale: 0.002, stores: [], say: (line) => failures.push(line) });
    expect(failures).toEqual([]);
    expect(result.cases).toBeGreaterThan(4_000);
  });
});

describe('fuzzing what no record has reached', () => {
  it('finds records that reach new code, and none that a collector fails on', {
    timeout: 240_000,
  }, async () => {
    const only = ['linux-syslog', 'netbackup'];
    const lines: string[] = [];
    const result = await fuzzCovered({ scale: 0.002, only, stores: [], say: (line) => lines.push(line) });
    expect(lines.filter((line) => !line.endsWith(' 0 failed'))).toEqual([]);
    expect(result.more['records that reached something new']).toBeGreaterThan(0);
  });
});

audit.describe('joining records of the audit log', () => {
  it('makes of them what laurel makes, recorded and live', { timeout: 240_000 }, async () => {
    const differences: string[] = [];
    const result = await auditd({ scale: 0.05, stores: [], say: (line) => differences.push(line) });
    expect(differences).toEqual([]);
    expect(result).toMatchObject({ lost: 0, doubled: 0, failed: 0 });
    expect(result.more['live events']).toBeGreaterThan(100);
  });
});

readers.describe('reading Windows event logs', () => {
  it('gives what other readers give, and ends however they are damaged', { timeout: 240_000 }, async () => {
    const differences: string[] = [];
    const say = (line: string) => void differences.push(line);
    const result = await evtx({ scale: 0.01, events: 3_000, stores: [], say });
    expect(differences).toEqual([]);
    expect(result).toMatchObject({ lost: 0, failed: 0 });
    expect(result.more['values']).toBeGreaterThan(100);
  });
});

corpus.describe('evaluating rules in every way', () => {
  it('gives the same matches, and the queries narrow', { timeout: 400_000 }, async () => {
    const stores = elasticsearch.isThere ? (['embedded', 'elasticsearch'] as const) : (['embedded'] as const);
    const result = await equalAnswers({ scale: 0.01, stores, say: (line) => console.error(line) });
    expect(result.failed).toBe(0);
    expect(result.cases).toBeGreaterThan(400_000);
  });
});

describe('correlating while it is killed', () => {
  it('settles to what one ordered pass gives', { timeout: 240_000 }, async () => {
    const result = await correlation({ scale: 0.005, stores: [], say });
    expect(result).toMatchObject({ lost: 0, doubled: 0, failed: 0 });
    expect(result.more['episodes']).toBeGreaterThan(1_000);
  });
});

describe('two hundred runs at once', () => {
  it('keep their leases on the embedded store', { timeout: 240_000 }, async () => {
    const result = await manyRuns({ scale: 0.25, stores: [], say });
    expect(result).toMatchObject({ cases: 200, lost: 0, doubled: 0, failed: 0 });
    expect(result.more['renewals']).toBeGreaterThan(200 * 4);
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
