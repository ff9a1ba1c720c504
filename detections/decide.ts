/** Which rules events satisfy: the engine's verdicts, less those that fail what a rule asks besides its Sigma condition. */
import type { Grant } from '../core/documents.ts';
import type { Event } from '../core/event.ts';
import { CLOCK_SKEW_MS } from '../core/grants.ts';
import type { Engine } from './engine/match.ts';
import type { DetectionRule } from './engine/rule.ts';
import { furtherConditions } from './further-conditions.ts';
import type { Known } from './known.ts';

export interface Decided {
  rule: DetectionRule;
  event: Event;
  /** What the further conditions found, in words. */
  detail?: string;
}

/** In the order of the events, then of the rules. */
export function decider(engine: Engine): (events: readonly Event[], known: Known) => Promise<Decided[]> {
  const further = new Map(
    engine.rules.flatMap((rule) => {
      const ask = furtherConditions(rule);
      return ask ? [[rule.id, ask]] : [];
    }),
  );
  return async (events, known) => {
    let grants: Grant[] | undefined;
    const decided: Decided[] = [];
    for (const event of events) {
      for (const { rule } of engine.match(event)) {
        const ask = further.get(rule.id);
        if (ask === undefined) {
          decided.push({ rule, event });
          continue;
        }
        if (rule.extensions?.unlessGranted || rule.extensions?.unlessGiven)
          grants ??= await grantsOf(events, known);
        const detail = ask(event, known, grants ?? []);
        if (detail !== undefined) decided.push({ rule, event, ...(detail === '' ? {} : { detail }) });
      }
    }
    return decided;
  };
}

/** Those that hold at some moment of the batch, or soon after it by the clock of a target. */
function grantsOf(events: readonly Event[], known: Known): Promise<Grant[]> {
  const times = events.map((event) => event['@timestamp']).sort();
  return known.grants(times[0]!, new Date(Date.parse(times.at(-1)!) + CLOCK_SKEW_MS).toISOString());
}
