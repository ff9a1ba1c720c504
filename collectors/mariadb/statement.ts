/** What a statement does to accounts, settings and files: the facts that rules ask for, whatever the spelling. */
import { type Token, tokensOf, upper } from './tokens.ts';

export interface StatementFacts {
  /** The statement without comments, white space collapsed; comments that MariaDB runs are code. */
  query: string;
  /** First words: `create user`, `grant`, `select`. */
  verbs: string[];
  /** Accounts created, changed, dropped, given or deprived of rights; names without the host. */
  targets: string[];
  /** Hosts from which those accounts may come; `%` is everywhere. */
  targetHosts: string[];
  /** Rights given, lower case: `all privileges`, `select`, or names of roles. */
  privileges: string[];
  /** `*.*`, `crm.*`, `crm.people`; empty for roles. */
  scope?: string;
  grantOption: boolean;
  /** `global.general_log=off`. */
  settings: string[];
  /** Files of the server that the statement reads or writes. */
  reads: string[];
  writes: string[];
}

const OBJECT_VERBS = new Set([
  'CREATE',
  'ALTER',
  'DROP',
  'RENAME',
  'TRUNCATE',
  'SET',
  'SHOW',
  'INSTALL',
  'UNINSTALL',
  'FLUSH',
  'LOAD',
]);
/** Words between the verb and what it is about. */
const FILLERS = new Set([
  'OR',
  'REPLACE',
  'IF',
  'NOT',
  'EXISTS',
  'TEMPORARY',
  'UNIQUE',
  'AGGREGATE',
  'ONLINE',
  'LOCAL',
]);
const nameOf = (token: Token) => token.value ?? token.text;
const isName = (token: Token | undefined): token is Token =>
  token !== undefined && token.kind !== 'sign' && token.kind !== 'number';

/** `user@'host', user2` from `at` on. */
function accounts(tokens: readonly Token[], at: number, facts: StatementFacts): void {
  for (let i = at; isName(tokens[i]); i += 1) {
    facts.targets.push(nameOf(tokens[i]!));
    if (tokens[i + 1]?.text === '@' && isName(tokens[i + 2])) {
      facts.targetHosts.push(nameOf(tokens[i + 2]!));
      i += 2;
    } else facts.targetHosts.push('%');
    const next = tokens.findIndex((token, index) => index > i && token.text === ',');
    // Between two accounts of one statement stand their passwords.
    if (next < 0 || (upper(tokens[0]) !== 'CREATE' && next > i + 1)) return;
    i = next;
  }
}

/** `GRANT a, b(c) ON x.* TO u WITH GRANT OPTION`; `GRANT role TO u WITH ADMIN OPTION`. */
function grant(tokens: readonly Token[], facts: StatementFacts): void {
  const on = tokens.findIndex((token) => upper(token) === 'ON');
  const to = tokens.findIndex((token) => upper(token) === (upper(tokens[0]) === 'GRANT' ? 'TO' : 'FROM'));
  if (to < 0) return;
  const end = on < 0 || on > to ? to : on;
  let words: string[] = [];
  let depth = 0;
  for (const token of [...tokens.slice(1, end), undefined]) {
    if (token?.text === '(') depth += 1;
    else if (token?.text === ')') depth -= 1;
    else if (token === undefined || (token.text === ',' && depth === 0)) {
      if (words.length > 0) facts.privileges.push(words.join(' ').toLowerCase());
      words = [];
    } else if (depth === 0) words.push(nameOf(token));
  }
  if (end === on) {
    const named = tokens
      .slice(on + 1, to)
      .filter((token) => !['TABLE', 'FUNCTION', 'PROCEDURE'].includes(upper(token)));
    facts.scope = named.map(nameOf).join('');
  }
  facts.grantOption = tokens
    .slice(to)
    .some((token, i, rest) => upper(token) === 'OPTION' && ['GRANT', 'ADMIN'].includes(upper(rest[i - 1])));
  accounts(tokens, to + 1, facts);
}

/** `SET GLOBAL a = b, @@global.c := d`. */
function settings(tokens: readonly Token[], facts: StatementFacts): void {
  let scope = 'session';
  tokens.forEach((token, at) => {
    const word = upper(token);
    if (['GLOBAL', 'SESSION', 'LOCAL', 'PERSIST'].includes(word)) scope = word.toLowerCase();
    if (token.text !== '=' || (!isName(tokens[at - 1]) && tokens[at - 1]?.text !== ':')) return;
    const name = tokens[at - 1]!.text === ':' ? tokens[at - 2] : tokens[at - 1];
    const value = tokens[at + 1];
    if (isName(name) && value !== undefined)
      facts.settings.push(`${scope}.${nameOf(name)}=${nameOf(value)}`.toLowerCase().slice(0, 1_000));
  });
}

/** INTO OUTFILE, INTO DUMPFILE, LOAD DATA INFILE, LOAD_FILE(): files of the server (LOCAL ones are the client's). */
function files(tokens: readonly Token[], facts: StatementFacts): void {
  tokens.forEach((token, at) => {
    const word = upper(token);
    const next = tokens[at + 1];
    if ((word === 'OUTFILE' || word === 'DUMPFILE') && next?.kind === 'string')
      facts.writes.push(next.value!);
    if (word === 'INFILE' && next?.kind === 'string' && upper(tokens[at - 1]) !== 'LOCAL')
      facts.reads.push(next.value!);
    if (word === 'LOAD_FILE' && next?.text === '(') facts.reads.push(tokens[at + 2]?.value ?? '(computed)');
  });
}

function verbOf(tokens: readonly Token[]): { verb: string; objectAt: number } {
  const first = upper(tokens[0]);
  let at = 1;
  while (FILLERS.has(upper(tokens[at])) && OBJECT_VERBS.has(first)) at += 1;
  const second = OBJECT_VERBS.has(first) && tokens[at]?.kind === 'word' ? upper(tokens[at]) : '';
  at += 1;
  while (FILLERS.has(upper(tokens[at]))) at += 1;
  return { verb: `${first} ${second}`.trim().toLowerCase(), objectAt: at };
}

function oneStatement(tokens: readonly Token[], facts: StatementFacts): void {
  const { verb, objectAt } = verbOf(tokens);
  facts.verbs.push(verb);
  if (/^(?:create|alter|drop|rename) user$/.test(verb)) accounts(tokens, objectAt, facts);
  else if (verb === 'grant' || verb === 'revoke') grant(tokens, facts);
  else if (verb === 'set password') {
    if (upper(tokens[2]) === 'FOR') accounts(tokens, 3, facts);
  } else if (verb.startsWith('set')) settings(tokens, facts);
  files(tokens, facts);
}

/** Facts of the text (already masked); several statements are separated by `;`. */
export function statementFacts(sql: string): StatementFacts {
  const facts: StatementFacts = {
    ...{ query: '', verbs: [], targets: [], targetHosts: [], privileges: [], grantOption: false },
    ...{ settings: [], reads: [], writes: [] },
  };
  const statements: Token[][] = [[]];
  for (const token of tokensOf(sql)) {
    if (token.text === ';') statements.push([]);
    else statements.at(-1)!.push(token);
  }
  const queries: string[] = [];
  for (const tokens of statements) {
    if (tokens.length === 0) continue;
    queries.push(joined(tokens));
    oneStatement(tokens, facts);
  }
  facts.query = queries.join('; ');
  return facts;
}

/** Tokens with one blank where the text had white space or a comment, none elsewhere. */
function joined(tokens: readonly Token[]): string {
  let text = '';
  let end = tokens[0]!.start;
  for (const token of tokens) {
    text += (token.start > end ? ' ' : '') + token.text;
    end = token.start + token.text.length;
  }
  return text;
}
