/** Finds texts that any match of a regular expression must hold, to look for them before the expression is run. */

/**
 * A set of alternatives, lower case, one of which occurs in every matching text; undefined when none can be told.
 * Only ASCII literals: other letters may change when texts are lower-cased.
 */
export function regexLiterals(source: string, flags: string): string[] | undefined {
  const inline = /^\(\?([ims]+)\)/.exec(source);
  const ignoresCase = flags.includes('i') || (inline?.[1]?.includes('i') ?? false);
  const reader = { source: inline ? source.slice(inline[0].length) : source, at: 0, ignoresCase };
  const found = alternatives(reader, 0);
  return reader.at < reader.source.length ? undefined : found;
}

interface Reader {
  source: string;
  at: number;
  ignoresCase: boolean;
}

/** Every branch of an alternation needs a literal of its own. */
function alternatives(reader: Reader, depth: number): string[] | undefined {
  const branches: (string[] | undefined)[] = [];
  do {
    branches.push(sequence(reader, depth));
  } while (reader.source[reader.at] === '|' && ++reader.at);
  const all = branches.flatMap((branch) => branch ?? []);
  return branches.every((branch) => branch !== undefined) && all.length <= 50 ? all : undefined;
}

function sequence(reader: Reader, depth: number): string[] | undefined {
  let best: string[] | undefined;
  let run = '';
  const offer = (literals: string[] | undefined) => {
    if (literals === undefined || literals.some((literal) => literal === '')) return;
    if (best === undefined || shortest(literals) > shortest(best)) best = literals;
  };
  const close = () => {
    offer(run === '' ? undefined : [run.toLowerCase()]);
    run = '';
  };
  while (reader.at < reader.source.length) {
    const character = reader.source[reader.at]!;
    if (character === '|' || character === ')') break;
    const isGroup = character === '(';
    const literal = isGroup ? undefined : single(reader);
    const inner = isGroup ? group(reader, depth) : undefined;
    const times = quantifier(reader);
    if (isGroup) {
      close();
      if (times !== 'maybe') offer(inner);
    } else if (literal === undefined || times === 'maybe') close();
    else {
      run += literal;
      if (times === 'many') close();
    }
  }
  close();
  return best;
}

const shortest = (literals: readonly string[]): number =>
  Math.min(...literals.map((literal) => literal.length));

function group(reader: Reader, depth: number): string[] | undefined {
  reader.at++;
  const prefix = /^\?(?::|P?<\w+>)/.exec(reader.source.slice(reader.at, reader.at + 60));
  if (prefix) reader.at += prefix[0].length;
  else if (reader.source[reader.at] === '?' || depth > 50) {
    reader.at = Infinity; // flags inside, or too deep: nothing is told about this expression
    return undefined;
  }
  const inner = alternatives(reader, depth + 1);
  reader.at++;
  return inner;
}

/** The literal character of an element, or undefined when it stands for several. */
function single(reader: Reader): string | undefined {
  const { source } = reader;
  const character = source[reader.at++]!;
  if (character === '\\') {
    const escaped = source[reader.at++] ?? '';
    if (/[a-zA-Z0-9]/.test(escaped)) {
      if (escaped === 'x' || escaped === 'p' || escaped === 'P' || escaped === 'Q') reader.at = Infinity;
      return undefined;
    }
    return usable(escaped, reader);
  }
  if (character === '[') {
    if (source[reader.at] === '^') reader.at++;
    if (source[reader.at] === ']') reader.at++;
    while (reader.at < source.length && source[reader.at] !== ']') {
      if (source.startsWith('[:', reader.at)) reader.at = source.indexOf(':]', reader.at) + 1 || Infinity;
      reader.at += source[reader.at] === '\\' ? 2 : 1;
    }
    reader.at++;
    return undefined;
  }
  return '.^$'.includes(character) ? undefined : usable(character, reader);
}

/** Ignoring case, the Latin long s counts as s but is not lower-cased to it. */
const usable = (character: string, reader: Reader): string | undefined =>
  character > '\u007f' || (reader.ignoresCase && /[sS]/.test(character)) ? undefined : character;

function quantifier(reader: Reader): 'once' | 'many' | 'maybe' {
  const found = /^(?:[*+?]|\{(\d+)?(?:,\d*)?\})\??/.exec(reader.source.slice(reader.at, reader.at + 20));
  if (!found || found[0] === '') return 'once';
  reader.at += found[0].length;
  if (found[0].startsWith('+')) return 'many';
  return found[0].startsWith('{') && Number(found[1] ?? 0) >= 1 ? 'many' : 'maybe';
}
