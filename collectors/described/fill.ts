/** Puts the values of a record into the fields of an event, as the description says. */
import { addressOf, numberOf } from '../application/facts.ts';
import type { As, FieldSource, Scalar, Test, When } from './description.ts';
import { type LinearRegex, linearRegex } from './linear-regex.ts';
import type { Values } from './splitters.ts';
import { usualAs } from './targets.ts';

export type Fill = (event: Record<string, unknown>, values: Values) => void;

/** Sets `a.b.c`; a field that is a value already is not made an object. */
export function setField(event: Record<string, unknown>, field: string, value: unknown): void {
  const parts = field.split('.');
  let node = event;
  for (const part of parts.slice(0, -1)) {
    const inner = Object.hasOwn(node, part) ? node[part] : (node[part] = {});
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return;
    node = inner as Record<string, unknown>;
  }
  node[parts.at(-1)!] = value;
}

export function firstOf(from: string | readonly string[], values: Values): string | undefined {
  for (const name of [from].flat()) if (Object.hasOwn(values, name)) return values[name];
  return undefined;
}

/** A text in the form that its field asks for; undefined when it cannot be. */
export function valueAs(text: string, as: As): unknown {
  switch (as) {
    case 'number':
      return numberOf(text);
    case 'ip':
      return addressOf(text);
    case 'lower':
      return text.toLowerCase();
    case 'list':
      return text.split(/[,; ]+/).filter(Boolean);
    case 'text':
      return text;
  }
}

/** One field of `fields`. */
export function fieldFill(field: string, source: FieldSource): Fill {
  const {
    from,
    as = usualAs(field),
    unless = [],
    map,
    value,
  } = typeof source === 'string' ? { from: source } : source;
  if (value !== undefined) {
    const constant = as === 'list' ? [value].flat() : value;
    return (event) => setField(event, field, constant);
  }
  const none = new Set(unless.map(String));
  const kept = new Map(Object.entries(map ?? {}).map(([key, to]) => [key.toLowerCase(), to]));
  return (event, values) => {
    const text = from === undefined ? undefined : firstOf(from, values);
    if (text === undefined || text === '' || none.has(text)) return;
    const result = kept.get(text.toLowerCase()) ?? valueAs(text, as);
    if (result !== undefined) setField(event, field, as === 'list' ? [result].flat() : result);
  };
}

/** True when a value passes; patterns were checked when the description was read. */
function testOf(test: Test): (text: string | undefined) => boolean {
  if (typeof test !== 'object' || Array.isArray(test)) {
    const wanted = new Set([test as Scalar | Scalar[]].flat().map((one) => String(one).toLowerCase()));
    return (text) => text !== undefined && wanted.has(text.toLowerCase());
  }
  const { gte, lt, matches, exists } = test as Exclude<Test, Scalar | readonly Scalar[]>;
  const pattern = matches === undefined ? undefined : (linearRegex(matches) as LinearRegex);
  return (text) => {
    if (exists === false) return text === undefined;
    if (text === undefined) return false;
    const number = numberOf(text);
    return (
      (gte === undefined || (number !== undefined && number >= gte)) &&
      (lt === undefined || (number !== undefined && number < lt)) &&
      (pattern === undefined || pattern.test(text))
    );
  };
}

/** One case of `when`. */
export function whenFill({ if: conditions, set }: When): Fill {
  const tests = Object.entries(conditions).map(([name, test]) => ({ name, passes: testOf(test) }));
  const constants = Object.entries(set).map(([field, value]): [string, unknown] => [
    field,
    usualAs(field) === 'list' ? [value].flat() : value,
  ]);
  return (event, values) => {
    if (!tests.every(({ name, passes }) => passes(Object.hasOwn(values, name) ? values[name] : undefined)))
      return;
    for (const [field, value] of constants) setField(event, field, value);
  };
}
