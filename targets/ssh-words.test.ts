import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commandLine, quotedWord } from './ssh-words.ts';

const shellSees = (words: readonly string[]) =>
  spawnSync('sh', ['-c', `printf '%s\\0' ${commandLine(words)}`], { encoding: 'utf8' })
    .stdout.split('\0')
    .slice(0, -1);

describe('a word for a shell', () => {
  it.each([
    '',
    ' ',
    "it's",
    "'; id; '",
    '$(id)',
    '`id`',
    'a\nb',
    '*',
    '~',
    '-rf',
    '\\',
    '"',
    '!!',
    '{a,b}',
    '#',
    'é',
  ])('arrives as it is: %j', (word) => expect(shellSees(['x', word, 'y'])).toEqual(['x', word, 'y']));

  it('arrives as it is whatever it holds', () => {
    const word = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !text.includes('\0'));
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 50 }), (words) => {
        expect(shellSees(words)).toEqual(words);
      }),
      { numRuns: 25 },
    );
  });

  it('may not hold a null character', () => {
    expect(() => quotedWord('a\0b')).toThrow(/null character/);
  });
});
