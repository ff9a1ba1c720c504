import { expect, it } from 'vitest';
import { needCorpus, needInstalled } from '../testbed/need.ts';
import { equalAnswers } from './equal-answers.ts';

const elasticsearch = await needInstalled('elasticsearch');

needCorpus('bench').describe('evaluating rules in every way', () => {
  it('gives the same matches, and the queries narrow', { timeout: 400_000 }, async () => {
    const stores = elasticsearch.isThere ? (['embedded', 'elasticsearch'] as const) : (['embedded'] as const);
    const result = await equalAnswers({ scale: 0.01, stores, say: (line) => console.error(line) });
    expect(result.failed).toBe(0);
    expect(result.cases).toBeGreaterThan(400_000);
  });
});
