/** Gauges that are counted in the store when somebody asks, so that they are right after a restart too. */
import { equals } from '../core/conditions/tree.ts';
import { LEVELS } from '../core/documents.ts';
import { totalDifference } from '../core/ledger.ts';
import type { Parts } from './parts.ts';

const DAY_MS = 86_400_000;

/** Leaves the last values standing when the store does not answer; `vigia_store_errors_total` tells. */
export async function refreshGauges({ store, metrics, exceptions, now }: Parts): Promise<void> {
  try {
    const open = await store.documents.aggregate('incident', {
      where: { op: 'not', of: equals('state', 'closed') },
      groupBy: ['severity'],
      measure: { kind: 'count' },
    });
    for (const severity of LEVELS) {
      metrics.set(
        'vigia_incidents_open',
        { severity },
        open.find(({ key }) => key[0] === severity)?.value ?? 0,
      );
    }
    const waiting = await store.documents.aggregate('dead-letter', {
      where: equals('state', 'waiting'),
      groupBy: ['source'],
      measure: { kind: 'count' },
    });
    metrics.set(
      'vigia_dead_letters_waiting',
      undefined,
      waiting.reduce((sum, { value }) => sum + value, 0),
    );
    const standings = (await exceptions.list()).map(exceptions.standing);
    for (const standing of ['proposed', 'scheduled', 'active'] as const)
      metrics.set(
        'vigia_exceptions_standing',
        { standing },
        standings.filter((one) => one.standing === standing).length,
      );
    const ending = standings.filter(({ endsInDays }) => endsInDays !== undefined).length;
    metrics.set('vigia_exceptions_ending', undefined, ending);
    const ledger = await store.batches.ledger({ from: new Date(now() - DAY_MS).toISOString() });
    metrics.set('vigia_ledger_difference_records', undefined, totalDifference(ledger));
  } catch {
    metrics.count('vigia_store_errors_total', { stage: 'gauges' });
  }
}
