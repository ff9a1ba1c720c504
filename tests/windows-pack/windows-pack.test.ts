/** The hits of our Windows rules on public recordings are reviewed, and the page says what is true today. */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { shipped } from '../../server/settings.ts';
import { hasCorpus } from '../corpus.ts';
import { type PackHits, packHits } from './hits.ts';
import { reviewKey, windowsPackPage } from './page.ts';
import { review } from './review.ts';

describe.skipIf(!hasCorpus('evtx'))('the Windows pack on public recordings', () => {
  let hits: PackHits;
  beforeAll(async () => {
    hits = await packHits();
  });

  it('is hit by nothing that nobody looked at', () => {
    const found = hits.rules.filter((one) => one.hits > 0).map(reviewKey);
    expect(found.sort()).toEqual(Object.keys(review).sort());
  });

  it('alone matches Windows records', () => {
    expect(hits.strangers).toEqual([]);
  });

  it('calls a part of correlations what makes no alert of its own, and nothing else', () => {
    const parts = hits.rules.filter(({ rule, hits }) => hits > 0 && rule.kind === 'rule' && rule.feedsOnly);
    const said = Object.keys(review).filter((key) => review[key]!.judgement === 'part of correlations');
    expect(said.sort()).toEqual(parts.map(reviewKey).sort());
  });

  it('is described with today’s figures (else: sh bin/node tests/windows-pack/page.ts)', () => {
    expect(readFileSync(shipped('docs', 'windows-pack.md'), 'utf8')).toBe(windowsPackPage(hits));
  });
});
