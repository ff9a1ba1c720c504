/** Reads the STIX patterns that are lists of values: `[ipv4-addr:value = '192.0.2.1' OR domain-name:value = 'evil.example']`. */

export interface Comparison {
  path: string;
  value: string;
}

const TOKEN =
  /\s*(?:([[\]()])|('(?:[^'\\]|\\.)*')|(!=|<=|>=|=|<|>)|([A-Za-z][\w-]*:[\w.'\-[\]]+|[A-Za-z]+|-?\d[\d.]*))/y;
/** Longer patterns are not what people write by hand, and are refused unread. */
const MAX_LENGTH = 100_000;

/** The comparisons, any of which is enough; or why the pattern is not such a list. */
export function comparisonsOf(pattern: string): Comparison[] | string {
  const tokens = tokensOf(pattern);
  if (typeof tokens === 'string') return tokens;
  const found: Comparison[] = [];
  let at = 0;
  let depth = 0;
  let expects: 'comparison' | 'join' = 'comparison';
  while (at < tokens.length) {
    const token = tokens[at]!;
    if (token === '[' || token === '(') {
      if (expects !== 'comparison') return `${token} stands where OR should`;
      depth++;
      at++;
    } else if (token === ']' || token === ')') {
      if (expects !== 'join' || depth === 0) return `${token} closes nothing`;
      depth--;
      at++;
    } else if (expects === 'join') {
      const word = token.toUpperCase();
      if (word !== 'OR') return `${word} is not read: only values joined by OR are indicators by themselves`;
      expects = 'comparison';
      at++;
    } else {
      const [operator, literal] = [tokens[at + 1], tokens[at + 2]];
      if (!token.includes(':')) return `${token.toUpperCase()} is not read`;
      if (operator !== '=') return `the comparison ${operator ?? 'at the end'} is not read, only =`;
      if (!literal?.startsWith("'")) return 'only texts in single quotes are compared';
      found.push({ path: token, value: literal.slice(1, -1).replaceAll(/\\(.)/g, '$1') });
      expects = 'join';
      at += 3;
    }
  }
  if (depth > 0) return 'a bracket is not closed';
  return found.length > 0 && expects === 'join' ? found : 'it compares nothing';
}

function tokensOf(pattern: string): string[] | string {
  if (pattern.length > MAX_LENGTH) return `it has ${pattern.length} characters`;
  const tokens: string[] = [];
  const rest = pattern.trimEnd();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < rest.length) {
    const start = TOKEN.lastIndex;
    const found = TOKEN.exec(rest);
    if (!found) return `${JSON.stringify(rest.slice(start, start + 20))} is not understood`;
    // A property path may itself end in the bracket that closes the observation.
    const text = found[1] ?? found[2] ?? found[3] ?? found[4]!;
    tokens.push(text);
  }
  return tokens;
}
