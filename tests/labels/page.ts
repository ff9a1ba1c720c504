/** The page about the labels: what must alert, and by which titles it does. `sh bin/node tests/labels/page.ts` writes it. */
import { writeFileSync } from 'node:fs';
import { page, table } from '../../docs/reference/markdown.ts';
import { shipped } from '../../server/settings.ts';
import { withNames } from './auditd-names.ts';
import { detect, readSamples } from './detect.ts';
import { judge, readLabels, type Verdict } from './judge.ts';
import { told, unread } from './sample-files.ts';

/** Every label over everything that is told, in the order of the labels. */
export async function allVerdicts(): Promise<Verdict[]> {
  const events = withNames(readSamples(told));
  const files = told.map(({ file }) => file);
  return judge(readLabels(), events, await detect(events), files);
}

export function labelsPage(verdicts: readonly Verdict[]): string {
  const expected = (expect: string) => verdicts.filter(({ label }) => label.expect === expect);
  const datasets = [...new Set(verdicts.map(({ label }) => label.dataset))];
  return page(
    '# What the recorded scenarios must raise, and what does',
    '<!-- Made from the recordings by tests/labels/page.ts; edit there, not here. -->',
    `${verdicts.length} labels say what happened in the recorded scenarios (${datasets.join(', ')}): ` +
      `${expected('alert').length} must alert at medium or higher, ${expected('quiet').length} must not, ` +
      `${expected('either').length} may. Every alert is listed by its title, for a person to judge whether it would tell them what happened.`,
    '## Must alert',
    table(['Where', 'What happened', 'Alerts'], expected('alert').map(row)),
    '## Must stay quiet',
    table(['Where', 'What happened', 'Alerts'], expected('quiet').map(row)),
    '## May alert',
    table(['Where', 'What happened', 'Alerts'], expected('either').map(row)),
    '## Sample files that are not judged here',
    table(
      ['File', 'Why'],
      Object.entries(unread).map((pair) => [...pair]),
    ),
  );
}

const row = ({ label, because }: Verdict): string[] => [
  label.dataset,
  label.label,
  because.length > 0 ? because.toSorted().join('; ') : 'none',
];

if (import.meta.main) writeFileSync(shipped('docs', 'labels.md'), labelsPage(await allVerdicts()));
