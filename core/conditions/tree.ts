/** The one query tree (design section 6). Readers: the in-process matcher, Elasticsearch, SQLite, the analyst's query line. */

export type Scalar = string | number | boolean;

/** A piece of a wildcard pattern: literal text, `*` (any number of characters, line breaks included) or `?` (one code point). */
export type PatternPart = string | { readonly wild: '*' | '?' };

/**
 * Text compares ignoring letter case unless `cased`. A field holding several values satisfies a leaf when any value does
 * (so `not` means "no value does"). A missing field satisfies only `null`, and `not` of other leaves.
 */
export type Condition =
  | { readonly op: 'always' }
  | { readonly op: 'never' }
  | { readonly op: 'and' | 'or'; readonly of: readonly Condition[] }
  | { readonly op: 'not'; readonly of: Condition }
  /** Numbers equal their decimal text; booleans equal `true`/`false` in any case. */
  | { readonly op: 'equals'; readonly field: string; readonly value: Scalar; readonly cased?: boolean }
  /** Any of the values; always ignoring case. */
  | { readonly op: 'in'; readonly field: string; readonly values: readonly Scalar[] }
  | {
      readonly op: 'contains' | 'startsWith' | 'endsWith';
      readonly field: string;
      readonly value: string;
      readonly cased?: boolean;
    }
  | {
      readonly op: 'wildcard';
      readonly field: string;
      readonly pattern: readonly PatternPart[];
      readonly cased?: boolean;
    }
  /** Found anywhere in the value; `flags` is a subset of `ims`; linear time, no look-around, no back reference. */
  | { readonly op: 'regex'; readonly field: string; readonly source: string; readonly flags: string }
  /** Numbers compare as numbers (numeric text counts); ISO times in text compare as text. */
  | {
      readonly op: 'range';
      readonly field: string;
      readonly gt?: Scalar;
      readonly gte?: Scalar;
      readonly lt?: Scalar;
      readonly lte?: Scalar;
    }
  | { readonly op: 'cidr'; readonly field: string; readonly network: string }
  /** The field is there, whatever its value (also null or empty). */
  | { readonly op: 'exists'; readonly field: string }
  /** The field is missing or null. */
  | { readonly op: 'null'; readonly field: string }
  /** Two fields of the same event, compared as text ignoring case; false when either is missing. */
  | {
      readonly op: 'sameAs';
      readonly field: string;
      readonly other: string;
      readonly how: 'equals' | 'contains' | 'startsWith' | 'endsWith';
    }
  /** A part of a date field, in UTC; weeks are ISO weeks. */
  | {
      readonly op: 'datePart';
      readonly field: string;
      readonly part: 'minute' | 'hour' | 'day' | 'week' | 'month' | 'year';
      readonly value: number;
    }
  /** Anywhere in the whole message: `event.original`, else `message`, else the values of all fields. */
  | { readonly op: 'keyword'; readonly pattern: readonly PatternPart[]; readonly cased?: boolean }
  | { readonly op: 'keywordRegex'; readonly source: string; readonly flags: string };

export const always: Condition = { op: 'always' };
export const and = (...of: Condition[]): Condition => (of.length === 1 ? of[0]! : { op: 'and', of });
export const or = (...of: Condition[]): Condition => (of.length === 1 ? of[0]! : { op: 'or', of });
export const not = (of: Condition): Condition => ({ op: 'not', of });
export const equals = (field: string, value: Scalar): Condition => ({ op: 'equals', field, value });
export const isIn = (field: string, values: readonly Scalar[]): Condition => ({ op: 'in', field, values });
