/**
 * Hides secrets in SQL of Oracle and SQL Server by what stands before them, whatever the nesting of quotes: passwords of
 * accounts, credentials and keys, arguments and columns named like a secret, connection strings. Not hidden: a secret compared
 * with a column whose name does not tell (`WHERE pin = '1234'`).
 */
import { MASK, maskSecrets } from '../../core/secrets.ts';

/** White space and comments. Each alternative starts with another character: linear. */
const GAP = String.raw`(?:\s|/\*[^*]*\*+(?:[^/*][^*]*\*+)*/|--[^\n]*\n)`;
/** A literal in single quotes (doubled inside a string, also `N'…'` and `q'[…]'`), in double quotes, a hash, or a bare word. */
const VALUE = String.raw`(?:[nN]?''[^']+(?:''?|$)|q'\[[^\]]*(?:\]'|$)|[nN]?'(?:[^']|'')*'?|"(?:[^"]|"")*"?|[^\s;,()'"<][^\s;,()'"]*)`;
const NAME = `(?:passw(?:or)?d|passphrase|pwd|secret|token|api_?key|private_?key)`;

const BEFORE: readonly RegExp[] = [
  // IDENTIFIED BY "x" REPLACE "y", IDENTIFIED BY VALUES 'S:…'
  new RegExp(String.raw`(\bidentified${GAP}+by${GAP}+(?:values${GAP}*)?)${VALUE}`, 'gi'),
  new RegExp(String.raw`(\bidentified\b[^;]{0,400}?\breplace${GAP}+)${VALUE}`, 'gi'),
  // WITH PASSWORD = N'x', OLD_PASSWORD = 'x', SECRET = 'x', p_password => 'x', @rmtpassword := 'x', DECRYPTION BY PASSWORD = 'x'
  new RegExp(
    String.raw`(${NAME}\w{0,32}\]?(?:${GAP}+[nN]?varchar\w?\([\w ]{1,12}\))?${GAP}*(?:=>|:=|=)${GAP}*)(?!\bnull\b)${VALUE}`,
    'gi',
  ),
  // sp_addlogin 'name', 'x'; sp_password 'old', 'new'
  new RegExp(String.raw`(\bsp_addlogin${GAP}+${VALUE}${GAP}*,${GAP}*)${VALUE}`, 'gi'),
  new RegExp(String.raw`(\bsp_password${GAP}+)${VALUE}${GAP}*,${GAP}*${VALUE}`, 'gi'),
  // PWDENCRYPT('x'), HASHBYTES('SHA2_256', 'x'), DBMS_CRYPTO.HASH('x')
  /(\b(?:pwdencrypt|pwdcompare|hashbytes|encryptbypassphrase|decryptbypassphrase|dbms_crypto\.\w+)\s*\()[^)]*/gi,
];
/** `INSERT INTO t (…, password, …)`: values are not matched to columns, so all literals go. */
const INSERT = new RegExp(
  String.raw`\binsert${GAP}+into\b[^;(]{0,400}\([^)]{0,4000}?${NAME}[^)]{0,4000}\)`,
  'i',
);
const LITERAL = /[nN]?'(?:[^']|'')*'?/g;
export const SECRET_WORD = new RegExp(
  `${NAME}|identified|credential|pwdencrypt|hashbytes|crypto|sp_addlogin|encryptby`,
  'i',
);

/** The text with every secret that can be recognised replaced by `<masked>`. */
export function maskStatement(sql: string): string {
  if (!SECRET_WORD.test(sql) && !sql.includes('://')) return sql;
  let masked = sql;
  for (const pattern of BEFORE) masked = masked.replace(pattern, `$1${MASK}`);
  const insert = INSERT.exec(masked);
  if (insert !== null) {
    const from = insert.index + insert[0].length;
    masked = masked.slice(0, from) + masked.slice(from).replace(LITERAL, `'${MASK}'`);
  }
  return maskSecrets(masked);
}

/** Text that cannot be read, cut where a secret may begin: quotes and escapes are not to be trusted there. */
export function cutAtSecret(text: string): string {
  const at = SECRET_WORD.exec(text);
  return at === null ? maskStatement(text) : `${text.slice(0, at.index + at[0].length)} ${MASK}`;
}

/** The statement without comments, white space collapsed; literals and quoted names as written. */
export const plainStatement = (sql: string): string =>
  sql
    .replace(
      /('(?:[^']|'')*'?|"[^"]*"?)|\/\*[\s\S]*?(?:\*\/|$)|--[^\n]*|\s+/g,
      (_all, literal?: string) => literal ?? ' ',
    )
    .replace(/ {2,}/g, ' ')
    .trim();
