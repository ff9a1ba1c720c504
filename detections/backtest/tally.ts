/** Counts matches by rule and day while a back-test reads, and keeps a few ids as samples. */
import type { Event } from '../../core/event.ts';
import type { DetectionRule } from '../engine/rule.ts';
import { type BacktestRule, SAMPLES } from './result.ts';

export interface Tally {
  add(rule: DetectionRule, event: Event): void;
  /** In the order of the rules. */
  rules(): BacktestRule[];
}

export function makeTally(rules: readonly DetectionRule[]): Tally {
  const counted = new Map<string, BacktestRule>(
    rules.map(({ id, title, level, path }) => [
      id,
      { id, title, level, path, matches: 0, byDay: {}, samples: [] },
    ]),
  );
  return {
    add(rule, event) {
      const one = counted.get(rule.id)!;
      // Stored times are ISO, not always in UTC.
      const day = new Date(event['@timestamp']).toISOString().slice(0, 10);
      one.matches++;
      one.byDay[day] = (one.byDay[day] ?? 0) + 1;
      if (one.samples.length < SAMPLES) one.samples.push(event.event.id);
    },
    rules: () =>
      [...counted.values()].map((one) => ({ ...one, byDay: { ...one.byDay }, samples: [...one.samples] })),
  };
}
