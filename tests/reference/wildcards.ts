/** Texts with wildcards (section 5 of the language): `*`, `?`, and `\` before one of them or before itself. */

/** Literal text, or a wildcard. */
export type Piece = { literal: string } | '*' | '?';

/** V-5: `\` matters only before `*`, `?` and `\`. */
export function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    const next = text[at + 1];
    if (character === '\\' && (next === '*' || next === '?' || next === '\\')) {
      pieces.push({ literal: next });
      at++;
    } else if (character === '*' || character === '?') pieces.push(character);
    else pieces.push({ literal: character });
  }
  return pieces;
}

/** The text, when no wildcard is in it. */
export function literalOf(pieces: readonly Piece[]): string | undefined {
  let text = '';
  for (const piece of pieces) {
    if (typeof piece === 'string') return undefined;
    text += piece.literal;
  }
  return text;
}

/** V-7: only stars. */
export const isAnything = (pieces: readonly Piece[]): boolean =>
  pieces.length > 0 && pieces.every((piece) => piece === '*');

/** V-1 to V-3: the whole text, ignoring letter case unless `cased`; a star takes line breaks too, `?` is one code point. */
export function wildcardTest(pieces: readonly Piece[], cased: boolean): (text: string) => boolean {
  const fold = (text: string) => (cased ? text : text.toLowerCase());
  // Whole runs are folded: the lower case of a letter may depend on its neighbours.
  let source = '';
  let run = '';
  const endRun = () => {
    source += fold(run).replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
    run = '';
  };
  for (const piece of pieces) {
    if (typeof piece === 'object') run += piece.literal;
    else {
      endRun();
      source += piece === '*' ? '.*' : '.';
    }
  }
  endRun();
  const expression = new RegExp(`^${source}$`, 'su');
  return (text) => expression.test(fold(text));
}
