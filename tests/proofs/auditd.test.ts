import { expect, it } from 'vitest';
import { needCorpus, needInstalled } from '../testbed/need.ts';
import { auditd } from './auditd.ts';

const laurel = await needInstalled('auditd');

(laurel.isThere ? needCorpus('samples') : laurel).describe('joining records of the audit log', () => {
  it('makes of them what laurel makes, recorded and live', { timeout: 240_000 }, async () => {
    const differences: string[] = [];
    const result = await auditd({ scale: 0.05, stores: [], say: (line) => differences.push(line) });
    expect(differences).toEqual([]);
    expect(result).toMatchObject({ lost: 0, doubled: 0, failed: 0 });
    expect(result.more['live events']).toBeGreaterThan(100);
  });
});
