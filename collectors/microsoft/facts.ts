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

/** An object in a list or in a field becomes its JSON text. */
function flat(value: unknown): unknown {
  if (!Array.isArray(value)) return isObject(value) ? JSON.stringify(value) : value;
  return value.map((one) => {
    if (!isObject(one)) return typeof one === 'object' ? JSON.stringify(one) : one;
    const name = text(one, 'Name');
    return name !== undefined && 'Value' in one ? `${name}=${text(one, 'Value') ?? ''}` : JSON.stringify(one);
  });
}

/** What a change made of what: fields, and `Field=value` after and before. Both collectors of Microsoft's logs state it alike. */
export interface Changes {
  fields: string[];
  new: string[];
  old: string[];
}

/** `Name`, `NewValue`, `OldValue` of the Management Activity API; Graph begins names small. Graph wraps values in quotes. */
export function changesOf(list: readonly Json[]): Changes | undefined {
  if (list.length === 0) return undefined;
  const named = (...keys: string[]) =>
    list.map((one) => `${text(one, 'Name') ?? text(one, 'displayName') ?? ''}=${valueAt(one, keys)}`);
  return {
    fields: list.map((one) => text(one, 'Name') ?? text(one, 'displayName') ?? ''),
    new: named('NewValue', 'newValue'),
    old: named('OldValue', 'oldValue'),
  };
}

const valueAt = (one: Json, keys: readonly string[]): string => {
  const key = keys.find((name) => text(one, name) !== undefined);
  return key === undefined ? '' : text(one, key)!.replace(/^"([^"]*)"$/, '$1');
};

/** Extended properties stand beside the record's own where no name is taken: public rules look for them there. */
export function factsOf(record: Json): Record<string, unknown> {
  const extended = objects(record, 'ExtendedProperties')
    .map((pair): [string, unknown] => [text(pair, 'Name') ?? '', text(pair, 'Value')])
    .filter(([name]) => NAME.test(name));
  const own = Object.entries(record).filter(([name]) => NAME.test(name) && name !== 'ModifiedProperties');
  return {
    ...Object.fromEntries(extended),
    ...Object.fromEntries(own.map(([name, value]) => [name, flat(value)])),
  };
}
