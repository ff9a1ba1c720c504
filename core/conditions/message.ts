/** The whole message of a document: what keywords are searched in. */
import { makeValue, readField, type Value } from './values.ts';

const originalPath = ['event', 'original'];
const messagePath = ['message'];

/** Names top-level keys that are no part of the message. */
type Skip = (key: string, value: unknown) => boolean;

/** What keywords are searched in. */
export function messageOf(document: object, skip: Skip = () => false): readonly Value[] {
  const told = toldMessage(document);
  if (told !== undefined) return told;
  const values: Value[] = [];
  eachScalar(document, skip, (scalar) => values.push(makeValue(scalar)));
  return values;
}

/**
 * All of it as one text, to see quickly whether a keyword may be there: whatever one of the values holds, this text holds,
 * too. Line ends keep the values apart also for lower-casing, where a sigma depends on the letters around it.
 */
export function messageText(document: object, skip: Skip = () => false): string {
  const told = toldMessage(document);
  if (told !== undefined) return told.length === 1 ? told[0]!.text : told.map(({ text }) => text).join('\n');
  let text = '';
  eachScalar(document, skip, (scalar) => {
    text += `${scalar}\n`;
  });
  return text;
}

/** `event.original`, else `message`; undefined where neither says anything. */
function toldMessage(document: object): readonly Value[] | undefined {
  for (const path of [originalPath, messagePath]) {
    const held = readField(document, path);
    if (held && held.values.length > 0) return held.values;
  }
  return undefined;
}

function eachScalar(document: object, skip: Skip, visit: (scalar: string | number | boolean) => void): void {
  const record = document as Record<string, unknown>;
  for (const key of Object.keys(record)) if (!skip(key, record[key])) collect(record[key], visit, 1);
}

function collect(node: unknown, visit: (scalar: string | number | boolean) => void, depth: number): void {
  if (typeof node === 'string' || typeof node === 'number' || typeof node === 'boolean') visit(node);
  else if (typeof node === 'object' && node !== null && depth < 100) {
    for (const key of Object.keys(node)) collect((node as Record<string, unknown>)[key], visit, depth + 1);
  }
}
