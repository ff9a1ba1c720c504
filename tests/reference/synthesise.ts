/** Makes events from a rule: some that its condition should take, and near misses of them; a seed repeats them. */
import { evaluate, wordsOf } from './expression.ts';
import { eventFieldsFor } from './log-sources.ts';
import { modified, type Placeholders, type Wanted, wantedOf } from './modifiers.ts';
import type { Random } from './random.ts';
import type { ReferenceRule } from './rule.ts';
import { joined, textFor } from './sample-value.ts';

type FlatEvent = Record<string, unknown>;

/** Ways of making the same selection hold: more are not looked for. */
const TRIES = 60;

/** `count` events, each followed by as many near misses. Nothing here says which of them match: interpreters do. */
export function synthesise(
  rule: ReferenceRule,
  random: Random,
  { count = 2, placeholders = {} }: { count?: number; placeholders?: Placeholders } = {},
): FlatEvent[] {
  const events: FlatEvent[] = [];
  for (let made = 0; made < count; made++) {
    const event = satisfying(rule, random, placeholders);
    events.push(event, nearMiss(event, random));
  }
  return events;
}

function satisfying(rule: ReferenceRule, random: Random, placeholders: Placeholders): FlatEvent {
  const wishes = new Map<string, Wanted[]>();
  const names = Object.keys(rule.detection).filter((name) => name !== 'condition');
  const words = wordsOf(String(random.pick([rule.detection['condition']].flat())));
  const holding = chooseSelections(words, names, random);
  for (const name of names) wish(rule.detection[name], holding.has(name));

  const { product, category, service } = rule.logsource;
  const event: FlatEvent = {
    ...(product ? { product } : {}),
    ...(category ? { category } : {}),
    ...(service ? { service } : {}),
  };
  const physical =
    product === 'windows' && random.chance(0.3) ? eventFieldsFor(rule.logsource, random) : undefined;
  Object.assign(event, physical?.fields);
  for (const [field, wanted] of wishes) {
    const name = physical?.names[field] ?? field;
    if (field === '') event[random.pick(['message', 'Details', 'a note'])] = joined(wanted, random);
    else fill(event, name, wanted);
  }
  return event;

  function fill(into: FlatEvent, name: string, wanted: readonly Wanted[]): void {
    const reference = wanted.find((one) => one.kind === 'field');
    if (reference) {
      into[name] ??= textFor(reference, random);
      into[reference.name] = random.chance(0.5) ? String(into[name]).toUpperCase() : into[name];
      return;
    }
    const value = joined(wanted, random);
    if (value !== undefined) into[name] = value;
  }

  function wish(selection: unknown, isWanted: boolean): void {
    if (Array.isArray(selection)) {
      if (isWanted && selection.length > 0) wish(random.pick(selection), true);
      else for (const one of selection) wish(one, false);
    } else if (typeof selection === 'object' && selection !== null)
      for (const [key, value] of Object.entries(selection)) wishItem(key, value, isWanted);
    else wishItem('', selection, isWanted);
  }

  function wishItem(key: string, written: unknown, isWanted: boolean): void {
    const [field = '', ...modifiers] = key.split('|');
    const values = Array.isArray(written) ? (written.length === 0 ? [null] : written) : [written];
    const isNegated = modifiers.includes('neq');
    const isAll = modifiers.includes('all');
    const add = (wanted: Wanted) => wishes.set(field, [...(wishes.get(field) ?? []), wanted]);
    if (isWanted === isNegated) {
      // What must not hold mostly fails by itself; only what asks for nothing needs something.
      if (values.includes(null)) add(wantedOf(`some ${random.below(1_000)}`));
      return;
    }
    for (const value of isAll ? values : [random.pick(values)]) {
      const choices = modifiers
        .filter((name) => !['all', 'cased', 'neq'].includes(name))
        .reduce<Wanted[]>(
          (wanted, name) => wanted.flatMap((one) => modified(name, one, value, placeholders)),
          [wantedOf(value)],
        );
      if (choices.length > 0) add(random.pick(choices));
    }
  }
}

/** A set of search identifiers under which the condition holds; filters are mostly left out. */
function chooseSelections(words: readonly string[], names: readonly string[], random: Random): Set<string> {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const share = [0.15, 0.5, 0.85][attempt % 3]!;
    const chosen = new Set(
      names.filter((name) => random.chance(/filter|exclu|except/i.test(name) ? share / 4 : share)),
    );
    if (chosen.size > 0 && evaluate(words, names, (name) => chosen.has(name))) return chosen;
  }
  return new Set(names);
}

/** One thing about the event is changed; whether it still matches is left to the interpreters. */
function nearMiss(event: FlatEvent, random: Random): FlatEvent {
  const fields = Object.keys(event).filter((name) => !['product', 'category', 'service'].includes(name));
  if (fields.length === 0) return { ...event, Other: 'value' };
  const field = random.pick(fields);
  const value = event[field];
  const text = String(value);
  const at = random.below(text.length + 1);
  const { [field]: _, ...without } = event;
  const changed: unknown[] = [
    null,
    '',
    [],
    {},
    { inner: value },
    [value, 'another'],
    ['another', null],
    text,
    text.toUpperCase(),
    text.slice(0, at) + text.slice(at + 1),
    `${text.slice(0, at)}x${text.slice(at)}`,
    `${text.slice(0, at)}\u{1F600}${text.slice(at)}`,
    `${text} `,
    `\n${text}`,
    text.replaceAll('\\', '/'),
    text.replaceAll('-', '\u2013'),
    Number(text),
    value === 'true',
  ];
  const choice = random.below(changed.length + 2);
  if (choice === changed.length) return without;
  if (choice === changed.length + 1) return { ...without, [`${field.slice(0, 3)} ${field.slice(3)}`]: value };
  const next = changed[choice];
  return { ...event, [field]: typeof next === 'number' && !Number.isFinite(next) ? null : next };
}
