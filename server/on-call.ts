/** Counts who on call can be reached, for the metrics; names stay out of them. */
import type { Parts } from './parts.ts';

const OUTCOMES = ['proven', 'not-proven', 'unknown'] as const;

export async function lookAtOnCall({
  playbooks,
  metrics,
}: Pick<Parts, 'playbooks' | 'metrics'>): Promise<void> {
  const found = await playbooks.reach();
  for (const [chain, people] of Map.groupBy(found, ({ chain }) => chain))
    for (const outcome of OUTCOMES)
      metrics.set(
        'vigia_on_call_people',
        { chain, outcome },
        people.filter((one) => one.outcome === outcome).length,
      );
}
