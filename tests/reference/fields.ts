/** What an event holds under a field name (section 12 of the language), and the message in which keywords are searched. */

export type Scalar = string | number | boolean;

/** Undefined: the field is not there. `isObject`: it holds an object, which has no text of its own. */
export type Found = { values: Scalar[]; isObject: boolean } | undefined;

export const textOf = (value: Scalar): string => String(value);

/** N-2, N-5: the name itself, or a name without dots that becomes it when its blanks are removed; else the path that its dots describe, through every element of a list. */
export function fieldOf(event: unknown, name: string): Found {
  if (Array.isArray(event)) {
    const found = event.map((element) => fieldOf(element, name)).filter((one) => one !== undefined);
    if (found.length === 0) return undefined;
    return { values: found.flatMap((one) => one.values), isObject: found.some((one) => one.isObject) };
  }
  if (typeof event !== 'object' || event === null) return undefined;
  for (const [key, value] of Object.entries(event))
    if (key === name || (!key.includes('.') && key.replaceAll(' ', '') === name)) return heldIn(value);
  // The longest name first.
  for (let dot = name.lastIndexOf('.'); dot > 0; dot = name.lastIndexOf('.', dot - 1)) {
    const head = name.slice(0, dot);
    if (!Object.hasOwn(event, head)) continue;
    const found = fieldOf((event as Record<string, unknown>)[head], name.slice(dot + 1));
    if (found !== undefined) return found;
  }
  return undefined;
}

function heldIn(value: unknown): NonNullable<Found> {
  if (Array.isArray(value)) {
    const all = value.map(heldIn);
    return { values: all.flatMap((one) => one.values), isObject: all.some((one) => one.isObject) };
  }
  if (value === null || value === undefined) return { values: [], isObject: false };
  if (typeof value === 'object') return { values: [], isObject: true };
  return { values: [value as Scalar], isObject: false };
}

/** What names the event's origin is no part of its message. */
const ORIGIN = new Set(['product', 'category', 'service', 'vigia']);

/** K-1: the original text if it is kept, else the message, else the values of all fields. */
export function messageOf(event: Record<string, unknown>): Scalar[] {
  for (const name of ['event.original', 'message']) {
    const found = fieldOf(event, name);
    if (found !== undefined && found.values.length > 0) return found.values;
  }
  return Object.entries(event).flatMap(([key, value]) => (ORIGIN.has(key) ? [] : everyValue(value)));
}

function everyValue(value: unknown): Scalar[] {
  if (value === null || value === undefined) return [];
  return typeof value === 'object' ? Object.values(value).flatMap(everyValue) : [value as Scalar];
}
