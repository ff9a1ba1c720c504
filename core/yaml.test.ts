import { describe, expect, it } from 'vitest';
import { formatProblem } from './errors.ts';
import { checkSchema } from './schema.ts';
import { parseYaml } from './yaml.ts';
import { parseWithPlaces } from './yaml-places.ts';
import { yamlValues } from './yaml-values.ts';

const values = (text: string) => parseYaml(text, 'x.yml').documents.map((document) => document.value);
const problems = (text: string) => parseYaml(text, 'x.yml').problems.map(formatProblem);

describe('parseYaml', () => {
  it('reads several documents, with byte order mark and CRLF (Y-2, Y-3)', () => {
    expect(values('\uFEFFa: 1\r\n---\r\nb: [x, y]\r\n')).toEqual([{ a: 1 }, { b: ['x', 'y'] }]);
  });

  it('keeps the text of numbers with a leading zero and of dates (Y-5, Y-6)', () => {
    expect(values('a: 00000429\nb: 2026-11-21\nc: 429\nd: 0\ne: 0.5')).toEqual([
      { a: '00000429', b: '2026-11-21', c: 429, d: 0, e: 0.5 },
    ]);
  });

  it('refuses a duplicate key with its place (Y-7)', () => {
    expect(problems('a: 1\nb: 2\na: 3')).toEqual(['x.yml:3:1 this key stands here twice; keep one']);
  });

  it('takes over the keys of another map; own keys win, and among several maps the first', () => {
    const text = 'a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc: {z: 3, <<: [*a, *b]}\nd: {<<: *b}\n"<<": text';
    const [value] = values(text) as [Record<string, unknown>];
    expect(value).toMatchObject({ c: { x: 1, y: 1, z: 3 }, d: { y: 2, z: 2 }, '<<': 'text' });
    expect(problems('a: {<<: 1}')).toEqual([expect.stringMatching(/^x\.yml:1:9 .*keys of a map/)]);
    expect(problems('a: &a {<<: *a}').length).toBe(1);
  });

  it('says where things stand', () => {
    const [document] = parseYaml('a:\n  - b\n  - c: 1\n    d|re: 2\n', 'x.yml').documents;
    expect(document!.at(['a', 1, 'd|re'])).toEqual({ line: 4, column: 5 });
    expect(document!.at(['a', 0])).toEqual({ line: 2, column: 5 });
    expect(document!.at(['a', 1, 'nowhere'])).toEqual({ line: 3, column: 5 });
  });

  it('refuses an alias bomb, an endless alias, deep nesting and a huge file', () => {
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      ...'bcdefghi'
        .split('')
        .map((name, index) => `${name}: &${name} [${`*${'abcdefgh'[index]},`.repeat(9)}]`),
    ];
    expect(problems(bomb.join('\n'))).toEqual([
      expect.stringMatching(/aliases repeat more than 10000 values/),
    ]);
    expect(problems('a: &a [*a]').length).toBe(1);
    expect(problems(`${'['.repeat(20_000)}`).length).toBeGreaterThan(0);
    expect(problems(`${'['.repeat(300)}${']'.repeat(300)}`)).toEqual([expect.stringMatching(/nested/)]);
    expect(problems('x'.repeat(4_000_001))).toEqual([expect.stringMatching(/at most 4000000/)]);
  });

  it('keeps a key called __proto__ as a key', () => {
    const [value] = values('__proto__: {polluted: true}');
    expect(Object.keys(value as object)).toEqual(['__proto__']);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

/** Two readers stand behind `parseYaml`: whatever the quick one takes must be what the careful one reads. */
describe('the quick reader', () => {
  const texts = [
    'a: 1\nb: 0x1F\nc: 0o14\nd: 1e3\ne: .5\nf: -.inf\ng: +12\nh: 1_000\ni: 12345678901234567890',
    'a: 007\nb: -007\nc: 00.5\nd: "007"\ne: 0\nf: 0.0\n0123: key\n1: one\ntrue: yes',
    'a: ~\nb:\nc: null\nd: Null\ne: True\nf: no\ng: on\nh: 2026-11-21\ni: 12:30:00',
    "a: |\n  one\n  two\nb: >-\n  one\n  two\n\n  three\nc: \"x\\ty\\u00e9\"\nd: 'it''s'",
    '[a, {b: c, d: [e]}, "f"]',
    '--- \na: 1\n...\n---\nb: 2\n',
    '__proto__: {polluted: 1}\nconstructor: 2',
    'a: b # comment\nc: "d # not"\n# last',
    'a:\r\n  - b\r\n  - c: d\r\n',
    'text',
  ];
  it.each(texts)('reads %j as the careful one does', (text) => {
    const careful = parseWithPlaces(text, 'x.yml');
    expect(careful.problems).toEqual([]);
    expect(yamlValues(text, 200)).toEqual(careful.documents.map(({ value }) => value));
  });

  it.each([
    'a: &x 1\nb: *x',
    'a: 1\na: 2',
    'a: [',
    'a: !unknown x',
    '',
    '---\n---\na: 1',
    ': no key',
    '? [a, b]\n: c',
    `${'['.repeat(201)}${']'.repeat(201)}`,
  ])('leaves %j to the careful one', (text) => {
    expect(yamlValues(text, 200)).toBeUndefined();
  });
});

describe('checkSchema', () => {
  const schema = {
    type: 'object',
    additionalProperties: false,
    required: ['title'],
    properties: { title: { type: 'string' }, level: { enum: ['low', 'medium'] } },
  };
  it('reports all mistakes with place and suggestion', () => {
    const [document] = parseYaml('titel: x\nlevel: mediun\n', 'flow.yml').documents;
    expect(checkSchema(schema, document!).map(formatProblem).sort()).toEqual([
      'flow.yml:1:1 the document lacks the key "title"; add title: …',
      'flow.yml:1:1 unknown key "titel"; did you mean "title"?',
      'flow.yml:2:1 "level" cannot be "mediun"; did you mean "medium"?',
    ]);
  });
  it('is silent when the document fits', () => {
    const [document] = parseYaml('title: x', 'flow.yml').documents;
    expect(checkSchema(schema, document!)).toEqual([]);
  });
});
