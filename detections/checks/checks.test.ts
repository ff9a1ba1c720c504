/** Checks that look at the whole set, and that every check is registered and says what it is. */
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { formatProblem } from '../../core/errors.ts';
import { loadTexts } from '../engine/testing.ts';
import type { History } from '../history.ts';
import { checks } from './index.ts';
import { related } from './related.ts';
import { retired } from './retired.ts';
import { unique } from './unique.ts';

const rule = (id: string, title: string, more = '') =>
  `title: ${title}\nid: ${id}\n${more}logsource: {product: linux}\ndetection: {sel: {a: b}, condition: sel}\n`;
const loaded = (...texts: string[]) => loadTexts(texts).rules;

it('lists every check that lies in the folder, once, with an id like its file and a sentence', () => {
  const files = readdirSync(import.meta.dirname)
    .filter((name) => name.endsWith('.ts') && !/^(check|index)\.ts$|\.test\.ts$/.test(name))
    .map((name) => name.replace('.ts', ''));
  expect(checks.map(({ id }) => id)).toEqual(files.sort());
  expect(checks.filter(({ summary }) => !summary.endsWith('.'))).toEqual([]);
  expect(checks.filter(({ check, finish }) => !check && !finish)).toEqual([]);
});

const found = (problems: Parameters<typeof formatProblem>[0][] | undefined) => problems?.map(formatProblem);

describe('unique', () => {
  it('finds a shared title and a shared name, whatever the letter case', () => {
    const rules = loaded(rule('1', 'Odd work', 'name: odd\n'), rule('2', 'odd Work', 'name: odd\n'));
    expect(found(unique.finish?.({ rules, loaded: rules, history: undefined }))).toEqual([
      '1.yml:3:1 the name is taken by 0.yml; give each rule a name of its own',
      '1.yml:1:1 the title is taken by 0.yml; give each rule a title of its own',
    ]);
  });
});

describe('related', () => {
  it('accepts rules that are loaded, and names what leads nowhere', () => {
    const rules = loaded(
      rule('1', 'One', 'related: [{id: "2", type: derived}]\n'),
      rule('2', 'Two', 'related: [{id: "9", type: derived}, {id: "1", type: similar}]\n'),
    );
    expect(found(related.finish?.({ rules, loaded: rules, history: undefined }))).toEqual([
      '1.yml:3:11 related rule "9" does not exist; name the id of a loaded rule',
    ]);
  });
});

describe('retired', () => {
  const rules = loaded(rule('1', 'One'), rule('2', 'Two'));
  const history = (more: Partial<History>): History => ({ released: {}, retired: [], ...more });
  const gone = { id: '3', title: 'Three', retired: '2026-11-01', why: 'never right' };
  const check = (given: History | undefined) =>
    found(retired.finish?.({ rules, loaded: rules, history: given }));

  it.each([
    ['a released rule that is gone', { released: { 3: 'Three' } }, [/released rule 3 \(Three\) is gone/]],
    ['one that is listed', { released: { 3: 'Three' }, retired: [gone] }, []],
    [
      'a retired id in use',
      { retired: [{ ...gone, id: '2' }] },
      [/1\.yml:2:1 the id belonged to the retired rule/],
    ],
    ['a replacement that is none', { retired: [{ ...gone, replacement: '7' }] }, [/does not exist: 7/]],
  ])('judges %s', (_, more, messages) => {
    expect(check(history(more))).toEqual(messages.map((message) => expect.stringMatching(message)));
  });

  it('says nothing about a part of the pack', () => {
    expect(check(undefined)).toEqual([]);
  });
});
