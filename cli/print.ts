/** Tables and facts for people: aligned, escaped, cut to the terminal's width. */
import { visible } from '../core/visible.ts';

const cell = (value: unknown): string =>
  value === undefined || value === null ? '-' : visible(String(value));

/** Rows under headings; the last column takes what width is left. */
export function table(
  headings: readonly string[],
  rows: readonly (readonly unknown[])[],
  width = process.stdout.columns ?? 120,
): string {
  const cells = rows.map((row) => row.map(cell));
  const widths = headings.map((heading, at) =>
    Math.max(heading.length, ...cells.map((row) => [...row[at]!].length)),
  );
  const fixed = widths.slice(0, -1).reduce((sum, one) => sum + one + 2, 0);
  const last = Math.max(widths.at(-1)!, 0);
  widths[widths.length - 1] = process.stdout.isTTY ? Math.min(last, Math.max(width - fixed, 10)) : last;
  const line = (row: readonly string[]) =>
    row
      .map((text, at) => {
        const letters = [...text];
        const cut = letters.length > widths[at]! ? `${letters.slice(0, widths[at]! - 1).join('')}…` : text;
        return at === row.length - 1 ? cut : cut.padEnd(widths[at]! + text.length - letters.length);
      })
      .join('  ')
      .trimEnd();
  return [line(headings), ...cells.map(line)].join('\n');
}

/** `label  value` lines. */
export function facts(pairs: readonly (readonly [string, unknown])[]): string {
  const width = Math.max(...pairs.map(([label]) => label.length));
  return pairs.map(([label, value]) => `${label.padEnd(width)}  ${cell(value)}`).join('\n');
}
