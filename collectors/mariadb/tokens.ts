/** Cuts SQL text into MariaDB's tokens, also when it is broken or cut off. Linear time, never throws. */

export interface Token {
  kind: 'word' | 'name' | 'string' | 'number' | 'sign';
  /** As written, quotes included. */
  text: string;
  start: number;
  /** Of strings and quoted names: what is between the quotes, escapes undone. */
  value?: string;
}

const WORD = /[\p{L}_$][\p{L}\p{N}_$]*/uy;
const NUMBER = /\d[\w.]*/y;
const SPACE = /\s+/y;
// A comment that MariaDB runs (a bang after its start) is code; its marks are blanks.
const RUN_COMMENT = /\/\*M?!\d{0,6}/y;

const sticky = (pattern: RegExp, sql: string, at: number): string | undefined => {
  pattern.lastIndex = at;
  return pattern.exec(sql)?.[0];
};

/** End of a quoted run that starts at `at`; doubled quotes and, outside names, backslashes go on. */
function quotedEnd(sql: string, at: number): number {
  const quote = sql[at];
  for (let i = at + 1; i < sql.length; i += 1) {
    if (sql[i] === '\\' && quote !== '`') i += 1;
    else if (sql[i] === quote) {
      if (sql[i + 1] !== quote) return i + 1;
      i += 1;
    }
  }
  return sql.length;
}

function quotedToken(sql: string, at: number): Token {
  const quote = sql[at]!;
  const end = quotedEnd(sql, at);
  const closed = end > at + 1 && sql[end - 1] === quote;
  const inside = sql.slice(at + 1, closed ? end - 1 : end).replaceAll(quote + quote, quote);
  return {
    kind: quote === '`' ? 'name' : 'string',
    text: sql.slice(at, end),
    start: at,
    value: quote === '`' ? inside : inside.replace(/\\(.)/gs, '$1'),
  };
}

/** Where white space or a comment that starts at `at` ends; `at` itself where neither starts. */
function skipped(sql: string, at: number): number {
  const space = sticky(SPACE, sql, at);
  if (space !== undefined) return at + space.length;
  if (sql[at] === '#' || /^--(?:\s|$)/.test(sql.slice(at, at + 3))) {
    const end = sql.indexOf('\n', at);
    return end < 0 ? sql.length : end;
  }
  const run = sticky(RUN_COMMENT, sql, at);
  if (run !== undefined) return at + run.length;
  if (sql.startsWith('*/', at)) return at + 2;
  if (!sql.startsWith('/*', at)) return at;
  const end = sql.indexOf('*/', at + 2);
  return end < 0 ? sql.length : end + 2;
}

function tokenAt(sql: string, at: number): Token {
  if (sql[at] === "'" || sql[at] === '"' || sql[at] === '`') return quotedToken(sql, at);
  const word = sticky(WORD, sql, at);
  if (word !== undefined) return { kind: 'word', text: word, start: at };
  const number = sticky(NUMBER, sql, at);
  return number === undefined
    ? { kind: 'sign', text: sql[at]!, start: at }
    : { kind: 'number', text: number, start: at };
}

/** Every token but white space and comments, in order. */
export function tokensOf(sql: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < sql.length; ) {
    const next = skipped(sql, at);
    if (next > at) {
      at = next;
      continue;
    }
    const token = tokenAt(sql, at);
    tokens.push(token);
    at += token.text.length;
  }
  return tokens;
}

export const upper = (token: Token | undefined): string =>
  token?.kind === 'word' ? token.text.toUpperCase() : token?.kind === 'sign' ? token.text : '';
