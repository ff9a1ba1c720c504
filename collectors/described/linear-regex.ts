/** Regular expressions with named groups in linear time (RE2 syntax), as descriptions write them. */
import { RE2JS, RE2JSException } from 're2js';

/** A pattern longer than this is refused: compiling costs memory in proportion. */
const MAX_LENGTH = 20_000;

export interface LinearRegex {
  names: readonly string[];
  test(text: string): boolean;
  /** Named groups of the first place where the pattern fits; groups that took no part are left out. */
  groups(text: string): Record<string, string> | undefined;
  /** The text with the first group of every match (or all of it) replaced. */
  replace(text: string, replacement: string): string;
}

/** The compiled pattern, or a sentence that says what is wrong with it. */
export function linearRegex(source: string): LinearRegex | string {
  if (source.length > MAX_LENGTH)
    return `the pattern has ${source.length} characters; at most ${MAX_LENGTH} are taken`;
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(source);
  } catch (cause) {
    if (!(cause instanceof RE2JSException)) throw cause;
    return `the pattern cannot be used: ${cause.message} (RE2 syntax: no look-around, no back references)`;
  }
  const names = Object.keys(compiled.namedGroups());
  return {
    names,
    test: (text: string) => compiled.test(text),
    groups(text: string) {
      const matcher = compiled.matcher(text);
      if (!matcher.find()) return undefined;
      return Object.fromEntries(
        names.flatMap((name) => {
          const value = matcher.group(name);
          return value === null ? [] : [[name, value]];
        }),
      );
    },
    replace(text: string, replacement: string) {
      const matcher = compiled.matcher(text);
      const group = compiled.groupCount() > 0 ? 1 : 0;
      let result = '';
      let done = 0;
      while (matcher.find()) {
        const [start, end] = [matcher.start(group), matcher.end(group)];
        if (start < 0 || end <= done) continue;
        result += text.slice(done, start) + replacement;
        done = end;
      }
      return result + text.slice(done);
    },
  };
}
