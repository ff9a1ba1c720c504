/** Chooses how to back-test: one scan with the matcher, or a narrowed query for each rule, whichever is estimated to cost less. */
import { compileCondition } from '../../core/conditions/matcher.ts';
import type { Event } from '../../core/event.ts';
import { narrowingCondition } from '../engine/narrow.ts';
import type { DetectionRule } from '../engine/rule.ts';
import type { Way } from './result.ts';

export interface Plan {
  way: Way;
  because: string;
}

/** With more rules than this a scan is cheaper whatever they ask for, and the estimate itself would cost. */
export const MOST_QUERIES = 64;

/** Guesses from the figures of single parts (docs/benchmarks.md), not yet measured as a whole; only their ratios decide. */
const FETCH_US = 60;
const MATCH_US = 30;
const QUERY_US = 20_000;
/** What a store spends on each stored event to answer a query that no index drives: texts are looked through. */
const LOOK_US = { elasticsearch: 0.5, embedded: 5 } as const;

/**
 * `stored`: how many events the span holds, at most; `sample`: some of them, as they lie. How much a query fetches is
 * estimated by asking the sample what the store will be asked.
 */
export function planBacktest(
  rules: readonly DetectionRule[],
  { stored, sample, store }: { stored: number; sample: readonly Event[]; store: keyof typeof LOOK_US },
): Plan {
  const scanUs = stored * (FETCH_US + MATCH_US);
  if (rules.length > MOST_QUERIES)
    return { way: 'scan', because: `${rules.length} rules: one scan serves all of them` };
  const queriesUs = rules.reduce((sum, rule) => {
    const passes = compileCondition(narrowingCondition(rule));
    const share = sample.length === 0 ? 0 : sample.filter((event) => passes(event)).length / sample.length;
    return sum + QUERY_US + stored * (LOOK_US[store] + share * FETCH_US);
  }, 0);
  const seconds = (us: number) => `${(us / 1e6).toFixed(1)} s`;
  return {
    way: queriesUs < scanUs ? 'queries' : 'scan',
    because: `estimated ${seconds(queriesUs)} for ${rules.length} ${rules.length === 1 ? 'query' : 'queries'}, ${seconds(scanUs)} for one scan of up to ${stored} events`,
  };
}
