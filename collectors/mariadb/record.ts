/**
 * One line of the audit plug-in's file: `time,server,user,host,connection,query,operation,database,object,code`. User,
 * database and table names are written without quotes or escapes: a name may hold commas, and the name of a refused login,
 * which anybody may choose, even whole forged lines. So connection lines are read from their end.
 */

export interface AuditLine {
  time: string;
  server: string;
  user: string;
  host: string;
  connection: string;
  query: string;
  /** CONNECT, FAILED_CONNECT, DISCONNECT, QUERY, READ, WRITE, CREATE, ALTER, RENAME, DROP … */
  operation: string;
  database: string;
  /** Table, or the statement with its escapes undone. */
  object: string;
  /** Error code; 0 is success; empty for tables. */
  code: string;
}

const HEAD = /^(\d{8} \d{1,2}:\d{2}:\d{2}),([^,\n]*),/;
/** Greedy: of several places where the end could begin, the last is the server's own. Names are bounded: so is the search. */
const CONNECTION =
  /^(.*),([^,]{0,600}),(\d{1,20}),(\d{1,20}),(CONNECT|FAILED_CONNECT|DISCONNECT|CHANGEUSER|PROXY_CONNECT),([^']{0,600}?),([^,']{0,600}),(\d{1,10})$/s;
const STATEMENT =
  /^(.*?),([^,]{0,600}),(\d{1,20}),(\d{1,20}),(QUERY|QUERY_DDL|QUERY_DML|QUERY_DCL|EXECUTE|PREPARE),(.{0,600}?),'(.*)',(\d{1,10})$/s;
const TABLE =
  /^(.*?),([^,]{0,600}),(\d{1,20}),(\d{1,20}),(READ|WRITE|CREATE|ALTER|RENAME|DROP),([^,]{0,600}),(.*),$/s;
/** How a line ends tells which of the three it is. */
const shapeOf = (line: string): RegExp =>
  line.endsWith(',') ? TABLE : /',\d{1,10}$/.test(line) ? STATEMENT : CONNECTION;

/** Does a record begin here? */
export const beginsRecord = (line: string): boolean => HEAD.test(line);

/** Can a record end with this line? A name that holds a line break cuts it before its end. */
export const endsRecord = (line: string): boolean =>
  beginsRecord(line) ? typeof auditLine(line) !== 'string' : /,\d{0,10}$/.test(line);

/** Statements and tables are of accounts that exist, and their line breaks are escaped: nothing can follow them. */
export const standsAlone = (line: string): boolean => {
  const parts = beginsRecord(line) ? auditLine(line) : undefined;
  return typeof parts === 'object' && shapeOf(line) !== CONNECTION;
};

const LETTERS: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' };

/** Escapes of the plug-in: quotes and backslashes, and control characters by letter. */
export const unescapeStatement = (text: string): string =>
  text.replace(/\\(.)/gs, (_found: string, letter: string) =>
    Object.hasOwn(LETTERS, letter) ? LETTERS[letter]! : letter,
  );
export const escapeStatement = (text: string): string =>
  text
    .replace(/[\\']/g, (found) => `\\${found}`)
    .replace(/[\n\t\r\b\f]/g, (found) => {
      const letter = Object.keys(LETTERS).find((key) => LETTERS[key] === found);
      return `\\${letter}`;
    });

/** The line taken apart, or a sentence that says what is wrong with it. */
export function auditLine(line: string): AuditLine | string {
  const head = HEAD.exec(line);
  if (head === null)
    return 'line does not start with "20261121 19:59:35,server,": not the file of the server_audit plug-in';
  const rest = line.slice(head[0].length);
  const shape = shapeOf(rest);
  const parts = shape.exec(rest);
  if (parts === null) {
    return 'line is cut off, or of an operation that is not known: time,server,user,host,connection,query,operation,database,object,code';
  }
  const [, user, host, connection, query, operation, database, object, code] = parts as unknown as string[];
  return {
    time: head[1]!,
    server: head[2]!,
    user: user!,
    host: host!,
    connection: connection!,
    query: query!,
    operation: operation!,
    database: database!,
    object: shape === STATEMENT ? unescapeStatement(object!) : object!,
    code: code ?? '',
  };
}
