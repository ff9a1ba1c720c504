/** Draws presented lines: one text per line, one nested text per style. No data, no arithmetic. */
import { Box, Text, type TextProps } from 'ink';
import { memo } from 'react';
import type { Line, Style } from '../present/line.ts';

/** The 16 basic colours, so that the terminal's own palette applies. No red and green pair carries meaning. */
const LOOKS: Readonly<Record<Style, TextProps>> = {
  plain: {},
  dim: { dimColor: true },
  bold: { bold: true },
  accent: { color: 'cyan' },
  ok: { color: 'blueBright' },
  warn: { color: 'yellow' },
  fail: { color: 'redBright', bold: true },
  inverse: { inverse: true, bold: true },
  critical: { color: 'magenta', bold: true },
  high: { color: 'redBright' },
  medium: { color: 'yellow' },
  low: { color: 'cyan' },
  informational: { color: 'gray' },
};

const isSame = (a: Line, b: Line): boolean =>
  a === b ||
  (a.length === b.length && a.every(({ text, style }, at) => text === b[at]!.text && style === b[at]!.style));

const Row = memo(
  ({ line }: { line: Line }) => (
    <Box height={1}>
      <Text wrap="truncate">
        {line.length === 0
          ? ' '
          : line.map(({ text, style }, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: pieces of a line have no identity but their place
              <Text key={at} {...LOOKS[style]}>
                {text}
              </Text>
            ))}
      </Text>
    </Box>
  ),
  (before, after) => isSame(before.line, after.line),
);

export const Lines = ({ lines, columns }: { lines: readonly Line[]; columns: number }) => (
  <Box flexDirection="column" width={columns} height={lines.length} overflow="hidden">
    {lines.map((line, at) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: a line of the screen is its place
      <Row key={at} line={line} />
    ))}
  </Box>
);
