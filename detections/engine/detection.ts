/** Reads the `detection` section of a rule: search identifiers and the condition over them (sections 4, 5 and 7 of the language). */
import type { Condition } from '../../core/conditions/tree.ts';
import { readConditionText } from './condition-text.ts';
import { readItem } from './item.ts';
import { isMap, type Pointer, type Reading } from './reading.ts';

const NOT_IDENTIFIERS = new Set(['condition', 'timeframe']);

/** The condition of the whole section; `never` when it cannot be read (problems say why). */
export function readDetection(
  section: unknown,
  pointer: Pointer,
  reading: Reading,
  ignore: readonly string[] = [],
): Condition {
  const never: Condition = { op: 'never' };
  if (!isMap(section)) {
    reading.wrong(pointer, 'the section must be a map of search identifiers and a condition');
    return never;
  }
  if ('timeframe' in section) {
    reading.wrong(
      [...pointer, 'timeframe'],
      'timeframe belongs to Sigma 1 aggregations (D-12)',
      'write a correlation rule with a timespan',
    );
  }
  const identifiers = new Map<string, Condition>();
  for (const [name, selection] of Object.entries(section)) {
    if (NOT_IDENTIFIERS.has(name) || ignore.includes(name)) continue;
    identifiers.set(name, readSelection(selection, [...pointer, name], reading));
  }
  if (identifiers.size === 0)
    reading.wrong(pointer, 'no search identifier', 'add for example selection: {field: value}');
  const place = [...pointer, 'condition'];
  const texts = Array.isArray(section['condition']) ? section['condition'] : [section['condition']];
  if (section['condition'] === undefined || section['condition'] === null || texts.length === 0) {
    reading.wrong(pointer, 'the condition is missing', 'add condition: selection');
    return never;
  }
  const conditions = texts.map((text) => readConditionText(text, place, identifiers, reading));
  return conditions.length === 1 ? conditions[0]! : { op: 'or', of: conditions };
}

/** A map (all entries), a list of maps and plain values (any element), or one plain value (D-1 to D-5). */
function readSelection(selection: unknown, pointer: Pointer, reading: Reading): Condition {
  if (Array.isArray(selection)) {
    if (selection.length === 0) reading.wrong(pointer, 'the list is empty');
    // Plain values together: one keyword search over all of them.
    const of = selection.map((element, index) => {
      const place = [...pointer, index];
      if (Array.isArray(element)) reading.wrong(place, 'a list inside a list is not part of Sigma');
      return isMap(element) ? readMap(element, place, reading) : readItem('', element, place, reading);
    });
    return of.length === 1 ? of[0]! : { op: 'or', of };
  }
  return isMap(selection) ? readMap(selection, pointer, reading) : readItem('', selection, pointer, reading);
}

function readMap(map: Record<string, unknown>, pointer: Pointer, reading: Reading): Condition {
  const of = Object.entries(map).map(([key, value]) => readItem(key, value, [...pointer, key], reading));
  if (of.length === 0) reading.wrong(pointer, 'the map is empty');
  return of.length === 1 ? of[0]! : { op: 'and', of };
}
