/** A terminal in memory: what a session writes is drawn by an emulator, so that tests see the screen and not the bytes. */
import { EventEmitter } from 'node:events';
import xterm from '@xterm/headless';

export interface ScreenTerminal {
  input: EventEmitter & {
    isTTY: true;
    raw: boolean;
    setRawMode(raw: boolean): void;
    setEncoding(): void;
    resume(): void;
    pause(): void;
  };
  output: EventEmitter & { columns: number; rows: number; isTTY: true; write(text: string): boolean };
  /** Everything that was written, in order. */
  written: string[];
  type(bytes: string): void;
  resize(columns: number, rows: number): void;
  /** The lines that a person would see, once the emulator has drawn everything. */
  lines(): Promise<string[]>;
  isAlternate(): boolean;
}

export function screenTerminal(columns = 80, rows = 24): ScreenTerminal {
  const emulator = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, convertEol: true });
  const written: string[] = [];
  const input = Object.assign(new EventEmitter(), {
    isTTY: true as const,
    raw: false,
    setRawMode(raw: boolean) {
      input.raw = raw;
    },
    setEncoding() {},
    resume() {},
    pause() {},
  });
  const output = Object.assign(new EventEmitter(), {
    columns,
    rows,
    isTTY: true as const,
    write(text: string): boolean {
      written.push(text);
      emulator.write(text);
      return true;
    },
  });
  return {
    input,
    output,
    written,
    type: (bytes) => void input.emit('data', bytes),
    resize(nextColumns, nextRows) {
      Object.assign(output, { columns: nextColumns, rows: nextRows });
      emulator.resize(nextColumns, nextRows);
      output.emit('resize');
    },
    async lines() {
      await new Promise<void>((resolve) => emulator.write('', resolve));
      const { active } = emulator.buffer;
      return Array.from(
        { length: emulator.rows },
        (_, at) =>
          active
            .getLine(active.viewportY + at)
            ?.translateToString(true, 0, emulator.cols)
            .trimEnd() ?? '',
      );
    },
    isAlternate: () => emulator.buffer.active.type === 'alternate',
  };
}
