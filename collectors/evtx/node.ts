/** What BinXML is read into: skeletons with holes, and what the records of a chunk share while they are read. */
import type { Budget } from './budget.ts';
import type { Malformed } from './cursor.ts';
import type { ValueAt } from './value.ts';

/** Plain text, a hole, an element, or a template with the values for its holes. */
export type Node = string | Hole | ElementNode | Instance;

/** The value with this number goes here; an optional one takes its attribute away when it is missing. */
export interface Hole {
  readonly kind: 'hole';
  readonly index: number;
  readonly optional: boolean;
}

/** An element; it is left out when the value that it depends on is missing. */
export interface ElementNode {
  readonly kind: 'element';
  readonly name: string;
  readonly dependsOn: number;
  readonly attributes: readonly (readonly [string, readonly Node[]])[];
  readonly children: readonly Node[];
}

/** A template filled with values. */
export interface Instance {
  readonly kind: 'instance';
  readonly body: readonly Node[];
  readonly values: readonly ValueAt[];
}

/** What all records of a chunk share: its bytes, and names and templates that were read before. */
export interface Chunk {
  readonly bytes: Buffer;
  readonly names: Map<number, string>;
  /** `undefined` while a template is being read: one that contains itself is malformed. */
  readonly templates: Map<number, Template | Malformed | undefined>;
  readonly budget: Budget;
}

/** A template: its id is the first part of its GUID, and every use repeats it. */
export interface Template {
  readonly id: number;
  readonly body: readonly Node[];
}

/** The dependency of an element that is always shown. */
export const independent = 0xffff;
