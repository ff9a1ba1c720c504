/** The examples of docs/extensions.md are rules with their cases; they are run as the gate runs ours. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { formatProblem } from '../core/errors.ts';
import { checkRules } from '../detections/index.ts';

const page = readFileSync(resolve(import.meta.dirname, '../docs/extensions.md'), 'utf8');
const blocks = [...page.matchAll(/^```yml\n(.*?)^```/gms)].map(([, body]) => body!);
const rules = blocks.filter((block) => block.startsWith('title:'));

it.each(rules.map((rule) => [/^title: (.*)$/m.exec(rule)![1]!, rule]))('%s', async (title, rule) => {
  const cases = blocks[blocks.indexOf(rule) + 1]!;
  const folder = mkdtempSync(join(tmpdir(), 'vigia-examples-'));
  try {
    const name = title
      .toLowerCase()
      .replace(/[^a-z]+/g, '_')
      .slice(0, 80);
    writeFileSync(join(folder, `${name}.yml`), rule);
    writeFileSync(join(folder, `${name}.test.yml`), cases);
    const checked = await checkRules(folder);
    expect(checked.problems.map(formatProblem)).toEqual([]);
    expect(checked.cases.filter(({ passed }) => !passed).map(({ message }) => message)).toEqual([]);
    expect(checked.cases.length).toBeGreaterThan(1);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('shows an example of every extension', () => {
  const shown = [...page.matchAll(/^\| \[`(\w+)`\]/gm)].map(([, key]) => key!);
  expect(shown.filter((key) => !rules.some((rule) => rule.includes(`\n  ${key}:`)))).toEqual([]);
});
