import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { messageOf } from '../../core/conditions/message.ts';
import { searchJson } from './json-search.ts';

const foundIn = (literals: readonly string[], json: string): number[] | undefined => {
  const found = new Set<number>();
  const told = searchJson(literals)?.(json, (index) => {
    found.add(index);
    return false;
  });
  return told ? [...found].sort((left, right) => left - right) : undefined;
};

describe('searchJson', () => {
  it.each([
    ['as it stands', ['sekurlsa::'], '{"a":"x SEKURLSA::logon"}', [0]],
    ['around signs that JSON escapes', ['c:\\temp\\"evil'], '{"a":"C:\\\\Temp\\\\\\"Evil"}', [0]],
    ['that are not there', ['sekurlsa::'], '{"a":"nothing"}', []],
    ['of which one is there', ['alpha', 'beta'], '{"a":["x","BETA"]}', [1]],
    ['beside a backslash before a u', ['users'], '{"a":"c:\\\\users"}', [0]],
  ])('finds literals %s', (_, literals, json, expected) => {
    expect(foundIn(literals, json)).toEqual(expected);
  });

  it.each([
    ['characters are written as escapes', ['alpha'], '{"a":"\\u0061lpha"}'],
    ['the same after a backslash', ['alpha'], '{"a":"\\\\\\u0061lpha"}'],
    ['a literal may be the text of a number', ['1000'], '{"a":1e3}'],
    ['a literal is mostly beyond ASCII', ['größe'.slice(2)], '{"a":"Größe"}'],
  ])('does not tell where %s', (_, literals, json) => {
    expect(foundIn(literals, json)).toBeUndefined();
  });

  it('misses nothing that the message of the document holds', () => {
    const text = fc.string({ unit: fc.constantFrom(...'abcAB\\"/\nuſKİ1e+. 0'), maxLength: 30 });
    const literal = text.map((one) => one.toLowerCase()).filter((one) => one !== '');
    fc.assert(
      fc.property(
        fc.array(literal, { minLength: 1, maxLength: 5 }),
        fc.dictionary(text, fc.oneof(text, fc.double(), fc.array(text), fc.boolean())),
        fc.constantFrom<(json: string) => string>(
          (json) => json,
          (json) => json.replace('"a', '"\\u0061'),
        ),
        (literals, document, rewrite) => {
          const json = rewrite(JSON.stringify(document));
          const told = foundIn(literals, json);
          const values = messageOf(JSON.parse(json) as object);
          const held = literals.flatMap((one, index) =>
            values.some(({ lower }) => lower.includes(one)) ? [index] : [],
          );
          if (told !== undefined) expect(told).toEqual(expect.arrayContaining(held));
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
