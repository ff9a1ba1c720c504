/** The whole message of a document: what keywords are searched in. */
import { makeValue, readField, type Value } from './values.ts';

const originalPath = ['event', 'original'];
const messagePath = ['message'];

/** What keywords are searched in; `skip` names top-level keys that are no part of the message. */
export function messageOf(
  document: object,
  skip: (key: string, value: unknown) => boolean = () => false,
): readonly Value[] {
  for (const path of [originalPath, messagePath]) {
    const held = readField(document, path);
    if (held && held.values.length > 0) return held.values;
  }
  const values: Value[] = [];
  const record = document as Record<string, unknown>;
  for (const key of Object.keys(record)) if (!skip(key, record[key])) collect(record[key], values, 1);
  return values;
}

function collect(node: unknown, values: Value[], depth: number): void {
  if (typeof node === 'string' || typeof node === 'number' || typeof node === 'boolean')
    values.push(makeValue(node));
  else if (typeof node === 'object' && node !== null && depth < 100) {
    for (const key of Object.keys(node)) collect((node as Record<string, unknown>)[key], values, depth + 1);
  }
}
