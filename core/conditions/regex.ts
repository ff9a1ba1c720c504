/** Regular expressions in linear time (RE2 syntax: no look-around, no back references). */
import { RE2JS, RE2JSException } from 're2js';
import { errors } from '../errors.ts';

/** A pattern longer than this is refused: compiling costs memory in proportion. */
const MAX_LENGTH = 20_000;

/** Found anywhere in the text; `flags` is a subset of `ims`. Throws a usage error that says what is wrong. */
export function compileRegex(source: string, flags: string): (text: string) => boolean {
  if (source.length > MAX_LENGTH)
    throw errors.usage(`regular expression of ${source.length} characters; at most ${MAX_LENGTH} are taken`);
  const unknown = /[^ims]/.exec(flags);
  if (unknown)
    throw errors.usage(
      `regular expression flag ${JSON.stringify(unknown[0])} is not known`,
      'flags are i, m and s',
    );
  let bits = 0;
  if (flags.includes('i')) bits |= RE2JS.CASE_INSENSITIVE;
  if (flags.includes('m')) bits |= RE2JS.MULTILINE;
  if (flags.includes('s')) bits |= RE2JS.DOTALL;
  const isLong = longLine(source, flags);
  if (isLong) return isLong;
  try {
    const compiled = RE2JS.compile(source, bits);
    return (text) => compiled.test(text);
  } catch (cause) {
    if (!(cause instanceof RE2JSException)) throw cause;
    throw errors.usage(`regular expression cannot be used: ${cause.message}`, hintFor(source));
  }
}

/**
 * Throws as `compileRegex` does, mostly without compiling: of thousands of loaded rules few ever run their expression, and compiling all
 * takes a tenth of the time to load them.
 */
export function checkRegex(source: string, flags: string): void {
  if (!isPlain(source) || /[^ims]/.test(flags)) compileRegex(source, flags);
}

/** What the engine of JavaScript takes and RE2 might not: look-around, back references, flags, classes by name, rare escapes. */
const UNLIKE = /\(\?(?!:)|\\[^dDwWsStnrfv^$\\.*+?()[\]{}|/-]|\[\^?\]|\[:/;
const MAX_PLAIN = 1_000;
/** RE2 takes no more repetitions, those inside repeated groups multiplied. */
const MAX_TIMES = 1_000;

/** Is the expression one that RE2 certainly takes? JavaScript says whether it is whole; what the two read otherwise is left out. */
function isPlain(source: string): boolean {
  const rest = source.replace(/^\(\?i\)/, '').replaceAll('\\\\', 'x');
  if (source.length > MAX_PLAIN || UNLIKE.test(rest)) return false;
  const times = [...rest.matchAll(/\{(\d+)(?:,(\d*))?\}/g)].map(([, least, most]) =>
    Math.max(1, Number(least), Number(most ?? 0)),
  );
  const multiplied = rest.includes('){')
    ? times.reduce((product, one) => product * one, 1)
    : Math.max(...times);
  if (multiplied > MAX_TIMES) return false;
  try {
    new RegExp(rest, 'u');
    return true;
  } catch {
    return false;
  }
}

/** `.{1000,}` (and `(.){1000,}`) asks only for the length of a line, but costs any engine a thousand states: it is counted instead. */
function longLine(source: string, flags: string): ((text: string) => boolean) | undefined {
  const least = Number(/^(?:\.|\(\.\))\{(\d{1,6}),\}$/.exec(source)?.[1] ?? 0);
  if (least === 0) return undefined;
  return (text) => {
    if (text.length < least) return false;
    let length = 0;
    for (const character of text) {
      length = character === '\n' && !flags.includes('s') ? 0 : length + 1;
      if (length >= least) return true;
    }
    return false;
  };
}

function hintFor(source: string): string {
  if (/\(\?<?[=!]/.test(source))
    return 'look-ahead and look-behind are not taken: they cannot be matched in linear time';
  if (/\\[1-9]/.test(source)) return 'back references are not taken: they cannot be matched in linear time';
  return 'RE2 syntax is taken';
}
