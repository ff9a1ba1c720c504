/** Reads YAML as rules are written (maps and lists by indentation, values on a line or folded), several times faster than a full reader. */

/**
 * The documents of a text; undefined when there is a mistake or anything else in it (flow collections, anchors, tags, tabs, rare
 * escapes …), so that a slower reader decides. What is taken is read exactly as the careful reader does: the test beside this proves it.
 */
export function plainYaml(text: string, maxDepth: number): unknown[] | undefined {
  if (/[\t\r]/.test(text)) return undefined;
  const from: Cursor = { lines: text.split('\n'), line: 0, indent: 0, depth: maxDepth };
  try {
    return documents(from);
  } catch (cause) {
    if (cause !== unusual) throw cause;
    return undefined;
  }
}

interface Cursor {
  readonly lines: readonly string[];
  /** The line that is read next, and its indentation. */
  line: number;
  indent: number;
  /** Levels of nesting that are left. */
  depth: number;
}

type Values = Record<string, unknown>;

/** Thrown, made once: a trace of the stack for each text that is left to the slower reader costs more than the reading. */
const unusual = new Error('left to the careful reader');
const leave = (): never => {
  throw unusual;
};

const SPACE = 0x20;
const HASH = 0x23;
const DASH = 0x2d;

function documents(from: Cursor): unknown[] {
  const found: unknown[] = [];
  for (let isFirst = true; skipBlank(from); isFirst = false) {
    const isMarked = /^--- *$/.test(from.lines[from.line]!);
    if (isMarked) from.line++;
    else if (!isFirst) leave();
    if (!skipBlank(from) || isMarker(from.lines[from.line]!)) leave();
    found.push(node(from));
  }
  return found.length > 0 ? found : leave();
}

const isMarker = (line: string): boolean => line.startsWith('---') || line.startsWith('...');

/** To the next line that says something; false at the end of the text. */
function skipBlank(from: Cursor): boolean {
  for (; from.line < from.lines.length; from.line++) {
    const line = from.lines[from.line]!;
    const indent = spacesFrom(line, 0);
    if (indent === line.length || line.charCodeAt(indent) === HASH) continue;
    from.indent = indent;
    return true;
  }
  return false;
}

function spacesFrom(line: string, start: number): number {
  let at = start;
  while (line.charCodeAt(at) === SPACE) at++;
  return at;
}

/** Not `trimEnd`: YAML knows fewer blanks than Unicode. */
function withoutBlanksAtEnd(text: string): string {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === SPACE) end--;
  return text.slice(0, end);
}

/** A map or list that starts on this line. */
function node(from: Cursor): unknown {
  if (--from.depth < 0) leave();
  const column = from.indent;
  const value = isItem(from.lines[from.line]!, column) ? list(from, column) : map(from, column);
  from.depth++;
  return value;
}

const isItem = (line: string, column: number): boolean =>
  line.charCodeAt(column) === DASH && (column + 1 === line.length || line.charCodeAt(column + 1) === SPACE);

/** Does the node that stands at `column` go on with the next line? */
function goesOn(from: Cursor, column: number): boolean {
  if (!skipBlank(from) || from.indent < column) return false;
  if (from.indent > column) leave();
  return column > 0 || !isMarker(from.lines[from.line]!);
}

function map(from: Cursor, column: number): Values {
  const values: Values = {};
  do {
    const line = from.lines[from.line]!;
    const end = endOfKey(line, column);
    if (end === -1) leave();
    const key = keyOf(line.slice(column, end));
    // Stands here twice, or is the name of something that every object has.
    if (values[key] !== undefined) leave();
    values[key] = value(from, spacesFrom(line, end + 1), column, true);
  } while (goesOn(from, column));
  return values;
}

/** Where the colon behind the key stands; -1 when there is none. */
function endOfKey(line: string, column: number): number {
  const end = line.indexOf(':', column);
  return end === -1 || end + 1 === line.length || line.charCodeAt(end + 1) === SPACE ? end : -1;
}

/** Few keys are used again and again: what they say is found once. */
const keys = new Map<string, string>();
const MAX_KEYS = 10_000;

function keyOf(written: string): string {
  const known = keys.get(written);
  if (known !== undefined) return known;
  const found =
    /^(?:([A-Za-z_][^:#]{0,200}?)|'([^':]{0,200})'|"([^"\\:]{0,200})") *$/.exec(written) ?? leave();
  const key = copyOf(found[2] ?? found[3] ?? found[1]!);
  if (found[1] !== undefined && typeof scalar(key) !== 'string') leave();
  if (keys.size >= MAX_KEYS) keys.clear();
  keys.set(copyOf(written), key);
  return key;
}

/** What is kept must be a text of its own: a piece holds all of the text that it was cut from in memory. */
const copyOf = (piece: string): string => JSON.parse(JSON.stringify(piece)) as string;

function list(from: Cursor, column: number): unknown[] {
  const values: unknown[] = [];
  do {
    const line = from.lines[from.line]!;
    if (!isItem(line, column)) break;
    const start = spacesFrom(line, column + 1);
    if (isItem(line, start)) leave();
    const first = line.charCodeAt(start);
    const isText = first === 0x22 || first === 0x27;
    if (!isText && endOfKey(line, start) !== -1) {
      if (--from.depth < 0) leave();
      values.push(map(from, start));
      from.depth++;
    } else values.push(value(from, start, column, false));
  } while (goesOn(from, column));
  return values;
}

/** What stands behind a key or a dash; `column` is that of the map or list. */
function value(from: Cursor, start: number, column: number, inMap: boolean): unknown {
  const rest = from.lines[from.line]!.slice(start);
  from.line++;
  switch (rest[0]) {
    case undefined:
    case '#': {
      if (!skipBlank(from)) return null;
      const isBelow =
        from.indent > column || (inMap && from.indent === column && isItem(from.lines[from.line]!, column));
      return isBelow ? node(from) : null;
    }
    case "'": {
      const found = /^'((?:[^']|'')*)' *(?: #.*)?$/.exec(rest) ?? leave();
      const text = found[1]!;
      return text.includes("'") ? text.replaceAll("''", "'") : text;
    }
    case '"': {
      const found = /^("(?:[^"\\]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*") *(?: #.*)?$/.exec(rest) ?? leave();
      return JSON.parse(found[1]!);
    }
    case '|':
    case '>':
      return block(from, rest, column);
    default:
      return plain(from, rest, column);
  }
}

/** These start something else, or nothing. */
const NO_PLAIN_START = /^(?:[,[\]{}&*!%@`]|[-?:](?: |$))/;
/** Ends a plain text, or is a mistake in it. */
const NO_PLAIN = /: | #|:$/;

function plain(from: Cursor, rest: string, column: number): unknown {
  if (NO_PLAIN_START.test(rest)) leave();
  if (NO_PLAIN.test(rest)) {
    const comment = rest.indexOf(' #');
    const text = withoutBlanksAtEnd(rest.slice(0, comment));
    if (comment === -1 || NO_PLAIN.test(text)) leave();
    return scalar(text);
  }
  let text = withoutBlanksAtEnd(rest);
  let isFolded = false;
  for (let breaks = 1; from.line < from.lines.length; breaks++, from.line++) {
    const line = from.lines[from.line]!;
    const indent = spacesFrom(line, 0);
    if (indent === line.length) continue;
    if (indent <= column) break;
    const more = withoutBlanksAtEnd(line.slice(indent));
    if (more[0] === '#' || NO_PLAIN.test(more)) leave();
    text += breaks === 1 ? ` ${more}` : '\n'.repeat(breaks - 1) + more;
    breaks = 0;
    isFolded = true;
  }
  return isFolded ? text : scalar(text);
}

/** `|` keeps its lines, `>` joins them. */
function block(from: Cursor, header: string, column: number): string {
  const [, kind, chomp] = /^([|>])(-?) *(?: #.*)?$/.exec(header) ?? leave();
  let indent = -1;
  let text = '';
  let breaks = 0;
  for (; from.line < from.lines.length; from.line++) {
    const line = from.lines[from.line]!;
    const own = spacesFrom(line, 0);
    if (own === line.length) {
      // Blanks beyond the indentation would be text.
      if (indent === -1 ? own > 0 : own > indent) leave();
      breaks++;
      continue;
    }
    if (indent === -1) indent = own;
    if (own < indent || indent <= column) {
      if (own > column) leave();
      break;
    }
    // Deeper lines are not joined.
    if (kind === '>' && own > indent) leave();
    if (text === '') text = '\n'.repeat(breaks) + line.slice(indent);
    else if (kind === '|') text += '\n'.repeat(breaks + 1) + line.slice(indent);
    else text += (breaks === 0 ? ' ' : '\n'.repeat(breaks)) + line.slice(indent);
    breaks = 0;
  }
  if (text === '') leave();
  return chomp === '-' ? text : `${text}\n`;
}

const NUMBER = /^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?$|^0(?:o[0-7]+|x[0-9a-fA-F]+)$/;
const WORDS = new Map<string, unknown>([
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => [word, null] as const),
  ...['true', 'True', 'TRUE'].map((word) => [word, true] as const),
  ...['false', 'False', 'FALSE'].map((word) => [word, false] as const),
]);

/** What a plain text stands for in YAML 1.2; numbers with a leading zero stay text. */
function scalar(text: string): unknown {
  if (text.length < 6) {
    const word = WORDS.get(text);
    if (word !== undefined) return word;
  }
  if (!/^[-+.\d]/.test(text)) return text;
  if (/^[-+]?\.(?:inf|nan)$/i.test(text)) leave();
  return NUMBER.test(text) && !/^[-+]?0\d/.test(text) ? Number(text) : text;
}
