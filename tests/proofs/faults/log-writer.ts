/** A program that writes its log while it is read and rotated: the proof's own hand, which notes each line it writes. */
import { appendFileSync, copyFileSync, existsSync, renameSync, rmSync, truncateSync } from 'node:fs';
import { expectLine, takeLines, type Workload } from '../workload.ts';

export interface LogWriter {
  readonly isDone: boolean;
  /** Lines so far. */
  readonly written: number;
  /** The next so many lines. */
  append(lines: number): void;
  /** The next line in two parts: the second comes when `finish` is called. */
  startLine(): { finish(): void };
  rename(): void;
  copyTruncate(): void;
  delete(): void;
}

/** `head` begins every new file, as programs do that write their version first. */
export function logWriter(file: string, work: Workload, head: readonly string[] = []): LogWriter {
  const write = (lines: readonly string[]) => {
    if (lines.length > 0) appendFileSync(file, `${lines.join('\n')}\n`);
  };
  const begin = () => {
    for (const line of head) expectLine(work, line);
    write(head);
  };
  /** `file.1` becomes `file.2` and so on; nothing is deleted. */
  const shift = () => {
    let last = 1;
    while (existsSync(`${file}.${last}`)) last += 1;
    for (; last > 1; last--) renameSync(`${file}.${last - 1}`, `${file}.${last}`);
  };
  begin();
  return {
    get isDone() {
      return work.written === work.lines;
    },
    get written() {
      return work.written;
    },
    append: (lines) => write(takeLines(work, lines)),
    startLine() {
      const [line = ''] = takeLines(work, 1);
      const half = Math.floor(line.length / 2);
      appendFileSync(file, line.slice(0, half));
      return { finish: () => appendFileSync(file, line === '' ? '' : `${line.slice(half)}\n`) };
    },
    rename() {
      shift();
      renameSync(file, `${file}.1`);
      begin();
    },
    copyTruncate() {
      shift();
      copyFileSync(file, `${file}.1`);
      truncateSync(file, 0);
      begin();
    },
    delete() {
      rmSync(file);
      begin();
    },
  };
}
