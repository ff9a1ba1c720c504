/** The page about the hits of our Windows rules on public recordings. `sh bin/node tests/windows-pack/page.ts` writes it. */
import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { page, table } from '../../docs/reference/markdown.ts';
import { shipped } from '../../server/settings.ts';
import { type PackHits, packHits, type RuleHits } from './hits.ts';
import { review } from './review.ts';

export const reviewKey = ({ rule }: RuleHits): string => basename(rule.path, '.yml');

export function windowsPackPage({ files, records, rules }: PackHits): string {
  const hit = rules.filter(({ hits }) => hits > 0);
  const alerting = hit.filter((one) => review[reviewKey(one)]?.judgement !== 'part of correlations');
  const silent = rules.filter(({ hits }) => hits === 0);
  const total = alerting.reduce((sum, { hits }) => sum + hits, 0);
  return page(
    '# The Windows rules on public recordings',
    '<!-- Made from tests/windows-pack/review.ts and the recordings by tests/windows-pack/page.ts; edit there, not here. -->',
    `Our ${rules.length} Windows rules were run over ${files} public recordings of attacks (${records} records), by the ordinary ` +
      'collector and engine. The recordings are not part of Vigia; a test counts again wherever they lie and fails when a figure ' +
      'below is no longer true.',
    `${hit.length} rules hit. The ${alerting.length} that alert do so ${total} times. Each file was reviewed by what its name ` +
      'says it records, and by its records where that was not enough: in no hit did a rule misread a record. Nearly all of what ' +
      'is recorded is attack, so this says little about noise in an ordinary week: that is what shadow mode and the scorecard are for.',
    table(
      ['Rule', 'Level', 'Hits', 'Files', 'What it is', 'Judgement'],
      hit.map((one) => [
        one.rule.title,
        one.rule.level,
        String(one.hits),
        String(one.files),
        review[reviewKey(one)]?.what ?? '',
        review[reviewKey(one)]?.judgement ?? '',
      ]),
    ),
    '“Hits” are matches; of a rule over several events, alerts. “Part of correlations” makes no alert of its own.',
    `No recording shows what these are for: ${silent.map(({ rule }) => rule.title).join('; ')}.`,
  );
}

if (import.meta.main) writeFileSync(shipped('docs', 'windows-pack.md'), windowsPackPage(await packHits()));
