import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkRegex, compileRegex } from './regex.ts';

const outcome = (attempt: () => unknown): string => {
  try {
    attempt();
    return 'taken';
  } catch (cause) {
    return (cause as Error).message;
  }
};

describe('checkRegex', () => {
  it.each([
    ['cmd.{0,5}(?:/c|/r)', 'i'],
    ['(?i)a\\\\b', ''],
    ['a(?=b)', ''],
    ['(?<!a)b', ''],
    ['(a)\\1', ''],
    ['(a', ''],
    ['a)', ''],
    ['a**', ''],
    ['*a', ''],
    ['[z-a]', ''],
    ['[[:nothing:]]', ''],
    ['[[:a:]', ''],
    ['a{1001}', ''],
    ['(?:a{40}){40}', ''],
    ['((a{2}){30}){30}', ''],
    ['a{3,2}', ''],
    ['\\p{Nothing}', ''],
    ['\\_', ''],
    ['a\\', ''],
    ['a', 'x'],
    [`${'('.repeat(1_500)}a${')'.repeat(1_500)}`, ''],
    ['a'.repeat(20_001), ''],
  ])('says of %j with flags %j what compiling says', (source, flags) => {
    expect(outcome(() => checkRegex(source, flags))).toBe(outcome(() => compileRegex(source, flags)));
  });

  it('takes nothing that compiling refuses', () => {
    const pieces = [
      ...[
        'a',
        'é',
        '😀',
        '\\d',
        '\\W',
        '.',
        '^',
        '$',
        '\\.',
        '\\\\',
        '\\[',
        '\\-',
        '\\/',
        '\\n',
        '\\b',
        '\\x',
        '\\',
        '(?i)',
        '/',
        '"',
      ],
      ...[
        '*',
        '+',
        '?',
        '??',
        '*?',
        '{2}',
        '{2,}',
        '{0,3}',
        '{40}',
        '{999}',
        '{3,2}',
        '{',
        '}',
        '(',
        '(?:',
        ')',
        ')',
        '|',
      ],
      ...[
        '[',
        '[^',
        ']',
        '-',
        'a-z',
        '[a-z]',
        '[^\\d-]',
        '[\\w.-]',
        '&&',
        '[:',
        ':]',
        '(a|b)',
        '(?:x)*',
        '(?=',
        '\\1',
        '\ud800',
      ],
    ];
    const source = fc.array(fc.constantFrom(...pieces), { maxLength: 8 }).map((parts) => parts.join(''));
    let taken = 0;
    fc.assert(
      fc.property(source, fc.constantFrom('', 'i', 's', 'im'), (text, flags) => {
        if (outcome(() => checkRegex(text, flags)) !== 'taken') return;
        taken++;
        expect(outcome(() => compileRegex(text, flags))).toBe('taken');
      }),
      { numRuns: 5_000, seed: 6 },
    );
    expect(taken).toBeGreaterThan(500);
  });
});
