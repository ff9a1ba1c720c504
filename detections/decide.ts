/** Which rules events satisfy: the engine's verdicts, less those that fail what a rule asks besides its Sigma condition. */
import { deedsAround } from '../core/deeds.ts';
import type { Deed, Grant } from '../core/documents.ts';
import type { Event } from '../core/event.ts';
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
    let deeds: Deed[] | undefined;
    const decided: Decided[] = [];
    for (const event of events) {
      for (const { rule } of engine.match(event)) {
        const ask = further.get(rule.id);
        if (ask === undefined) {
          decided.push({ rule, event });
          continue;
        }
        if (rule.extensions?.unlessGranted) grants ??= await known.grants(...spanOf(events));
        if (rule.extensions?.unlessDone) deeds ??= await deedsOf(events, known);
        const detail = ask(event, known, { grants: grants ?? [], deeds: deeds ?? [] });
        if (detail !== undefined) decided.push({ rule, event, ...(detail === '' ? {} : { detail }) });
      }
    }
    return decided;
  };
}

/** First and last time of a batch. */
function spanOf(events: readonly Event[]): [from: string, to: string] {
  const times = events.map((event) => event['@timestamp']).sort();
  return [times[0]!, times.at(-1)!];
}

function deedsOf(events: readonly Event[], known: Known): Promise<Deed[]> {
  const { from, to } = deedsAround(...spanOf(events));
  return known.deeds(from, to);
}
