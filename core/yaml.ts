/** Reads YAML that people write (rules, flows, policies, settings), keeping the place of everything for messages. */
import type { Problem } from './errors.ts';
import { MAX_DEPTH, parseWithPlaces, placeIn, withoutMark } from './yaml-places.ts';
import { plainYaml } from './yaml-plain.ts';
import { yamlValues } from './yaml-values.ts';

export { checkSchema } from './schema.ts';

export interface Place {
  line: number;
  column: number;
}

export interface YamlDocument {
  readonly path: string;
  readonly value: unknown;
  /** Where a key or list item stands (counting from 1); the nearest enclosing one when the pointer leads nowhere. */
  at(pointer: readonly (string | number)[]): Place;
}

export interface YamlFile {
  documents: YamlDocument[];
  problems: Problem[];
  /** Documents whose only mistakes are keys that stand twice: never to be used, but worth checking for further mistakes. */
  doubtful: YamlDocument[];
}

/** Generous for what people write; the longest public rule has 190 KB. */
const MAX_CHARACTERS = 4_000_000;

/**
 * YAML 1.2, with four additions for Sigma: a duplicate key is a problem, numbers with a leading zero stay text
 * (`00000429`), dates stay text, and `<<` merges maps, as it does for Sigma's own tools. Byte order mark and CRLF are fine. Documents with problems are left out of `documents`.
 * A text without mistakes is read without looking for places; they are found when somebody asks. Of the three readers each takes what
 * the one before leaves: thousands of public rules are plain (which halves the time that reading them takes), few files are wrong.
 */
export function parseYaml(text: string, path: string): YamlFile {
  if (text.length > MAX_CHARACTERS) {
    const message = `the file has ${text.length} characters; at most ${MAX_CHARACTERS} are read`;
    const problem: Problem = { path, line: 1, column: 1, message, hint: 'split it' };
    return { documents: [], problems: [problem], doubtful: [] };
  }
  const written = withoutMark(text);
  const values = plainYaml(written, MAX_DEPTH) ?? yamlValues(written, MAX_DEPTH);
  if (values !== undefined) {
    return {
      documents: values.map((value, index) => ({
        path,
        value,
        at: (pointer) => placeIn(text, index, pointer),
      })),
      problems: [],
      doubtful: [],
    };
  }
  return parseWithPlaces(text, path);
}
