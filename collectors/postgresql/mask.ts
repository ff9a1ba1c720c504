/**
 * Hides passwords in SQL before anything is stored: `PASSWORD '…'` in every quoting, role and user-mapping statements,
 * columns and settings named like a secret, connection strings, arguments of crypt(), SQL inside strings and DO blocks.
 * Not hidden: a secret compared with a column whose name does not tell (`WHERE pin = '1234'`).
 */
import { MASK, maskSecrets } from '../../core/secrets.ts';
import { type Token, tokensOf } from './tokens.ts';

export interface Masked {
  text: string;
  /** The secrets found, so that they can be hidden wherever else the record repeats them. */
  secrets: string[];
}

const SECRET_NAME = /(?:passw(?:or)?d|passphrase|pwd|secret|token|api_?key|private_?key)/i;
const VERIFIER = /^(?:SCRAM-SHA-256\$|md5[0-9a-f]{32}$)/;
/** Functions whose text arguments are secrets. */
const SECRET_CALLS = new Set([
  'crypt',
  'hmac',
  'encrypt',
  'decrypt',
  'pgp_sym_encrypt',
  'pgp_sym_decrypt',
  'encrypt_iv',
]);
const CONNECTION = /((?:passw(?:or)?d|pwd|sslpassword)\s*=\s*)(?:'[^']*'?|[^\s'"]+)/gi;
const URL_PASSWORD = /(\b[a-z][a-z0-9+.-]{0,30}:\/\/[^\s:@/]{0,128}:)([^\s@]{1,256})(?=@)/gi;
const SQL_INSIDE = /\b(?:password|passwd|identified|crypt)\b/i;
const MAX_DEPTH = 4;

const upper = (token: Token | undefined) =>
  token?.kind === 'word' ? token.text.toUpperCase() : (token?.text ?? '');
const isSecretName = (token: Token | undefined) =>
  (token?.kind === 'word' || token?.kind === 'quoted') && SECRET_NAME.test(token.value ?? token.text);

/** Does `CREATE|ALTER ROLE|USER|GROUP` start here? Every literal of such a statement is taken for a secret. */
const isRoleStatement = (tokens: readonly Token[], at: number) =>
  ['CREATE', 'ALTER'].includes(upper(tokens[at])) &&
  ['ROLE', 'USER', 'GROUP'].includes(upper(tokens[at + 1]));

/** Does `INSERT INTO t (…, password, …)` start here? Values are not matched to columns: all literals go. */
function isSecretInsert(tokens: readonly Token[], at: number): boolean {
  if (upper(tokens[at]) !== 'INSERT') return false;
  for (let i = at + 1; i < tokens.length && i < at + 400; i += 1) {
    if (tokens[i]!.text === ';' || ['VALUES', 'SELECT'].includes(upper(tokens[i]))) return false;
    if (isSecretName(tokens[i])) return true;
  }
  return false;
}

/** A literal whose own text gives it away: a verifier, a connection string, SQL with a password. */
function maskInside(token: Token, depth: number, secrets: string[]): string {
  const value = token.value ?? '';
  if (VERIFIER.test(value)) return `'${MASK}'`;
  let inside = value.replace(CONNECTION, (found: string, name: string) => {
    secrets.push(found.slice(name.length).replace(/^'|'$/g, ''));
    return `${name}${MASK}`;
  });
  inside = inside.replace(URL_PASSWORD, (_found: string, before: string, secret: string) => {
    secrets.push(secret);
    return before + MASK;
  });
  if (SQL_INSIDE.test(inside) && depth < MAX_DEPTH) {
    const masked = maskSql(inside, depth + 1);
    secrets.push(...masked.secrets);
    inside = masked.text;
  }
  if (inside === value) return token.text;
  return token.dollar === undefined
    ? `'${inside.replaceAll("'", "''")}'`
    : `${token.dollar}${inside}${token.dollar}`;
}

/** Where we are while walking the tokens of one text. */
interface Walk {
  /** Every literal of this statement is a secret. */
  all: boolean;
  role: boolean;
  /** Depth of parentheses, and the depths at which a call with secret arguments was entered. */
  depth: number;
  calls: number[];
  /** The literal before was masked: `'a' 'b'` on two lines is one literal. */
  masked: boolean;
}

/** Is the literal (or odd word) at `at` a secret by what stands before it? */
function isSecretAt(tokens: readonly Token[], at: number, walk: Walk): boolean {
  const before = tokens[at - 1];
  if (walk.masked && before?.kind === 'string') return true;
  if (upper(before) === 'PASSWORD' || (upper(before) === 'BY' && upper(tokens[at - 2]) === 'IDENTIFIED'))
    return true;
  if (walk.calls.length > 0) return true;
  const assigned = before?.text === '=' || before?.text === '>' || upper(before) === 'TO';
  if (assigned) {
    const nameAt = before?.text === '>' || tokens[at - 2]?.text === ':' ? at - 3 : at - 2;
    if (isSecretName(tokens[nameAt])) return true;
    if (walk.role) return false;
  }
  if (walk.role) return upper(before) !== 'UNTIL';
  return walk.all;
}

export function maskSql(sql: string, depth = 0): Masked {
  const tokens = tokensOf(sql).filter((token) => token.kind !== 'comment');
  const secrets: string[] = [];
  let walk: Walk = { all: false, role: false, depth: 0, calls: [], masked: false };
  let text = '';
  let done = 0;
  const replace = (token: Token, by: string) => {
    text += sql.slice(done, token.start) + by;
    done = token.start + token.text.length;
  };
  tokens.forEach((token, at) => {
    if (token.text === ';') walk = { all: false, role: false, depth: 0, calls: [], masked: false };
    if (isRoleStatement(tokens, at)) walk.role = true;
    if (isSecretInsert(tokens, at)) walk.all = true;
    if (token.text === '(') {
      walk.depth += 1;
      if (SECRET_CALLS.has((tokens[at - 1]?.text ?? '').toLowerCase())) walk.calls.push(walk.depth);
    }
    if (token.text === ')') {
      if (walk.calls.at(-1) === walk.depth) walk.calls.pop();
      walk.depth -= 1;
    }
    const before = upper(tokens[at - 1]);
    // `PASSWORD hunter2` is a mistake that PostgreSQL logs together with the statement.
    const oddSecret =
      walk.role &&
      before === 'PASSWORD' &&
      token.kind !== 'sign' &&
      token.kind !== 'string' &&
      upper(token) !== 'NULL';
    if (token.kind === 'string' || oddSecret) {
      walk.masked = oddSecret || isSecretAt(tokens, at, walk);
      const by = walk.masked ? `'${MASK}'` : maskInside(token, depth, secrets);
      if (walk.masked) secrets.push(token.value ?? token.text);
      if (by !== token.text) replace(token, by);
    }
  });
  text += sql.slice(done);
  return { text: maskSecrets(text), secrets: secrets.filter((secret) => secret !== '' && secret !== MASK) };
}

/** Looking for more than this many in every piece of a long text takes too long: then the text goes whole. */
const MANY_SECRETS = 1_000;

/**
 * Hides known secrets in another text of the same record; short ones only where they stand in quotes. Error messages
 * quote a piece of the statement: a quoted piece of a secret goes as well.
 */
export function hide(text: string, secrets: readonly string[]): string {
  if (secrets.length === 0) return text;
  if (secrets.length > MANY_SECRETS) return MASK;
  let hidden = text;
  for (const secret of secrets) if (secret.length >= 4) hidden = hidden.replaceAll(secret, MASK);
  return hidden.replace(/"([^"]+)"|'([^']+)'/g, (whole: string, double?: string, single?: string) => {
    const piece = double ?? single ?? '';
    const isPiece = secrets.some(
      (secret) => secret === piece || (piece.length >= 4 && secret.includes(piece)),
    );
    return isPiece ? `"${MASK}"` : whole;
  });
}
