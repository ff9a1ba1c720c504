/** Pieces of the generated pages. */

/** Tells a reader of the page where to change it. */
export const made = (from: string): string =>
  `<!-- Made from ${from} by docs/generate.ts; edit there, not here. -->`;

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n');

/** Blocks with a blank line between them. */
export const page = (...blocks: readonly string[]): string => `${blocks.join('\n\n')}\n`;

export const code = (text: string): string => `\`${text}\``;
