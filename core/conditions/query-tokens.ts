/** Cuts a query line into words, quoted texts, regular expressions and operators, each with its column. */
import type { Fail } from './query-line.ts';

export interface Token {
  kind: 'word' | 'quoted' | 'regex' | '(' | ')' | ':' | 'compare' | 'end';
  text: string;
  /** Counts from 1. */
  column: number;
  flags?: string;
}

/** Longer than anybody types. */
const MAX_LENGTH = 10_000;

export function tokenise(line: string, fail: Fail): Token[] {
  if (line.length > MAX_LENGTH)
    fail(MAX_LENGTH, `the query has ${line.length} characters; at most ${MAX_LENGTH} are taken`);
  const tokens: Token[] = [];
  let at = 0;
  while (at < line.length) {
    const character = line[at]!;
    const column = at + 1;
    const push = (kind: Token['kind'], text: string, length = text.length, flags?: string) => {
      tokens.push({ kind, text, column, ...(flags === undefined ? {} : { flags }) });
      at += length;
    };
    const previous = tokens.at(-1)?.kind;
    if (/\s/.test(character)) at++;
    else if (character === '(' || character === ')') push(character, character);
    else if (character === ':' && previous !== ':') push(':', ':');
    else if (character === '<' || character === '>')
      push('compare', line[at + 1] === '=' ? `${character}=` : character);
    else if (character === '"') {
      const found = /^"((?:[^"\\]|\\[\s\S])*)"/.exec(line.slice(at));
      if (!found) fail(column, 'this quotation mark is not closed', 'add " at the end of the text');
      push('quoted', found[1]!.replaceAll('\\"', '"'), found[0].length);
    } else if (character === '/' && previous === ':') {
      const found = /^\/((?:[^/\\]|\\[\s\S])+)\/([a-z]*)/.exec(line.slice(at));
      if (!found)
        fail(
          column,
          'this regular expression is not closed',
          'add / at its end, and write \\/ for a slash inside',
        );
      push('regex', found[1]!.replaceAll('\\/', '/'), found[0].length, found[2]!);
    } else {
      // A field name ends at the first colon; a value may hold colons (times, IPv6, C:\).
      const isValue = previous === ':' || previous === 'compare' || inValueList(tokens);
      const found = (isValue ? /^[^\s()"]+/ : /^[^\s()":<>]+/).exec(line.slice(at));
      if (!found) fail(column, `unexpected ${character}`, 'put texts with special characters in quotes');
      push('word', found[0]);
    }
  }
  tokens.push({ kind: 'end', text: 'end of the query', column: line.length + 1 });
  return tokens;
}

/** Inside `field:( … )`, at any depth. */
function inValueList(tokens: readonly Token[]): boolean {
  const open: boolean[] = [];
  tokens.forEach((token, index) => {
    if (token.kind === '(') open.push(open.at(-1) === true || tokens[index - 1]?.kind === ':');
    else if (token.kind === ')') open.pop();
  });
  return open.at(-1) === true;
}
