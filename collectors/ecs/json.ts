/** Reads JSON records of which nothing is sure: values are asked for by path, and are there in the wanted type or not at all. */

export type Json = Readonly<Record<string, unknown>>;

const utf8 = new TextDecoder('utf-8');

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The object that a line holds, or a sentence that says why it holds none. */
export function jsonObject(raw: Uint8Array): Json | string {
  let value: unknown;
  try {
    value = JSON.parse(utf8.decode(raw));
  } catch (cause) {
    return `not a JSON record: ${cause instanceof SyntaxError ? 'syntax error (cut off?)' : 'nested too deeply'}`;
  }
  return isObject(value) ? value : 'JSON, but no object';
}

/** What lies at a path of own keys. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  let found = value;
  for (const key of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) return undefined;
    found = (found as Json)[key];
  }
  return found;
}

/** A text, also of a number or truth value; undefined when empty. */
export function text(value: unknown, ...path: readonly string[]): string | undefined {
  const found = at(value, ...path);
  if (typeof found === 'string') return found === '' ? undefined : found;
  // JSON can write numbers that none of ours holds (1e999); written again they would be null.
  if (typeof found === 'number') return Number.isFinite(found) ? String(found) : undefined;
  return typeof found === 'boolean' ? String(found) : undefined;
}

/** The objects of a list. */
export function objects(value: unknown, ...path: readonly string[]): readonly Json[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found.filter(isObject) : [];
}

/** The texts of a list. */
export function texts(value: unknown, ...path: readonly string[]): readonly string[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found.map((one) => text(one)).filter((one) => one !== undefined) : [];
}
