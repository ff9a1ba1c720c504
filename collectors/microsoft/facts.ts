/** A record of the Management Activity API as flat facts: names stay Microsoft's, lists of pairs become `Name=Value`. */
import { isObject, type Json, objects, text } from '../ecs/json.ts';

const NAME = /^[A-Za-z][A-Za-z0-9_]{0,63}$/;

export const pairs = (record: Json, key: string): string[] =>
  objects(record, key).map((pair) => `${text(pair, 'Name') ?? ''}=${text(pair, 'Value') ?? ''}`);

/** One value of a list of pairs: `pairValue(record, 'ExtendedProperties', 'UserAgent')`. */
export const pairValue = (record: Json, key: string, name: string): string | undefined =>
  text(
    objects(record, key).find((pair) => text(pair, 'Name')?.toLowerCase() === name.toLowerCase()),
    'Value',
  );

function flat(value: unknown): unknown {
  if (!Array.isArray(value)) return isObject(value) ? JSON.stringify(value) : value;
  return value.map((one) => {
    if (!isObject(one)) return typeof one === 'object' ? JSON.stringify(one) : one;
    const name = text(one, 'Name');
    return name !== undefined && 'Value' in one ? `${name}=${text(one, 'Value') ?? ''}` : JSON.stringify(one);
  });
}

/** What changed: `Name=new value`, and the names alone. */
function modified(record: Json): Record<string, unknown> {
  const list = objects(record, 'ModifiedProperties');
  if (list.length === 0) return {};
  return {
    ModifiedProperties: list.map((one) => text(one, 'Name') ?? ''),
    NewValues: list.map((one) => `${text(one, 'Name') ?? ''}=${text(one, 'NewValue') ?? ''}`),
    OldValues: list.map((one) => `${text(one, 'Name') ?? ''}=${text(one, 'OldValue') ?? ''}`),
  };
}

/** Extended properties stand beside the record's own where no name is taken: public rules look for them there. */
export function factsOf(record: Json): Record<string, unknown> {
  const extended = objects(record, 'ExtendedProperties')
    .map((pair): [string, unknown] => [text(pair, 'Name') ?? '', text(pair, 'Value')])
    .filter(([name]) => NAME.test(name));
  const own = Object.entries(record).filter(([name]) => NAME.test(name));
  return {
    ...Object.fromEntries(extended),
    ...Object.fromEntries(own.map(([name, value]) => [name, flat(value)])),
    ...modified(record),
  };
}
