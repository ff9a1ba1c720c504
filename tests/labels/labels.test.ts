/** Every label is judged over everything that collectors read today, and every sample file is read or has a reason. */
import { readdirSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { shipped } from '../../server/settings.ts';
import { corpusPath, hasCorpus } from '../corpus.ts';
import type { Verdict } from './judge.ts';
import { allVerdicts, labelsPage } from './page.ts';
import { retold, told, unread } from './sample-files.ts';

describe.skipIf(!hasCorpus('samples', 'labels.json'))('the labels of all recorded scenarios', () => {
  let verdicts: Verdict[] = [];
  beforeAll(async () => {
    verdicts = await allVerdicts();
  });
  const named = (verdict: string) =>
    verdicts.filter((one) => one.verdict === verdict).map(({ label }) => `${label.dataset}: ${label.label}`);

  it('are all judged: none is missed, none is noisy, none lacks its files', () => {
    expect(verdicts.length).toBeGreaterThanOrEqual(31);
    expect([...named('missed'), ...named('noisy'), ...named('absent')]).toEqual([]);
  });

  it('are told by files that a collector reads, or that have a reason', () => {
    const root = corpusPath('samples');
    const there = readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.parentPath !== root)
      .map((entry) => relative(root, `${entry.parentPath}/${entry.name}`));
    const read = [...told, ...retold].map(({ dataset, file }) => `${dataset}/${file}`);
    expect([...read, ...Object.keys(unread)].sort()).toEqual(there.sort());
  });

  it('are listed with the titles that tell of them (else: sh bin/node tests/labels/page.ts)', () => {
    expect(readFileSync(shipped('docs', 'labels.md'), 'utf8')).toBe(labelsPage(verdicts));
  });
});
