/** The scalars of a JSON record by their dotted key. */
import { isObject, type JsonObject } from './parse-object.ts';

/** More values than this are no log record; the rest stays in `event.original`. */
const MAX_VALUES = 200;

/** Scalars by dotted key; lists of scalars are joined with a blank. */
export function flatValues(record: JsonObject): Map<string, string> {
  const found = new Map<string, string>();
  const walk = (value: unknown, path: string): void => {
    if (found.size >= MAX_VALUES || value === null) return;
    if (isObject(value)) {
      for (const [key, inner] of Object.entries(value)) walk(inner, path === '' ? key : `${path}.${key}`);
    } else if (Array.isArray(value)) {
      const parts = value.filter((one) => typeof one === 'string' || typeof one === 'number');
      if (parts.length > 0) found.set(path, parts.join(path.includes('stack') ? '\n' : ' '));
    } else if (value !== '') found.set(path, String(value));
  };
  walk(record, '');
  return found;
}
