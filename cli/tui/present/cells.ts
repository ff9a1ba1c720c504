/** How many cells a text takes on a terminal, and cutting and padding by cells. Text here is already visible. */
import type { Shown } from '../../../core/visible.ts';

const NARROW =
  /^[ -~\u00a0-\u02ff\u2010-\u2027\u2190-\u21ff\u2400-\u2426\u2500-\u257f\u25a0-\u25cf\u27e8\u27e9]*$/;
/** East Asian wide and full-width letters, and what terminals draw as emoji. */
const WIDE =
  /^(?:\p{Emoji_Presentation}|[\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6]|[\u{16fe0}-\u{18cff}\u{1aff0}-\u{1b2ff}\u{1f200}-\u{1f265}\u{20000}-\u{3fffd}])/u;
const ZERO = /^\p{M}+$/u;
const segments = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

const cellsOf = (letter: string): number => (ZERO.test(letter) ? 0 : WIDE.test(letter) ? 2 : 1);

export function cells(text: string): number {
  if (NARROW.test(text)) return text.length;
  let sum = 0;
  for (const { segment } of segments.segment(text)) sum += cellsOf(segment);
  return sum;
}

/** At most `width` cells; a cut text ends in `…`. */
export function cut(text: Shown, width: number): Shown {
  if (width <= 0) return '' as Shown;
  if (NARROW.test(text)) return (text.length <= width ? text : `${text.slice(0, width - 1)}…`) as Shown;
  if (cells(text) <= width) return text;
  let taken = '';
  let used = 0;
  for (const { segment } of segments.segment(text)) {
    const more = cellsOf(segment);
    if (used + more > width - 1) break;
    taken += segment;
    used += more;
  }
  return `${taken}…` as Shown;
}

/** Exactly `width` cells. */
export const left = (text: Shown, width: number): Shown => {
  const short = cut(text, width);
  return `${short}${' '.repeat(Math.max(0, width - cells(short)))}` as Shown;
};
export const right = (text: Shown, width: number): Shown => {
  const short = cut(text, width);
  return `${' '.repeat(Math.max(0, width - cells(short)))}${short}` as Shown;
};

/** Lines of at most `width` cells, broken at blanks where there are some; a longer word is broken inside. */
export function wrap(text: Shown, width: number): Shown[] {
  const lines: string[] = [];
  let line = '';
  for (let word of text.split(' ')) {
    if (line !== '' && cells(line) + 1 + cells(word) > width) {
      lines.push(line);
      line = '';
    }
    while (cells(word) > width) {
      const head = headOf(word, width);
      if (line !== '') lines.push(line);
      line = '';
      lines.push(head);
      word = word.slice(head.length);
    }
    line = line === '' ? word : `${line} ${word}`;
  }
  lines.push(line);
  return lines as Shown[];
}

function headOf(text: string, width: number): string {
  let taken = '';
  let used = 0;
  for (const { segment } of segments.segment(text)) {
    used += cellsOf(segment);
    if (used > width && taken !== '') break;
    taken += segment;
  }
  return taken;
}
