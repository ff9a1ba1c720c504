/** Reads the rows of audit trails that are asked for with SQL: a JSON object of columns becomes texts, secrets hidden. */
import { type NormaliseContext, type Normalised, reject } from '../collector.ts';
import { cutAtSecret } from './mask.ts';

type Fields = Record<string, string>;

const utf8 = new TextDecoder('utf-8');
const MOST_NAME = 64;

/** `nameOf` spells a column as the event's maker knows it; `maskFields` hides secrets in their values. */
export function trailRows(
  nameOf: (column: string) => string,
  maskFields: (fields: Fields) => Fields,
  eventOf: (fields: Fields, row: string, context: NormaliseContext) => Normalised,
) {
  /** A sentence that says what is wrong with the row when it is none. */
  function rowOf(raw: Uint8Array): Fields | string {
    let row: unknown;
    try {
      row = JSON.parse(utf8.decode(raw));
    } catch {
      return 'row is no JSON object';
    }
    if (typeof row !== 'object' || row === null || Array.isArray(row)) return 'row is no JSON object';
    const fields: Fields = {};
    for (const [column, value] of Object.entries(row))
      if (['string', 'number', 'boolean'].includes(typeof value))
        fields[nameOf(column).slice(0, MOST_NAME)] = String(value);
    return maskFields(fields);
  }
  return {
    normalise(raw: Uint8Array, context: NormaliseContext): Normalised {
      const fields = rowOf(raw);
      if (typeof fields === 'string') return reject(fields);
      return eventOf(fields, JSON.stringify(fields), context);
    },
    /** For dead letters: the same row with secrets hidden. */
    mask(raw: Uint8Array): Uint8Array {
      const fields = rowOf(raw);
      const text = typeof fields === 'string' ? cutAtSecret(utf8.decode(raw)) : JSON.stringify(fields);
      return new TextEncoder().encode(text);
    },
  };
}
