/**
 * What Elasticsearch sees otherwise: null, empty lists and empty objects are not indexed, nor is an empty text in a field that
 * is not a keyword, nor a long one in a free-form object (other fields name those in `_ignored`); a key with dots becomes objects. Their paths are stored beside the document, under `vigia.store`, and taken away again when it is read.
 */
import type { TypeOf } from './templates.ts';

export interface StoreFields {
  hidden?: string[];
  id?: string;
  /** Tells a write of ours from somebody else's after an answer was lost. */
  write?: string;
}

const MAX_DEPTH = 100;
/** `ignore_above` of the templates. */
export const LONGEST_VALUE = 8_191;

export function hiddenPaths(document: object, typeOf: TypeOf): string[] {
  if (isAllSeen(document, 0)) return [];
  const paths = new Set<string>();
  /** Elasticsearch makes objects of a key like `user.name`; the document has no `user`. */
  const addParents = (path: string, key: string): void => {
    for (let dot = key.indexOf('.'); dot !== -1; dot = key.indexOf('.', dot + 1)) {
      paths.add(path === '' ? key.slice(0, dot) : `${path}.${key.slice(0, dot)}`);
    }
  };
  const walk = (node: unknown, path: string, depth: number): void => {
    if (node === null) paths.add(path);
    else if (typeof node === 'string') {
      const type = typeOf(path);
      if (node === '' ? type !== 'keyword' : type.startsWith('within:')) paths.add(path);
    } else if (typeof node === 'object' && depth < MAX_DEPTH) {
      if (Array.isArray(node)) {
        if (node.length === 0) paths.add(path);
        for (const element of node)
          if (typeof element === 'object' || isUnusual(element)) walk(element, path, depth + 1);
      } else {
        const keys = Object.keys(node);
        if (keys.length === 0) paths.add(path);
        for (const key of keys) {
          if (key.includes('.')) addParents(path, key);
          const value = (node as Record<string, unknown>)[key];
          if (typeof value === 'object' || isUnusual(value))
            walk(value, path === '' ? key : `${path}.${key}`, depth + 1);
        }
      }
    }
  };
  walk(document, '', 0);
  return [...paths];
}

/** Nothing in it needs a second look: so it is with most events, and they are many. */
function isAllSeen(node: object, depth: number): boolean {
  if (depth === MAX_DEPTH) return false;
  if (Array.isArray(node)) {
    for (const element of node) if (!isSeen(element, depth)) return false;
    return node.length > 0;
  }
  let isEmpty = true;
  // Documents are plain: what a loop over names finds is their own.
  for (const key in node) {
    isEmpty = false;
    if (key.includes('.') || !isSeen((node as Record<string, unknown>)[key], depth)) return false;
  }
  return !isEmpty;
}

const isSeen = (value: unknown, depth: number): boolean =>
  typeof value === 'object' ? value !== null && isAllSeen(value, depth + 1) : !isUnusual(value);

/** Empty or very long: not indexed everywhere. */
const isUnusual = (value: unknown): boolean =>
  typeof value === 'string' && (value === '' || value.length > LONGEST_VALUE);

/** The document as it is stored. */
export function withStoreFields(document: object, fields: StoreFields): object {
  if (Object.keys(fields).length === 0) return document;
  const own = (document as { vigia?: object }).vigia;
  return { ...document, vigia: { ...own, store: fields } };
}

/** The document as it was given: the counterpart of `withStoreFields`. */
export function withoutStoreFields<T extends object>(source: T): T {
  const { vigia, ...rest } = source as { vigia?: { store?: StoreFields } };
  if (vigia?.store === undefined) return source;
  const { store: _, ...own } = vigia;
  // Only our own side fields are gone; an event always has other fields under `vigia` when it had any.
  return (Object.keys(own).length === 0 ? rest : { ...rest, vigia: own }) as T;
}
