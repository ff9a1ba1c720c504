/** Reads the values that a document holds under a field name, ready to be compared. */

/** One value with the two texts that comparisons use: as written, and lower-cased once. */
export interface Value {
  readonly raw: string | number | boolean;
  readonly text: string;
  readonly lower: string;
}

/** What a document holds under one name. No entry at all means that the name is not there. */
export interface Held {
  /** Empty when the field is null or an empty list. */
  readonly values: Value[];
  /** An object lies under the name: the field exists, but has no text of its own. */
  hasObject: boolean;
}

/** Lower-cased when first asked for: most values of most events are never compared. */
class FieldValue implements Value {
  readonly raw: string | number | boolean;
  readonly text: string;
  private lowered: string | undefined = undefined;

  constructor(raw: string | number | boolean) {
    this.raw = raw;
    this.text = typeof raw === 'string' ? raw : String(raw);
  }
  get lower(): string {
    return (this.lowered ??= this.text.toLowerCase());
  }
}

/** Text of a scalar as rules compare it: numbers in decimal, booleans as `true` and `false`. */
export const makeValue = (raw: string | number | boolean): Value => new FieldValue(raw);

/** Nesting beyond this is not walked: documents are written by attackers too. */
const MAX_DEPTH = 100;

/** Adds what lies at the end of a path: scalars, the elements of lists, the mere presence of objects. */
export function hold(held: Held, found: unknown, depth = 0): void {
  if (typeof found === 'string') {
    held.values.push(makeValue(found));
    return;
  }
  if (found === null || found === undefined || depth > MAX_DEPTH) return;
  if (Array.isArray(found)) for (const element of found) hold(held, element, depth + 1);
  else if (typeof found === 'object') held.hasObject = true;
  else if (typeof found === 'number' || typeof found === 'boolean') held.values.push(makeValue(found));
  else if (typeof found === 'bigint') held.values.push(makeValue(String(found)));
}

/** A field name cut at its dots, once. */
export const segmentsOf = (field: string): readonly string[] => field.split('.');

/**
 * The values under a dotted name: a key that holds the dots itself is tried first, then the path; lists are walked
 * element by element. Undefined when nothing is there.
 */
export function readField(document: object, segments: readonly string[]): Held | undefined {
  const held: Held = { values: [], hasObject: false };
  return walk(document, segments, 0, held, 0) ? held : undefined;
}

function walk(node: unknown, segments: readonly string[], start: number, held: Held, depth: number): boolean {
  if (start === segments.length) {
    hold(held, node);
    return true;
  }
  if (typeof node !== 'object' || node === null || depth > MAX_DEPTH) return false;
  if (Array.isArray(node)) {
    let found = false;
    for (const element of node) found = walk(element, segments, start, held, depth + 1) || found;
    return found;
  }
  for (let end = segments.length; end > start; end--) {
    const key = end === start + 1 ? segments[start]! : segments.slice(start, end).join('.');
    // Own keys only: a document may well have a field called `constructor`, but never inherits one.
    if (
      Object.hasOwn(node, key) &&
      walk((node as Record<string, unknown>)[key], segments, end, held, depth + 1)
    )
      return true;
  }
  return false;
}
