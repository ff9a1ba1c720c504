/**
 * Mutants of a rule over single events. Each selection and filter, and each element of a list of maps, becomes true of
 * every event and true of none; each item of a map is left out; each bound moves by one, both ways. (A negated selection
 * is noticed by the same cases as one that is never true, so it is no mutant of its own.) The values of a list are data,
 * like the names of privileged groups: only regular expressions and what `all` asks for are left out one by one.
 */
import type { Condition } from '../../core/conditions/tree.ts';
import { readDetection } from '../engine/detection.ts';
import { isMap, startReading } from '../engine/reading.ts';
import type { DetectionRule } from '../engine/rule.ts';
import type { Mutant } from './mutant.ts';

type Map = Record<string, unknown>;
type Pointer = readonly (string | number)[];

interface Edit {
  name: string;
  pointer: Pointer;
  section: Map;
  missing: string;
}

/** A field that no event has: its absence is always true, its presence never. */
const NOWHERE = 'vigia.mutation.nowhere|exists';
const ALWAYS: Map = { [NOWHERE]: false };
const NEVER: Map = { [NOWHERE]: true };
const NOT_SELECTIONS = ['condition', 'timeframe'];

export function detectionMutants(
  rule: DetectionRule,
  placeholders: Readonly<Record<string, readonly (string | number)[]>> = {},
): Mutant[] {
  const { value } = rule.source;
  const section = isMap(value) && isMap(value['detection']) ? value['detection'] : {};
  const joined = rule.filters.length > 0 && rule.condition.op === 'and' ? rule.condition.of.slice(1) : [];
  return edits(section).flatMap(({ name, pointer, section: changed, missing }) => {
    const reading = startReading(rule.source, placeholders);
    const own = readDetection(changed, ['detection'], reading);
    if (reading.problems.length > 0) return []; // no rule that anybody could write
    const condition: Condition = joined.length > 0 ? { op: 'and', of: [own, ...joined] } : own;
    return [{ name, pointer: ['detection', ...pointer], rule: { ...rule, condition }, missing }];
  });
}

function edits(section: Map): Edit[] {
  return Object.entries(section)
    .filter(([name]) => !NOT_SELECTIONS.includes(name))
    .flatMap(([name, selection]) => [
      ...replaced(section, [name], name),
      ...(Array.isArray(selection) && selection.some(isMap)
        ? selection.flatMap((element: unknown, index) => [
            ...(selection.length > 1 ? replaced(section, [name, index], `${name} ${index + 1}`) : []),
            ...(isMap(element) ? items(section, [name, index], `${name} ${index + 1}`, element) : []),
          ])
        : []),
      ...(isMap(selection) ? items(section, [name], name, selection) : []),
    ]);
}

const replaced = (section: Map, pointer: Pointer, name: string): Edit[] => [
  {
    name: `${name} always true`,
    pointer,
    section: put(section, pointer, ALWAYS),
    missing: `an event that misses (or hits) only because ${name} is not true of it`,
  },
  {
    name: `${name} never true`,
    pointer,
    section: put(section, pointer, NEVER),
    missing: `an event that hits (or misses) only because ${name} is true of it`,
  },
];

function items(section: Map, at: Pointer, name: string, map: Map): Edit[] {
  const keys = Object.keys(map);
  return keys.flatMap((key) => {
    const pointer = [...at, key];
    const { [key]: value, ...rest } = map;
    const left: Edit[] =
      keys.length > 1
        ? [
            {
              name: `${name} without ${key}`,
              pointer,
              section: put(section, at, rest),
              missing: `an event that differs from a hit (or a filtered event) only in ${key}`,
            },
          ]
        : [];
    return [
      ...left,
      ...bounds(section, pointer, name, key, value),
      ...singly(section, pointer, name, key, value),
    ];
  });
}

/** Bounds are named with their value: a rule that moves one needs new cases. */
function bounds(section: Map, pointer: Pointer, name: string, key: string, value: unknown): Edit[] {
  if (typeof value !== 'number' || !/\|(lt|lte|gt|gte)$/.test(key)) return [];
  return [value - 1, value + 1].map((moved) => ({
    name: `${name} ${key}: ${moved}`,
    pointer,
    section: put(section, pointer, moved),
    missing: `an event on the edge of ${key}: ${value}`,
  }));
}

function singly(section: Map, pointer: Pointer, name: string, key: string, value: unknown): Edit[] {
  if (!Array.isArray(value) || value.length < 2 || !/\|(re|all)\b/.test(key)) return [];
  return value.map((one: unknown, index) => ({
    name: `${name} ${key} without ${JSON.stringify(one)}`,
    pointer: [...pointer, index],
    section: put(
      section,
      pointer,
      // `all` needs two values to be written
      value.length === 2 ? value[1 - index] : value.toSpliced(index, 1),
    ),
    missing: `an event for which ${JSON.stringify(one)} decides`,
  }));
}

/** A copy with another value at a place. */
function put(node: Map, [step, ...rest]: Pointer, value: unknown): Map;
function put(node: unknown, pointer: Pointer, value: unknown): unknown;
function put(node: unknown, [step, ...rest]: Pointer, value: unknown): unknown {
  if (step === undefined) return value;
  if (Array.isArray(node))
    return node.map((element: unknown, index) => (index === step ? put(element, rest, value) : element));
  const map = node as Map; // pointers come from walking the same section
  // In the same place: the order of a map is the order of what is read.
  return Object.fromEntries(
    Object.entries(map).map(([key, inner]) => [key, key === step ? put(inner, rest, value) : inner]),
  );
}
