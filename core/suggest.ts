/** Finds what somebody probably meant to write. */

/** `did you mean "contains"?`, or undefined when nothing is near. */
export function didYouMean(written: string, known: Iterable<string>): string | undefined {
  const near = closest(written, known);
  return near === undefined ? undefined : `did you mean ${JSON.stringify(near)}?`;
}

/** The known word with the fewest typing mistakes to `written`, if they are few for its length. */
export function closest(written: string, known: Iterable<string>): string | undefined {
  if (written.length > 100) return undefined;
  let best: string | undefined;
  let fewest = Math.max(1, Math.floor(written.length / 3)) + 1;
  for (const word of known) {
    if (word.length > 100) continue;
    const mistakes = distance(written.toLowerCase(), word.toLowerCase());
    if (mistakes < fewest) [best, fewest] = [word, mistakes];
  }
  return best;
}

/** Typing mistakes between two words: insert, drop, replace, swap of neighbours. */
function distance(left: string, right: string): number {
  const rows: number[][] = [Array.from({ length: right.length + 1 }, (_, index) => index)];
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const same = left[row - 1] === right[column - 1];
      let cost = Math.min(
        rows[row - 1]![column]! + 1,
        current[column - 1]! + 1,
        rows[row - 1]![column - 1]! + (same ? 0 : 1),
      );
      const swapped =
        row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      if (swapped) cost = Math.min(cost, rows[row - 2]![column - 2]! + 1);
      current.push(cost);
    }
    rows.push(current);
  }
  return rows[left.length]![right.length]!;
}
