/** What the parsers are fuzzed with: recorded lines of every kind, cut, doubled, glued together and filled with what tempts parsers. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';

const root = resolve(import.meta.dirname, '../..');
const FOLDERS = ['collectors/testdata', 'demo/samples'];
const LINES_PER_FILE = 6;
const LONGEST_SEED = 4_096;

const WRITTEN = [
  '<38>1 2026-11-01T00:00:00Z app1 sshd 7 - [a@1 b="c\\"d"] Accepted password for ana from 192.0.2.7 port 22 ssh2',
  'Nov 21 10:00:00 app1 sudo[7]: ana : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/ls -l',
  'CEF:0|Vendor|Product|1.0|100|name\\|x|5|src=192.0.2.7 msg=a\\=b cs1Label=L cs1=v',
  'type=SYSCALL msg=audit(1732183200.123:45): arch=c000003e syscall=59 success=yes exe="/bin/ls" a0=6C73',
  '{"@timestamp":"2026-11-21T10:00:00Z","log.level":"ERROR","message":"m","error":{"stack_trace":"a\\n at b"}}',
  '{"@t":"2026-11-21T10:00:00Z","@mt":"Hello {User}","User":{"Name":"ana"},"@l":"Error"}',
  '2026-11-21 10:00:00.123 ERROR 7 --- [main] a.b.C : failed\n\tat a.b.C.d(C.java:1)\nCaused by: x.Y: z',
  '192.0.2.7 - ana [21/Nov/2026:10:00:00 +0000] "GET /a?b=c HTTP/1.1" 200 12 "-" "curl/8"',
  '2026-11-21 10:00:00.123 UTC,"ana","pay",7,"192.0.2.7:5",x,1,"SELECT",,,0,LOG,00000,"statement: SELECT ""1""",,,',
  '<Event xmlns="urn:x"><System><EventID>4624</EventID></System><EventData><Data Name="a">b&amp;</Data></EventData></Event>',
  '<AuditRecord><Audit_Type>1</Audit_Type><Sql_Text>select &lt; 1</Sql_Text></AuditRecord>',
  '#Fields: date time c-ip cs-method cs-uri-stem sc-status\n2026-11-21 10:00:00 192.0.2.7 GET /a 200',
];

/** Texts that parsers stumble over. */
export const TEMPTING: readonly string[] = [
  ...[
    '"',
    "'",
    '\\',
    '\\"',
    '{',
    '}',
    '[',
    ']',
    '[[[[[[[[',
    '{"a":',
    '=',
    '==',
    ',',
    ';',
    '|',
    '<',
    '>',
    '</',
    '<![CDATA[',
  ],
  ...[
    '\u0000',
    '\n',
    '\r\n',
    '\t',
    '\u001b[2J',
    '\ufeff',
    '\u202e',
    '\ud800',
    '%00',
    '%',
    '%s',
    '$' + '{a}',
    '&lt;',
    '&#x110000;',
  ],
  ...[
    '__proto__',
    'constructor',
    '9'.repeat(40),
    '-0',
    '1e999',
    'NaN',
    'null',
    '0x',
    '9999-99-99T99:99:99Z',
    '1601-01-01',
  ],
  ...[
    '::ffff:192.0.2.7',
    '[::1]',
    '999.999.999.999',
    ' '.repeat(64),
    '\u00e9',
    '\ud83d\ude00',
    'a'.repeat(300),
  ],
];

/** The first lines of every sample that ships, and some written for what has none. */
export function seeds(): string[] {
  const found = FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(log|jsonl|csv|xml|txt|raw)$/.test(entry.name))
      .flatMap((entry) =>
        readFileSync(join(entry.parentPath, entry.name), 'utf8').split('\n').slice(0, LINES_PER_FILE),
      ),
  );
  return [...WRITTEN, ...found]
    .filter((line) => line.trim() !== '')
    .map((line) => line.slice(0, LONGEST_SEED));
}

const share = fc.double({ min: 0, max: 1, noNaN: true });
type Change = (text: string) => string;
const at = (text: string, where: number) => Math.floor(where * text.length);

/** One record: a seed that was changed a few times, now and then with bytes that are no text. */
export function records(from: readonly string[]): fc.Arbitrary<Uint8Array> {
  const change: fc.Arbitrary<Change> = fc.oneof(
    fc.tuple(share, fc.constantFrom(...TEMPTING)).map(
      ([where, piece]): Change =>
        (text) =>
          text.slice(0, at(text, where)) + piece + text.slice(at(text, where)),
    ),
    fc.tuple(share, share).map(
      ([a, b]): Change =>
        (text) =>
          text.slice(0, at(text, Math.min(a, b))) + text.slice(at(text, Math.max(a, b))),
    ),
    fc.tuple(share, share).map(
      ([a, b]): Change =>
        (text) =>
          text.slice(0, at(text, Math.max(a, b))) + text.slice(at(text, Math.min(a, b))),
    ),
    fc.tuple(share, fc.constantFrom(...from)).map(
      ([where, other]): Change =>
        (text) =>
          text.slice(0, at(text, where)) + other.slice(at(other, where)),
    ),
    fc.tuple(share, fc.string({ unit: 'binary', maxLength: 6 })).map(
      ([where, piece]): Change =>
        (text) =>
          text.slice(0, at(text, where)) + piece + text.slice(at(text, where) + piece.length),
    ),
  );
  const text = fc
    .tuple(fc.constantFrom(...from), fc.array(change, { maxLength: 6 }))
    .map(([seed, changes]) => changes.reduce((so, one) => one(so), seed))
    .map((one) => Buffer.from(one));
  const flipped = fc
    .tuple(text, fc.array(fc.tuple(share, fc.nat(255)), { minLength: 1, maxLength: 4 }))
    .map(([bytes, flips]) => {
      const changed = Buffer.from(bytes);
      for (const [where, value] of flips)
        if (changed.length > 0)
          changed[Math.min(changed.length - 1, Math.floor(where * changed.length))] = value;
      return changed;
    });
  return fc.oneof(
    { weight: 4, arbitrary: text },
    { weight: 1, arbitrary: flipped },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) },
  );
}

/** Pieces that, repeated, find patterns that backtrack and loops that start over. */
export const PUMPS: readonly string[] = [
  ...[
    'a',
    ' ',
    '"',
    '\\',
    '\\"',
    '=',
    ',',
    ';',
    '|',
    '[',
    '{',
    '<',
    '(',
    '\n',
    '\n ',
    '%41',
    'a=b ',
    '"a":1,',
    '[{',
  ],
  ...['<a>', '&lt;', '1', '1.', ':', '-', "'", "''", '/*', '--', '\u0000', 'a,', '""', 'é'],
];
