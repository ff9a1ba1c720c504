/** The opaque `after` of a page: what a store must remember to go on reading, as text that a caller hands back unchanged. */
import { errors } from '../core/errors.ts';

export const encodeAfter = (state: object): string =>
  Buffer.from(JSON.stringify(state)).toString('base64url');

/** Throws a usage error unless the text was made by `encodeAfter` and has the shape that the caller expects. */
export function decodeAfter<T extends object>(text: string, hasShape: (state: Partial<T>) => boolean): T {
  const state = parse(text);
  if (typeof state === 'object' && state !== null && hasShape(state as Partial<T>)) return state as T;
  throw errors.usage(
    'the value of "after" was not made by this store',
    'pass the "next" of the page before, or leave it out',
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    return undefined; // told to the caller by decodeAfter
  }
}
