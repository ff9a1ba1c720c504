import { describe, expect, it } from 'vitest';
import { csvCell, visible } from './visible.ts';

describe('making outside text visible', () => {
  it.each([
    ['\u001b[2K\u001b[1Gharmless', '␛[2K␛[1Gharmless'],
    ['a\r\nb\u007f', 'a␍␊b␡'],
    ['user \u202egpj.exe', 'user ⟨202E⟩gpj.exe'],
    ['ad\u200bmin', 'ad⟨200B⟩min'],
    ['\u009b31m', '⟨009B⟩31m'],
    ['\ud800', '⟨D800⟩'],
    ['Ação, pensões, ß, İ', 'Ação, pensões, ß, İ'],
    ['a\u0301\u0301\u0301\u0301', 'a\u0301\u0301⟨+2⟩'],
  ])('shows %j as %j', (text, shown) => {
    expect(visible(text)).toBe(shown);
  });

  it('says where it cut', () => {
    expect(visible('x'.repeat(30), 10)).toBe(`${'x'.repeat(10)}⟨more⟩`);
  });

  it('keeps a spreadsheet from running a cell', () => {
    expect(csvCell('=cmd|"/c calc"')).toBe(`"'=cmd|""/c calc"""`);
  });
});
