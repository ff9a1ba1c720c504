/** Runs the samples of a description: each record against what the author expects of it. */
import { isDeepStrictEqual } from 'node:util';
import type { Collector } from '../collector.ts';
import { lineCutter } from '../reading/lines.ts';
import type { Description, Sample } from './description.ts';

export interface SampleResult {
  /** Counts from 1. */
  sample: number;
  passed: boolean;
  /** What came out instead, a line for each difference; empty when it passed. */
  differences: readonly string[];
}

/** Near which samples without a year lie; a sample must not pass today and fail next year. */
const ANCHOR = '2026-12-31T00:00:00Z';

function at(event: unknown, field: string): unknown {
  let node = event;
  for (const part of field.split('.')) {
    if (typeof node !== 'object' || node === null || !Object.hasOwn(node, part)) return undefined;
    node = (node as Record<string, unknown>)[part];
  }
  return node;
}

function differencesOf(sample: Sample, collector: Collector): string[] {
  const { framing } = collector;
  const cutter = lineCutter(0, collector.maxBytes ?? 1_048_576, framing.kind === 'lines' ? framing : {});
  const records = [...cutter.push(new TextEncoder().encode(sample.record)), ...cutter.end()];
  if (records.length !== 1) return [`is ${records.length} records, not one`];
  const made = collector.normalise(records[0]!.raw, { source: 'sample', anchor: ANCHOR, zoneMinutes: 0 });
  if ('reject' in made) {
    return sample.reject !== undefined && made.reject.includes(sample.reject)
      ? []
      : [`was refused: ${made.reject}`];
  }
  if (sample.reject !== undefined) return [`was taken, but should be refused: ${sample.reject}`];
  return Object.entries(sample.expect ?? {}).flatMap(([field, wanted]) => {
    const found = at(made.event, field);
    const isRight = wanted === null ? found === undefined : isDeepStrictEqual(found, wanted);
    return isRight
      ? []
      : [`${field} is ${JSON.stringify(found) ?? 'missing'}, not ${JSON.stringify(wanted)}`];
  });
}

export const runSamples = (description: Description, collector: Collector): SampleResult[] =>
  description.samples.map((sample, index) => {
    const differences = differencesOf(sample, collector);
    return { sample: index + 1, passed: differences.length === 0, differences };
  });
