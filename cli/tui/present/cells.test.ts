/** Cells of a text agree with what Ink lays out, and cutting is exact. */
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { visible } from '../../../core/visible.ts';
import { HOSTILE } from '../testbench/samples.ts';
import { cells, cut, left, right, wrap } from './cells.ts';

const TEXTS = [
  'plain',
  'ação número três',
  '漢字かな한글',
  '🙂🏽 👩‍👩‍👧 ❤️ ☎',
  'e\u0301e\u0301',
  'ｆｕｌｌ',
  '◆▲●○·▌│─┌┐└┘›…✖✓~↵↑▸◌',
  'Ελληνικά עברית العربية',
  ...HOSTILE,
].map((text) => visible(text));

describe('cells', () => {
  it.each(TEXTS)('of %j are counted as Ink counts them', (text) => {
    expect(cells(text)).toBe(stringWidth(text));
  });

  it('never exceed the width that was asked for', () => {
    for (const text of TEXTS)
      for (const width of [0, 1, 2, 3, 7, 20]) {
        expect(cells(cut(text, width))).toBeLessThanOrEqual(width);
        expect([cells(left(text, width)), cells(right(text, width))]).toEqual([width, width]);
        if (width > 1) for (const line of wrap(text, width)) expect(cells(line)).toBeLessThanOrEqual(width);
      }
  });

  it('lose no letter when a text is wrapped', () => {
    for (const text of TEXTS)
      expect(wrap(text, 9).join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
  });
});
