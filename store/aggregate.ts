/** Counts documents by field values in memory; both stores use it where they cannot count exactly by themselves. */
import { numberOf } from '../core/conditions/scalars.ts';
import { readField, segmentsOf, type Value } from '../core/conditions/values.ts';
import type { Bucket, Measure } from '../core/store.ts';

export interface Aggregation {
  groupBy: readonly string[];
  measure: Measure;
}

interface Tally {
  key: (string | null)[];
  count: number;
  total: number;
  lowest: number;
  highest: number;
  distinct: Set<string>;
}

/** Feed it documents, then ask for the buckets: sorted by key, letter case ignored (keys are lower case), null last. */
export function aggregator({ groupBy, measure }: Aggregation): {
  add(document: object): void;
  buckets(): Bucket[];
} {
  const tallies = new Map<string, Tally>();
  const groupPaths = groupBy.map(segmentsOf);
  const measurePath = measure.kind === 'count' ? undefined : segmentsOf(measure.field);
  return {
    add(document) {
      const values = measurePath ? (readField(document, measurePath)?.values ?? []) : [];
      for (const key of keysOf(document, groupPaths)) count(tallies, key, values);
    },
    buckets: () =>
      [...tallies.values()].map((tally) => ({ key: tally.key, value: measured(tally, measure) })).sort(byKey),
  };
}

/** Every combination of the values of the group-by fields. */
function keysOf(document: object, paths: readonly (readonly string[])[]): (string | null)[][] {
  let keys: (string | null)[][] = [[]];
  for (const path of paths) {
    const texts = new Set((readField(document, path)?.values ?? []).map((value) => value.lower));
    const parts: (string | null)[] = texts.size > 0 ? [...texts] : [null];
    keys = keys.flatMap((key) => parts.map((part) => [...key, part]));
  }
  return keys;
}

function count(tallies: Map<string, Tally>, key: (string | null)[], values: readonly Value[]): void {
  const name = JSON.stringify(key);
  let tally = tallies.get(name);
  if (!tally) {
    tally = {
      key,
      count: 0,
      total: 0,
      lowest: Number.POSITIVE_INFINITY,
      highest: Number.NEGATIVE_INFINITY,
      distinct: new Set(),
    };
    tallies.set(name, tally);
  }
  tally.count++;
  for (const value of values) {
    tally.distinct.add(value.lower);
    const number = numberOf(value);
    if (number === undefined) continue;
    tally.total += number;
    tally.lowest = Math.min(tally.lowest, number);
    tally.highest = Math.max(tally.highest, number);
  }
}

/** Without any number in the group, `sum`, `min` and `max` are 0. */
function measured(tally: Tally, measure: Measure): number {
  switch (measure.kind) {
    case 'count':
      return tally.count;
    case 'distinct':
      return tally.distinct.size;
    case 'sum':
      return tally.total;
    case 'min':
      return Number.isFinite(tally.lowest) ? tally.lowest : 0;
    case 'max':
      return Number.isFinite(tally.highest) ? tally.highest : 0;
  }
}

export function byKey(left: Bucket, right: Bucket): number {
  for (const [index, a] of left.key.entries()) {
    const b = right.key[index] ?? null;
    if (a === b) continue;
    if (a === null) return 1;
    if (b === null) return -1;
    return a < b ? -1 : 1;
  }
  return 0;
}
