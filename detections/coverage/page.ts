/** ATT&CK coverage as a page to read (Markdown): by tactic and technique, what is covered, what only on paper, what not. */
import { visible } from '../../core/visible.ts';
import { type Attack, type TechniqueCoverage, type TechniqueStatus, whyNot } from './attack.ts';

const WORDS: Record<TechniqueStatus, string> = {
  covered: 'covered',
  'cannot-fire': 'only rules that cannot fire',
  'not-covered': 'not covered',
};

export function coveragePage(
  coverage: readonly TechniqueCoverage[],
  attack: Attack,
  { day, days }: { day: string; days: number },
): string {
  const count = (status: TechniqueStatus, of = coverage) => of.filter((one) => one.status === status).length;
  const summary = Object.entries(attack.tactics).map(([tactic, name]) => {
    const mine = coverage.filter(({ tactics }) => tactics.includes(tactic));
    return [
      name,
      mine.length,
      count('covered', mine),
      count('cannot-fire', mine),
      count('not-covered', mine),
    ];
  });
  const parts = Object.entries(attack.tactics).flatMap(([tactic, name]) => {
    const mine = coverage.filter(({ tactics }) => tactics.includes(tactic));
    return mine.length === 0 ? [] : [`## ${name}`, table(['Technique', 'State', 'Rules'], mine.map(row))];
  });
  const elsewhere = coverage.filter(({ tactics }) => tactics.length === 0);
  return `${[
    '# ATT&CK coverage',
    `${day}, from the sources configured and the events of the last ${days} days. Of ${coverage.length} techniques of ` +
      `ATT&CK ${attack.version} (those that public rules detect, and what our own name) ${count('covered')} are covered, ` +
      `${count('cannot-fire')} have only rules that cannot fire or do not alert, ${count('not-covered')} have none. ` +
      'A technique counts as covered when one rule can fire; that the rule sees every way to use it, nobody claims: ' +
      'each says in its description what it does not catch.',
    table(['Tactic', 'Techniques', 'Covered', 'Cannot fire', 'Not covered'], summary),
    ...parts,
    ...(elsewhere.length > 0
      ? [
          '## Techniques that our table does not know',
          table(['Technique', 'State', 'Rules'], elsewhere.map(row)),
        ]
      : []),
  ].join('\n\n')}\n`;
}

function row({ id, name, status, firing, waiting }: TechniqueCoverage): string[] {
  const address = `https://attack.mitre.org/techniques/${id.replace('.', '/')}/`;
  return [
    `[${id}](${address}) ${plain(name)}`,
    WORDS[status],
    [
      ...firing.map((rule) => plain(rule.title)),
      ...waiting.map((rule) => `${plain(rule.title)} (${plain(whyNot(rule))})`),
    ].join('<br>'),
  ];
}

const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** Titles come from rules that anybody may have written. */
const plain = (text: string): string =>
  visible(text)
    .replace(/[\\`*_[\]|~#]/g, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
