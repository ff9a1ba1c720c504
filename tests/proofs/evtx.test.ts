import { expect, it } from 'vitest';
import { needCorpus, needInstalled } from '../testbed/need.ts';
import { evtx } from './evtx.ts';

const others = await needInstalled('evtx');

(others.isThere ? needCorpus('evtx') : others).describe('reading Windows event logs', () => {
  it('gives what other readers give, and ends however they are damaged', { timeout: 240_000 }, async () => {
    const differences: string[] = [];
    const say = (line: string) => void differences.push(line);
    const result = await evtx({ scale: 0.01, events: 3_000, stores: [], say });
    expect(differences).toEqual([]);
    expect(result).toMatchObject({ lost: 0, failed: 0 });
    expect(result.more['values']).toBeGreaterThan(100);
  });
});
