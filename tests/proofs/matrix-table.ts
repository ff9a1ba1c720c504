/** The rows of the fault matrix as a table in a document: what a run gives takes the place of the row that stood there before. */
import { readFileSync, writeFileSync } from 'node:fs';

export interface MatrixRow {
  fault: string;
  sources: string;
  store: string;
  records: number;
  times: number;
  lost: number;
  doubled: number;
  wrong: number;
  note: string;
}

const BEGIN = '<!-- written by `npm run proof -- collection --write FILE` -->\n\n';
const END = '\n\n<!-- end -->';
const HEAD = `| Fault | Sources | Store | Records | Times | Lost | Doubled | Wrong | Measured | Day |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |`;

/** `faults` gives the order. */
export function writeRows(path: string, found: readonly MatrixRow[], faults: readonly string[]): void {
  const text = readFileSync(path, 'utf8');
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin)
    throw new Error(`${path} has no place for the table: ${BEGIN.trim()} … ${END.trim()}`);
  const day = new Date().toISOString().slice(0, 10);
  const old = text
    .slice(begin + BEGIN.length, end)
    .split('\n')
    .slice(2);
  const lines = new Map([...old, ...found.map((row) => lineOf(row, day))].map((line) => [keyOf(line), line]));
  const place = (line: string) => faults.findIndex((name) => line.startsWith(`| ${name} |`));
  const rows = [...lines.values()].sort((a, b) => place(a) - place(b));
  writeFileSync(path, [text.slice(0, begin), BEGIN, [HEAD, ...rows].join('\n'), text.slice(end)].join(''));
}

const lineOf = (row: MatrixRow, day: string): string =>
  `| ${[row.fault, row.sources, row.store, count(row.records), row.times || '–', row.lost, row.doubled, row.wrong, row.note, day].join(' | ')} |`;

const count = (value: number) => value.toLocaleString('en');

/** Fault, sources and store. */
const keyOf = (line: string): string => line.split(' | ', 3).join(' | ');
