/** The whole message of a document: what keywords are searched in. */
import { makeValue, readField, type Value } from './values.ts';

const originalPath = ['event', 'original'];
const messagePath = ['message'];

/** What keywords are searched in. */
export function messageOf(document: object): readonly Value[] {
  for (const path of [originalPath, messagePath]) {
    const held = readField(document, path);
    if (held && held.values.length > 0) return held.values;
  }
  const values: Value[] = [];
  collect(document, values, 0);
  return values;
}

function collect(node: unknown, values: Value[], depth: number): void {
  if (typeof node === 'string' || typeof node === 'number' || typeof node === 'boolean')
    values.push(makeValue(node));
  else if (typeof node === 'object' && node !== null && depth < 100) {
    for (const key of Object.keys(node)) collect((node as Record<string, unknown>)[key], values, depth + 1);
  }
}
