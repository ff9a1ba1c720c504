/** Cuts SQL text into PostgreSQL's tokens, also when it is broken or cut off. Linear time, never throws. */

export interface Token {
  kind: 'word' | 'quoted' | 'string' | 'number' | 'sign' | 'comment';
  /** As written, quotes included. */
  text: string;
  start: number;
  /** Of strings and quoted names: what is between the quotes, escapes undone. */
  value?: string;
  /** Of strings: `$$` or `$tag$`; text inside it is often SQL. */
  dollar?: string;
}

const WORD = /[\p{L}_][\p{L}\p{N}_$]*/uy;
const NUMBER = /\d[\d.eE_]*/y;
const DOLLAR = /\$(?:[\p{L}_][\p{L}\p{N}_]*)?\$/uy;

/** End of a quoted run starting at `at` (the opening quote); doubled quotes, and backslashes in `E''`, go on. */
function quotedEnd(sql: string, at: number, quote: string, backslash: boolean): number {
  for (let i = at + 1; i < sql.length; i += 1) {
    if (backslash && sql[i] === '\\') i += 1;
    else if (sql[i] === quote) {
      if (sql[i + 1] !== quote) return i + 1;
      i += 1;
    }
  }
  return sql.length;
}

function commentEnd(sql: string, at: number): number {
  if (sql.startsWith('--', at)) {
    const end = sql.indexOf('\n', at);
    return end < 0 ? sql.length : end;
  }
  let depth = 0;
  for (let i = at; i < sql.length; i += 1) {
    if (sql.startsWith('/*', i)) {
      depth += 1;
      i += 1;
    } else if (sql.startsWith('*/', i)) {
      depth -= 1;
      i += 1;
      if (depth === 0) return i + 1;
    }
  }
  return sql.length;
}

const sticky = (pattern: RegExp, sql: string, at: number): string | undefined => {
  pattern.lastIndex = at;
  return pattern.exec(sql)?.[0];
};

function stringToken(sql: string, start: number, quoteAt: number, backslash: boolean): Token {
  const end = quotedEnd(sql, quoteAt, "'", backslash);
  const closed = end > quoteAt + 1 && sql[end - 1] === "'";
  const inside = sql.slice(quoteAt + 1, closed ? end - 1 : end);
  const undoubled = inside.replaceAll("''", "'");
  const plain = backslash ? undoubled.replace(/\\(.)/gs, '$1') : undoubled;
  return { kind: 'string', text: sql.slice(start, end), start, value: plain };
}

function dollarToken(sql: string, start: number, tag: string): Token {
  const close = sql.indexOf(tag, start + tag.length);
  const end = close < 0 ? sql.length : close + tag.length;
  const value = sql.slice(start + tag.length, close < 0 ? sql.length : close);
  return { kind: 'string', text: sql.slice(start, end), start, value, dollar: tag };
}

function tokenAt(sql: string, at: number): Token {
  const char = sql[at]!;
  if (char === "'") return stringToken(sql, at, at, false);
  if (char === '"') {
    const end = quotedEnd(sql, at, '"', false);
    const text = sql.slice(at, end);
    return { kind: 'quoted', text, start: at, value: text.replace(/^"|"$/g, '').replaceAll('""', '"') };
  }
  if (sql.startsWith('--', at) || sql.startsWith('/*', at)) {
    return { kind: 'comment', text: sql.slice(at, commentEnd(sql, at)), start: at };
  }
  if (char === '$') {
    const tag = sticky(DOLLAR, sql, at);
    if (tag !== undefined) return dollarToken(sql, at, tag);
  }
  const word = sticky(WORD, sql, at);
  if (word !== undefined) {
    const quoteAt = at + word.length;
    if (sql[quoteAt] === "'" && /^[ebxn]$/i.test(word))
      return stringToken(sql, at, quoteAt, /^e$/i.test(word));
    if (/^u$/i.test(word) && sql.startsWith("&'", quoteAt)) return stringToken(sql, at, quoteAt + 1, false);
    return { kind: 'word', text: word, start: at };
  }
  const number = sticky(NUMBER, sql, at);
  return number === undefined
    ? { kind: 'sign', text: char, start: at }
    : { kind: 'number', text: number, start: at };
}

/** Every token but white space, in order. */
export function tokensOf(sql: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < sql.length; ) {
    if (/\s/.test(sql[at]!)) {
      at += 1;
      continue;
    }
    const token = tokenAt(sql, at);
    tokens.push(token);
    at += token.text.length;
  }
  return tokens;
}

/** Tokens without comments, cut at top-level `;`. */
export function statementsOf(sql: string): Token[][] {
  const statements: Token[][] = [[]];
  for (const token of tokensOf(sql)) {
    if (token.kind === 'comment') continue;
    if (token.kind === 'sign' && token.text === ';') statements.push([]);
    else statements.at(-1)!.push(token);
  }
  return statements.filter((tokens) => tokens.length > 0);
}
