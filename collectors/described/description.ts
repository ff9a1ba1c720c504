/** What a description says, after its file was checked; `read.ts` reads it, `described.ts` is its collector. */

export type Format = 'json' | 'logfmt' | 'csv' | 'cef' | 'leef' | 'regex' | 'grok';
export type As = 'text' | 'lower' | 'number' | 'ip' | 'list';
export type Scalar = string | number | boolean;

/** A source field by name, the first of several that is there, or a constant. */
export type FieldSource =
  | string
  | {
      from?: string | readonly string[];
      as?: As;
      /** Values that mean "none": the field is left out. */
      unless?: readonly Scalar[];
      /** Value as written → value as kept; others stay. */
      map?: Readonly<Record<string, Scalar>>;
      value?: Scalar | readonly Scalar[];
    };

export type Test =
  | Scalar
  | readonly Scalar[]
  | { gte?: number; lt?: number; matches?: string; exists?: boolean };

export interface When {
  if: Readonly<Record<string, Test>>;
  set: Readonly<Record<string, Scalar | readonly Scalar[]>>;
}

export interface Sample {
  record: string;
  /** ECS fields by dotted name; null where the event must not have one. */
  expect?: Readonly<Record<string, unknown>>;
  /** Part of the reason for which the record must be refused. */
  reject?: string;
}

export interface Description {
  title: string;
  dataset: string;
  logsource?: { product?: string; category?: string; service?: string };
  format: Format;
  /** `regex` and `grok`: the first that fits counts. */
  patterns?: readonly string[];
  /** `grok`: patterns of one's own. */
  define?: Readonly<Record<string, string>>;
  /** `csv`. */
  columns?: readonly string[];
  separator?: string;
  /** A line where a record begins; lines that do not fit belong to the record before. */
  starts?: string;
  time?: { from: string | readonly string[]; formats: readonly string[] };
  fields: Readonly<Record<string, FieldSource>>;
  when?: readonly When[];
  /** What the first group of these finds is replaced before anything is read. */
  mask?: readonly string[];
  /** `keep`: a record that fits no pattern becomes an event with its text as message. */
  unmatched?: 'reject' | 'keep';
  samples: readonly Sample[];
}
