/**
 * Writes frames to a terminal: only changed lines, each at its own address, never a clear.
 *
 * Ink's own writers address lines relative to the cursor and, before version 8, clear the terminal on every frame of
 * full height. Absolute lines also survive a resize and a glyph that the terminal draws wider than calculated, and let
 * a slow link skip frames: while a write has not drained only the newest frame is kept.
 */
import { cells } from '../present/cells.ts';

export interface Sink {
  write(text: string): boolean;
  once(event: 'drain', listener: () => void): unknown;
}

export interface Cursor {
  row: number;
  column: number;
}

export interface Frames {
  paint(frame: string, columns: number, cursor?: Cursor): void;
  /** The next frame writes every line. */
  forget(): void;
}

const SGR = /\u001b\[[0-9;]*m/g;

export function frames(sink: Sink, onWrite: (bytes: number) => void = () => undefined): Frames {
  let before: string[] = [];
  let cursorBefore = '';
  let blocked = false;
  let waiting: (() => void) | undefined;

  function paint(frame: string, columns: number, cursor?: Cursor): void {
    if (blocked) {
      waiting = () => paint(frame, columns, cursor);
      return;
    }
    const lines = frame.split('\n');
    const changed = lines.flatMap((line, row) => (line === before[row] ? [] : [lineAt(row, line, columns)]));
    // The real cursor stands in the active field, for input methods and magnifiers; elsewhere it is hidden.
    const cursorNow = cursor ? `\u001b[${cursor.row + 1};${cursor.column + 1}H\u001b[?25h` : '\u001b[?25l';
    before = lines;
    if (changed.length === 0 && cursorNow === cursorBefore) return;
    const text = `${cursorBefore.endsWith('h') ? '\u001b[?25l' : ''}${changed.join('')}${cursorNow}`;
    cursorBefore = cursorNow;
    onWrite(text.length);
    if (sink.write(text)) return;
    blocked = true;
    sink.once('drain', () => {
      blocked = false;
      const next = waiting;
      waiting = undefined;
      next?.();
    });
  }

  return {
    paint,
    forget() {
      before = [];
      cursorBefore = '';
    },
  };
}

/** Erasing after a line of full width would take its last letter away: the cursor waits on it. */
function lineAt(row: number, line: string, columns: number): string {
  const isFull = cells(line.replace(SGR, '')) >= columns;
  return `\u001b[${row + 1};1H\u001b[0m${line}\u001b[0m${isFull ? '' : '\u001b[K'}`;
}
