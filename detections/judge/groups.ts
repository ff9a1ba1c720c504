/** What a match must tell so that its rule can be judged from stored matches: the values it is grouped by, and those it adds. */
import type { DetectionRule } from '../engine/rule.ts';

export interface Grouping {
  groupBy: string[];
  valueFields: string[];
  /** Places in `groupBy` that must have a value: without one there is nothing to judge. */
  needed: number[];
}

export function groupingOf({ extensions = {} }: DetectionRule): Grouping | undefined {
  const { firstSeen, absent, baseline } = extensions;
  if (firstSeen) {
    const { per, fields } = firstSeen;
    const needed = fields.map((_, index) => per.length + index);
    return { groupBy: [...per, ...fields], valueFields: [], needed };
  }
  if (absent) return { groupBy: absent.per, valueFields: [], needed: [] };
  if (baseline) return { groupBy: baseline.per, valueFields: baseline.sum ? [baseline.sum] : [], needed: [] };
  return undefined;
}
