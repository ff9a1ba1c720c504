/**
 * Hides passwords in command lines and log texts before anything is parsed or stored.
 * Not hidden: a password typed where a user name belongs, or handed to a program that we do not know.
 */

export const MASK = '<masked>';

/** A shell word: bare, quoted, or pieces of both. */
const WORD = String.raw`(?:'[^']*'?|"[^"]*"?|[^\s'";|&<>])+`;
/** No open-ended part anywhere: hostile text of a megabyte must not take more than linear time. */
const SECRET_NAME = String.raw`(?:passw(?:or)?d|passphrase|secret|token|api_?-?key|access_?-?key|private_?-?key|mysql_pwd|sshpass)[\w.-]{0,32}`;

/** What stands before the secret is group 1; the rest of the match is replaced. */
const BEFORE: readonly RegExp[] = [
  // --password=x, --password x, PGPASSWORD=x, token=x
  new RegExp(String.raw`((?<=(?:^|\s)--?[\w-]{0,32})${SECRET_NAME}[= ]\s*)(?!-)${WORD}`, 'gi'),
  new RegExp(String.raw`(${SECRET_NAME}\s?=\s?)${WORD}`, 'gi'),
  // "password": "x" of JSON
  new RegExp(String.raw`(${SECRET_NAME}["']\s?:\s?)(?:"(?:[^"\\]|\\.)*"?|'[^']*'?)`, 'gi'),
  // Statements handed to a database client.
  /(\bpassword\s+)(?:e|u&)?'(?:[^']|'')*'?/gi,
  /(\bidentified\s+(?:with\s+\S+\s+)?(?:by|as)\s+(?:password\s+)?)(?:'[^']*'?|"[^"]*"?|[^\s;'"]+)/gi,
  // scheme://user:x@host
  /(\b[a-z][a-z0-9+.-]{0,30}:\/\/[^\s:@/'"]{0,128}:)[^\s@'"]{1,256}(?=@)/gi,
  /(\bauthorization:\s*(?:basic|bearer|digest|negotiate)\s+)[^\s'"]+/gi,
  // mysql -px, sshpass -p x, useradd -p x, ldapsearch -w x, redis-cli -a x
  new RegExp(
    String.raw`(\b(?:mysql|mysqldump|mysqladmin|mariadb|mariadb-dump)\b[^|;&]{0,200}?\s-p)(?!\s)${WORD}`,
    'gi',
  ),
  new RegExp(String.raw`(\bsshpass\s+-p\s*)${WORD}`, 'gi'),
  new RegExp(String.raw`(\b(?:useradd|usermod|groupadd|groupmod)\b[^|;&]{0,200}?\s-p\s*)${WORD}`, 'gi'),
  new RegExp(String.raw`(\b(?:ldap[a-z]+|kadmin|kadmin\.local)\b[^|;&]{0,200}?\s-w\s*)${WORD}`, 'gi'),
  new RegExp(String.raw`(\bredis-cli\b[^|;&]{0,200}?\s-a\s*)${WORD}`, 'gi'),
  // curl -u user:x, smbclient -U user%x, htpasswd -b file user x, openssl -passin pass:x
  /(\b(?:curl|wget|http)\b[^|;&]{0,200}?\s(?:-u|--user|--proxy-user)[ =]?['"]?[^\s:'"]*:)[^\s'"]+/gi,
  /(\s(?:-U|--user)[ =]?['"]?[^\s%'"]+%)[^\s'"]+/g,
  new RegExp(String.raw`(\bhtpasswd\s+-\w*b\w*\s+\S+\s+\S+\s+)${WORD}`, 'gi'),
  /(-pass(?:in|out)?\s+pass:)[^\s'"]+/gi,
  new RegExp(String.raw`(\bopenssl\s+passwd(?:\s+-\w+)*\s+)(?!-)${WORD}`, 'gi'),
];

/** Programs that read a password from standard input. */
const READERS = String.raw`(?:sudo\s+)?(?:\S{0,100}\/)?(?:chpasswd|passwd|smbpasswd|kinit|cryptsetup|gpg|su\b|sudo\s+-S|docker\s+login|htpasswd\s+-\w*i)`;
const PIPED = new RegExp(String.raw`\|\s*${READERS}`, 'gi');
const HERE_STRING = new RegExp(String.raw`(${READERS}[^|;&<]{0,100}<<<\s*)${WORD}`, 'gi');
const HERE_DOCUMENT = new RegExp(String.raw`(${READERS}[^|;&<]{0,100}<<-?\s*['"]?\w+['"]?)[\s\S]*`, 'i');

/** How far before a pipe the printing command is looked for; command lines in logs are cut at about 1,000 bytes. */
const LOOK_BACK = 4_096;

/** `chpasswd <<< user:x` and here-documents. */
function maskHere(text: string): string {
  if (!text.includes('<<')) return text;
  return text.replace(HERE_STRING, `$1${MASK}`).replace(HERE_DOCUMENT, `$1 ${MASK}`);
}

/** `echo user:x | chpasswd` keeps the user: everything else that is printed into the pipe goes. */
function maskPiped(text: string): string {
  let result = '';
  let done = 0;
  for (const found of text.matchAll(PIPED)) {
    const before = text.slice(Math.max(done, found.index - LOOK_BACK), found.index);
    const printer = /^[\s\S]*\b(?:echo|printf)\b/.exec(before)?.[0];
    if (printer === undefined) continue;
    const printed = before.slice(printer.length);
    const user = /^\s*(?:-\w+\s+)*['"]?([A-Za-z0-9._$-]{1,64}):/.exec(printed)?.[1];
    result += `${text.slice(done, found.index - before.length)}${printer} ${user === undefined ? '' : `${user}:`}${MASK} `;
    done = found.index;
  }
  return result + text.slice(done);
}

/** Something of every pattern above: most log lines hold none of it and are done after one look. */
const HINT =
  /pass|secret|token|[_-]?key|_pwd|identified|:\/\/|authorization|mysql|mariadb|(?:user|group)(?:add|mod)|ldap|kadmin|redis-cli|curl|wget|\bhttp\b|\s-U|--(?:proxy-)?user|kinit|cryptsetup|gpg|\bsu\b|docker|\|\s*sudo/i;

/** The text with every secret that can be recognised replaced by `<masked>`. */
export function maskSecrets(text: string): string {
  if (!HINT.test(text)) return text;
  let masked = maskHere(maskPiped(text));
  for (const pattern of BEFORE) masked = masked.replace(pattern, `$1${MASK}`);
  return masked;
}
