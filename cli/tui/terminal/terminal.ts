/** Takes a terminal over and gives it back: alternate screen, raw keys, bracketed paste, no wrapping, in every way out. */
import { flushInput, type Press, parseInput } from './input.ts';

export interface Input {
  isTTY?: boolean;
  setRawMode?(raw: boolean): unknown;
  setEncoding(encoding: 'utf8'): unknown;
  on(event: 'data', listener: (chunk: string) => void): unknown;
  off(event: 'data', listener: (chunk: string) => void): unknown;
  resume(): unknown;
  pause(): unknown;
}

export interface Output {
  columns: number;
  rows: number;
  write(text: string): boolean;
  once(event: 'drain', listener: () => void): unknown;
  on(event: 'resize', listener: () => void): unknown;
  off(event: 'resize', listener: () => void): unknown;
}

/** Lines are never wrapped by the terminal: a glyph drawn wider than calculated cannot push the next line away. */
const ENTER = '\u001b[?1049h\u001b[?7l\u001b[?2004h\u001b[?25l';
const LEAVE = '\u001b[0m\u001b[?2004l\u001b[?7h\u001b[?25h\u001b[?1049l';
/** A lone escape is the key when nothing follows within this time; sequences of one key arrive together. */
const ESCAPE_MS = 25;

export interface Terminal {
  enter(): void;
  /** Safe to call twice. */
  leave(): void;
}

export function terminal(
  input: Input,
  output: Output,
  hear: { presses(presses: readonly Press[]): void; resize(): void },
): Terminal {
  let rest = '';
  let timer: NodeJS.Timeout | undefined;
  let isIn = false;

  const onData = (chunk: string) => {
    clearTimeout(timer);
    const parsed = parseInput(rest + chunk);
    rest = parsed.rest;
    if (rest !== '') timer = setTimeout(flush, ESCAPE_MS);
    if (parsed.presses.length > 0) hear.presses(parsed.presses);
  };
  const flush = () => {
    const presses = flushInput(rest);
    // A paste may take its time; everything else that is unfinished by now is noise.
    if (rest.startsWith('\u001b[200~')) return;
    rest = '';
    if (presses.length > 0) hear.presses(presses);
  };

  return {
    enter() {
      if (isIn) return;
      isIn = true;
      output.write(ENTER);
      input.setEncoding('utf8');
      input.setRawMode?.(true);
      input.on('data', onData);
      input.resume();
      output.on('resize', hear.resize);
    },
    leave() {
      if (!isIn) return;
      isIn = false;
      clearTimeout(timer);
      input.off('data', onData);
      output.off('resize', hear.resize);
      output.write(LEAVE);
      input.setRawMode?.(false);
      input.pause();
    },
  };
}
