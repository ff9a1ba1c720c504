/** Which groups of judged rules a round of batches touched, and over what event time. */
import type { BatchRecord } from '../../../core/store.ts';
import type { DetectionRule } from '../../../detections/index.ts';
import type { Span } from './matches.ts';

export interface Touched extends Span {
  rule: DetectionRule;
  /** Of the first batch that touched it. */
  source: string;
}

export function touchedOf(
  rules: ReadonlyMap<string, DetectionRule>,
  records: readonly BatchRecord[],
): Touched[] {
  const touched = new Map<string, Touched>();
  for (const { writer, touched: spans } of records) {
    for (const { group: key, from, to } of spans) {
      const rule = rules.get(key.slice(0, key.lastIndexOf('|')));
      if (!rule) continue;
      const known = touched.get(key);
      if (!known) touched.set(key, { key, rule, source: writer, from, to });
      else {
        if (from < known.from) known.from = from;
        if (to > known.to) known.to = to;
      }
    }
  }
  return [...touched.values()];
}
