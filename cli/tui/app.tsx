/** Ink lays presented lines out and colours them; the text comes back instead of going to the terminal. */
import { EventEmitter } from 'node:events';
import { render } from 'ink';
import { Lines } from './components/lines.tsx';
import type { Line } from './present/line.ts';

export interface Drawing {
  /** The screen as text with colours, one line per row. */
  draw(lines: readonly Line[], columns: number): string;
  close(): void;
}

/** `debug` makes Ink hand over every frame whole and at once; `terminal/frames.ts` decides which lines are written. */
export function drawing(failed: (cause: unknown) => void): Drawing {
  let latest = '';
  const stream = Object.assign(new EventEmitter(), {
    isTTY: true,
    columns: 80,
    rows: 1_000,
    write(text: string): boolean {
      latest = text;
      return true;
    },
  });
  const instance = render(<Lines lines={[]} columns={80} />, {
    // Ink needs only what a stream of text has; keys never pass through it.
    stdout: stream as unknown as NodeJS.WriteStream,
    stderr: stream as unknown as NodeJS.WriteStream,
    debug: true,
    patchConsole: false,
    exitOnCtrlC: false,
  });
  instance.waitUntilExit().catch(failed);
  return {
    draw(lines, columns) {
      stream.columns = columns;
      instance.rerender(<Lines lines={lines} columns={columns} />);
      return latest;
    },
    close: () => instance.unmount(),
  };
}
