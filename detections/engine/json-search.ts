/** Looks for what a message may hold in the JSON text that an event was read from, so that most messages are never put together. */
import { searchLiterals } from '../../core/conditions/literals.ts';
import { makeValue } from '../../core/conditions/values.ts';

/** Calls `found` with the index of each literal that the event may hold. False, and no call, where the text cannot tell. */
export type JsonSearch = (json: string, found: (index: number) => boolean) => boolean;

/** What stands in JSON as it is: printable ASCII, but no quotes, backslashes and slashes. */
const PLAIN = /[ !#-.0-[\]-~]+/g;
/** A shorter part of a literal is found in too many texts. */
const TELLING = 3;
/** The text of a number may be another than the one in JSON: `1e3`. */
const IN_NUMBERS = /^[-+.\de]*$/i;
/** Any character may be written so. */
const ESCAPED = /(?:^|[^\\])(?:\\\\)*\\u/;

/** The literals must be lower case. Undefined when one of them cannot be told from JSON. */
export function searchJson(literals: readonly string[]): JsonSearch | undefined {
  const parts = literals.map(longestPlain);
  if (literals.some((literal, index) => IN_NUMBERS.test(literal) || parts[index]!.length < TELLING))
    return undefined;
  const search = searchLiterals(parts);
  return (json, found) => {
    if (json.includes('\\u') && ESCAPED.test(json)) return false;
    search(makeValue(json), found);
    return true;
  };
}

const longestPlain = (literal: string): string =>
  (literal.match(PLAIN) ?? []).reduce((best, part) => (part.length > best.length ? part : best), '');
