/**
 * Hides passwords in SQL of MariaDB. The audit plug-in masks most of them itself (`*****`); it misses hashes after USING,
 * statements it cannot read, and passwords of applications. Not hidden: a secret compared with a column whose name does
 * not tell (`WHERE pin = '1234'`).
 */
import { MASK, maskSecrets } from '../../core/secrets.ts';
import { type Token, tokensOf, upper } from './tokens.ts';

const SECRET_NAME =
  /(?:passw(?:or)?d|passphrase|pwd|secret|token|api_?key|private_?key|authentication_string)/i;
/** Functions whose text arguments are secrets. */
const SECRET_CALLS = new Set([
  ...['PASSWORD', 'OLD_PASSWORD', 'AES_ENCRYPT', 'AES_DECRYPT', 'DES_ENCRYPT', 'DES_DECRYPT'],
  ...['ENCODE', 'DECODE', 'ENCRYPT', 'SHA', 'SHA1', 'SHA2', 'MD5'],
]);
/** Words of account statements after which a literal is a password or its hash. */
const ACCOUNT_WORDS = new Set(['BY', 'AS', 'USING', 'PASSWORD']);

/** Where we are while walking the tokens of one statement. */
interface Walk {
  /** CREATE or ALTER USER, GRANT, SET PASSWORD. */
  account: boolean;
  /** INSERT or REPLACE into a column named like a secret: values are not matched to columns, so all literals go. */
  all: boolean;
  depth: number;
  calls: number[];
}
const start = (): Walk => ({ account: false, all: false, depth: 0, calls: [] });

const isAccountStatement = (first: string, second: string) =>
  (['CREATE', 'ALTER'].includes(first) && ['USER', 'OR'].includes(second)) ||
  first === 'GRANT' ||
  (first === 'SET' && second === 'PASSWORD');

function isSecretInsert(tokens: readonly Token[], at: number): boolean {
  if (!['INSERT', 'REPLACE'].includes(upper(tokens[at]))) return false;
  for (let i = at + 1; i < tokens.length && i < at + 400; i += 1) {
    const word = upper(tokens[i]);
    if ([';', 'SELECT', 'INSERT', 'REPLACE'].includes(word)) return false;
    if (tokens[i]!.kind !== 'string' && SECRET_NAME.test(tokens[i]!.value ?? tokens[i]!.text)) return true;
    if (word === 'VALUES' || word === 'VALUE') return false;
  }
  return false;
}

function isSecret(tokens: readonly Token[], at: number, walk: Walk): boolean {
  const before = tokens[at - 1];
  const word = upper(before);
  if (walk.all || walk.calls.length > 0 || word === 'PASSWORD') return true;
  if (walk.account && ACCOUNT_WORDS.has(word)) return true;
  if (word !== '=' && word !== ',') return false;
  // `name = '…'`, and `'$.authentication_string', '…'` of JSON functions.
  const name = tokens[at - 2];
  if (word === '=' && walk.account && upper(name) === 'PASSWORD') return true;
  const isName =
    word === '=' ? name?.kind !== 'string' : name?.kind === 'string' && name.value!.startsWith('$.');
  return isName && SECRET_NAME.test(name?.value ?? name?.text ?? '');
}

/** The text with every secret that can be recognised replaced by `<masked>`. */
export function maskSql(sql: string): string {
  const tokens = tokensOf(sql);
  let walk = start();
  let isFirst = true;
  let text = '';
  let done = 0;
  tokens.forEach((token, at) => {
    if (token.text === ';') walk = start();
    isFirst = at === 0 || tokens[at - 1]!.text === ';';
    if (isFirst && isAccountStatement(upper(token), upper(tokens[at + 1]))) walk.account = true;
    if (isSecretInsert(tokens, at)) walk.all = true;
    if (token.text === '(') {
      walk.depth += 1;
      if (SECRET_CALLS.has(upper(tokens[at - 1]))) walk.calls.push(walk.depth);
    }
    if (token.text === ')') {
      if (walk.calls.at(-1) === walk.depth) walk.calls.pop();
      walk.depth -= 1;
    }
    if (token.kind !== 'string' || !isSecret(tokens, at, walk)) return;
    text += `${sql.slice(done, token.start)}'${MASK}'`;
    done = token.start + token.text.length;
  });
  return maskSecrets(text + sql.slice(done));
}
