/** Outside text on paper: what the embedded font cannot draw is written as its code point, so that nothing hides. */
import { visible } from '../core/visible.ts';

/** What Roboto 3.014 (shipped with pdfmake) draws of Latin, Greek, Cyrillic and punctuation; a narrow subset on purpose. */
const DRAWN =
  /[\n\u0020-\u007e\u00a1-\u00ac\u00ae-\u017f\u0384-\u038a\u038c\u038e-\u03a1\u03a3-\u03ce\u0400-\u045f\u2013\u2014\u2018-\u201e\u2020-\u2022\u2026\u2030\u2039\u203a\u20ac\u2116\u2122]/u;

const mark = (codePoint: number) => `‹${codePoint.toString(16).toUpperCase().padStart(4, '0')}›`;

/** `a‹202E›b`, `‹001B›[2K`. With `lines`, line breaks stay line breaks (text that people wrote). */
export function printable(text: string, { lines = false, limit = 8_000 } = {}): string {
  if (lines)
    return text
      .split(/\r?\n/)
      .map((line) => printable(line, { limit }))
      .join('\n');
  const shown = visible(text.slice(0, limit), limit);
  let drawn = '';
  for (const letter of shown) {
    const codePoint = letter.codePointAt(0)!;
    if (letter === '⟨') drawn += '‹';
    else if (letter === '⟩') drawn += '›';
    else if (letter === '\u2421') drawn += mark(0x7f);
    else if (codePoint >= 0x2400 && codePoint < 0x2420) drawn += mark(codePoint - 0x2400);
    else drawn += DRAWN.test(letter) ? letter : mark(codePoint);
  }
  return text.length > limit ? `${drawn}‹…›` : drawn;
}
