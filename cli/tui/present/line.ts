/** Lines of a screen: pieces of visible text, each with the name of a style. */
import type { Level } from '../../../core/documents.ts';
import type { Shown } from '../../../core/visible.ts';
import { cells, cut, left } from './cells.ts';

export type Style = 'plain' | 'dim' | 'bold' | 'accent' | 'ok' | 'warn' | 'fail' | 'inverse' | Level;

export interface Piece {
  text: Shown;
  style: Style;
}
export type Line = readonly Piece[];

/** Signs of our own; never for data. */
export const sign = (text: string): Shown => text as Shown;
export const piece = (text: Shown, style: Style = 'plain'): Piece => ({ text, style });
export const blank: Line = [];

const widthOf = (line: Line): number => line.reduce((sum, { text }) => sum + cells(text), 0);

/** At most `width` cells. */
export function within(line: Line, width: number): Line {
  const fitted: Piece[] = [];
  let room = width;
  for (const one of line) {
    if (room <= 0) break;
    const text = cut(one.text, room);
    fitted.push({ ...one, text });
    room -= cells(text);
  }
  return fitted;
}

/** One at the left edge, one at the right; the left one gives way. */
export function spread(width: number, start: Line, end: Line): Line {
  const tail = within(end, width);
  const room = width - widthOf(tail);
  const head = within(start, Math.max(0, room - 1));
  return [...head, piece(sign(' '.repeat(Math.max(0, room - widthOf(head))))), ...tail];
}

/** Exactly `width` cells, for lines inside a frame. */
export function padded(line: Line, width: number): Line {
  const fitted = within(line, width);
  return [...fitted, piece(sign(' '.repeat(Math.max(0, width - widthOf(fitted)))))];
}

export const join = (pieces: readonly Line[], between: Shown = sign(' · ')): Line =>
  pieces.flatMap((one, at) => (at === 0 ? one : [piece(between, 'dim'), ...one]));
export const rule = (width: number): Line => [piece(sign('─'.repeat(width)), 'dim')];
export const label = (text: Shown, width: number): Piece => piece(left(text, width), 'dim');

/** A frame of box lines around an inner part of the same height. */
export function boxed(title: Shown, inner: readonly Line[], width: number): Line[] {
  const head = cut(title, width - 6);
  const top: Line = [
    piece(sign('┌ '), 'dim'),
    piece(head, 'bold'),
    piece(sign(` ${'─'.repeat(width - cells(head) - 4)}┐`), 'dim'),
  ];
  const side = piece(sign('│'), 'dim');
  return [
    top,
    ...inner.map(
      (line): Line => [side, piece(sign(' ')), ...padded(line, width - 4), piece(sign(' ')), side],
    ),
    [piece(sign(`└${'─'.repeat(width - 2)}┘`), 'dim')],
  ];
}
