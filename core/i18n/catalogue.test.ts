/** Messages in both languages. */
import { describe, expect, it } from 'vitest';
import { type Catalogue, chooseLang, type MessageKey, messages, type Text } from './catalogue.ts';
import { en } from './en.ts';
import { pt } from './pt.ts';

const holes = (text: Text) =>
  [
    ...new Set((typeof text === 'string' ? text : `${text.one} ${text.other}`).match(/\{\w+\}/g) ?? []),
  ].sort();
const keys = Object.keys(en) as MessageKey[];

describe('the catalogues', () => {
  it('have the same keys, and the same placeholders in each', () => {
    expect(Object.keys(pt).sort()).toEqual([...keys].sort());
    const differing = keys.filter((key) => holes(en[key]).join() !== holes((pt as Catalogue)[key]).join());
    expect(differing).toEqual([]);
  });

  it('write severities in four cells', () => {
    const words = keys
      .filter((key) => /^short\.(critical|high|medium|low|informational)$/.test(key))
      .flatMap((key) => [en[key], (pt as Catalogue)[key]]);
    expect(words).toHaveLength(10);
    expect(words.filter((word) => typeof word !== 'string' || word.length !== 4)).toEqual([]);
  });

  it('choose the plural form and write numbers as the language does', () => {
    expect([
      messages('en')('count.events', { count: 1 }),
      messages('en')('count.events', { count: 12_345 }),
    ]).toEqual(['1 event', '12,345 events']);
    expect(messages('pt')('count.events', { count: 12_345 })).toMatch(/^12\s345 eventos$/);
  });

  it('make outside text visible on its way into a message', () => {
    expect(messages('en')('done.note', { id: 'x\u001b[2J' })).toBe('note added to x␛[2J');
  });

  it.each([
    [undefined, { LANG: 'pt_PT.UTF-8' }, 'pt'],
    [undefined, { LANG: 'C.UTF-8' }, 'en'],
    [undefined, { LANG: 'pt_PT.UTF-8', VIGIA_LANG: 'en' }, 'en'],
    ['pt', { VIGIA_LANG: 'en' }, 'pt'],
    [undefined, { LANG: 'ptolemaic' }, 'en'],
  ])('take %s and %j for %s', (asked, env, expected) => {
    expect(chooseLang(asked, env)).toBe(expected);
  });
});
