import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseWithPlaces } from './yaml-places.ts';
import { plainYaml } from './yaml-plain.ts';

const careful = (text: string) => parseWithPlaces(text, 'x.yml');
const read = (text: string) => plainYaml(text, 50);

describe('the reader of plain YAML', () => {
  it.each([
    'title: A title\nid: 1b2c\nlevel: high\n',
    '--- \n# a comment\na: 1\n\n---\nb: 2\n',
    'detection:\n    sel:\n        Image|endswith:\n            - \'\\a.exe\'\n            - "b\\\\c\\u00e9"\n    condition: sel\n',
    'a:\n- b\n- c: 1\n  d:\n    - 2\n-\n  e: 3\n-\nf: ~\n',
    'a: one\n  two\n\n\n  three # four'.replace(' # four', ''),
    'a: |\n  one\n   two\n\n  three\n\nb: >-\n\n  one\n  two\n\n  three\n\n# last\nc: |-\n  x',
    'a: 007\nb: -07\nc: 0\nd: -1.5e3\ne: 0x1F\nf: 0o17\ng: +3\nh: 1.\ni: .5\nj: 1_000\nk: 12345678901234567890\nl: 2026-11-21',
    'a: null\nb: True\nc: no\nd:\ne: "true"\nf: \'\'\ng: # nothing\nh: Null\n',
    "a: it''s\nb: 'it''s' # so\nc: C:\\x*\nd: -x\ne: a #b\nf: a b#c\ng: http://x/y\n",
    '\'a b\': 1\n"c|d": 2\ne f|all: 3\n',
    '- a\n- b: c\n  d: e\n',
    '  a: 1\n  b: 2\n',
    'a: b',
    "a: 'x: y'\nb: \"# z\"\nc: 'it: is'",
    "- 'a: b'\n- 'c'\n",
  ])('reads %j as the careful one does', (text) => {
    expect(careful(text).problems).toEqual([]);
    expect(read(text)).toEqual(careful(text).documents.map(({ value }) => value));
  });

  it.each([
    ['a mistake', 'a: 1\na: 2'],
    ['a key that objects have', 'constructor: 1'],
    ['a key that objects have', '__proto__: 1'],
    ['a value that goes on after a comment', 'a: b # c\n  d'],
    ['a map within a line', 'a: b: c'],
    ['a map that is indented too far', 'a: 1\n  b: 2'],
    ['flow', 'a: [b]'],
    ['an anchor', 'a: &b c'],
    ['a tag', 'a: !b c'],
    ['a tab', 'a:\tb'],
    ['a merge', '<<: b'],
    ['a number as key', '4624: a'],
    ['a word as key', 'null: a'],
    ['a directive', '%YAML 1.2\n---\na: 1'],
    ['text on the line of a marker', '--- a\n'],
    ['the end of a document', 'a: 1\n...\n'],
    ['an empty document', '---\n---\na: 1'],
    ['a text', 'text'],
    ['nothing', ''],
  ])('leaves %s to the careful one: %j', (_, text) => {
    expect(read(text)).toBeUndefined();
  });

  it('leaves deep nesting to the careful one', () => {
    const nested = (levels: number) =>
      Array.from({ length: levels }, (_, level) => `${' '.repeat(level)}a:`).join('\n');
    expect(read(nested(50))).toBeDefined();
    expect(read(nested(51))).toBeUndefined();
  });

  it('takes nothing that the careful one reads otherwise', () => {
    const indent = fc.constantFrom('', '', '  ', '  ', '    ', ' ', '      ');
    const dash = fc.constantFrom('', '', '', '- ', '-   ', '-', '- - ');
    const key = fc.constantFrom(
      '',
      'a: ',
      'b:',
      'c|d:  ',
      "'e': ",
      '"f" : ',
      'a b: ',
      '#g: ',
      'h:i: ',
      '1: ',
      '? ',
    );
    const word = fc.constantFrom(
      ...[
        '',
        'x',
        'y z',
        '007',
        '-1',
        '1e3',
        '.5',
        '.inf',
        '~',
        'true',
        'null',
        "'q'",
        "'it''s'",
        '"d\\n"',
        '"d\\x41"',
      ],
      ...[
        '"d',
        "'q",
        '|',
        '|-',
        '>',
        '>-',
        '>+',
        '|2',
        '# c',
        'x # c',
        'x#c',
        'a: b',
        'C:\\x',
        'x:',
        '-',
        '- x',
        '*',
        '*x',
      ],
      ...[
        '&x y',
        '!t z',
        '[1]',
        '{a: 1}',
        '@x',
        '%x',
        '`x',
        ',',
        ']',
        '---',
        '...',
        '--- x',
        'x ',
        ' ',
        'é',
        '\u2028',
        '\u00a0',
      ],
    );
    const line = fc.tuple(indent, dash, key, word).map((parts) => parts.join(''));
    const taken = { of: 0 };
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 7 }), (lines) => {
        const text = lines.join('\n');
        const values = read(text);
        if (values === undefined) return;
        taken.of++;
        const { problems, documents } = careful(text);
        expect(problems).toEqual([]);
        expect(values).toEqual(documents.map(({ value }) => value));
      }),
      { numRuns: 12_000, seed: 6 },
    );
    expect(taken.of).toBeGreaterThan(300);
  });
});
