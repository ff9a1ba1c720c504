/** What nobody sees in a review does not belong in a rule: control, direction and format characters. */
import { visible } from '../../core/visible.ts';
import type { Check } from './check.ts';

export const invisible: Check = {
  id: 'invisible',
  summary:
    'Rule and cases hold no control, direction or other invisible characters; escapes like "\\u202E" are fine.',
  severity: 'error',
  check: ({ isMain, texts }) =>
    !isMain
      ? []
      : texts.flatMap(({ path, text }) =>
          text.split(/\r?\n/).flatMap((line, index) => {
            const column = firstHidden(line.replaceAll('\t', ' '));
            return column === undefined
              ? []
              : [
                  {
                    path,
                    line: index + 1,
                    column,
                    message: `an invisible character: ${visible([...line][column - 1]!)}`,
                    hint: 'take it out, or write it as an escape between double quotes',
                  },
                ];
          }),
        ),
};

/** Counting from 1. */
function firstHidden(line: string): number | undefined {
  if (visible(line, line.length) === line) return undefined;
  const at = [...line].findIndex((letter) => visible(letter) !== letter);
  return at < 0 ? undefined : at + 1;
}
