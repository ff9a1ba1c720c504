/** What delivery and the store tell, as metrics; no personal data in labels. */
import type { BatchFacts } from '../collectors/delivery/account.ts';
import type { DeadLetter } from '../core/documents.ts';
import type { Metrics } from '../core/metrics.ts';

const REFUSING: readonly DeadLetter['stage'][] = ['read', 'normalise', 'store'];

/** Begins the series of sources: one that never sends turns silent like any other, and the first dead letter is an increase. */
export function announceSources(metrics: Metrics, ids: readonly string[], nowMs: number): void {
  for (const source of ids) {
    metrics.count('vigia_events_received_total', { source }, 0);
    metrics.count('vigia_events_stored_total', { source }, 0);
    metrics.count('vigia_events_duplicate_total', { source }, 0);
    metrics.count('vigia_events_evaluated_total', { source }, 0);
    for (const stage of REFUSING) metrics.count('vigia_events_dead_lettered_total', { source, stage }, 0);
    metrics.set('vigia_source_last_record_timestamp_seconds', { source }, nowMs / 1_000);
  }
}

export function observeBatch(metrics: Metrics, facts: BatchFacts, nowMs: number): void {
  const source = { source: facts.source };
  metrics.count('vigia_events_received_total', source, facts.read);
  metrics.count('vigia_events_stored_total', source, facts.stored);
  metrics.count('vigia_events_duplicate_total', source, facts.duplicate);
  metrics.count('vigia_events_evaluated_total', source, facts.stored);
  for (const [stage, count] of Object.entries(facts.deadLetteredByStage))
    metrics.count('vigia_events_dead_lettered_total', { ...source, stage }, count);
  for (const [level, count] of Object.entries(facts.matchesByLevel))
    metrics.count('vigia_rule_matches_total', { level }, count);
  for (const [level, count] of Object.entries(facts.alertsByLevel))
    metrics.count('vigia_alerts_total', { level }, count);
  for (const [level, count] of Object.entries(facts.suppressedByLevel))
    metrics.count('vigia_alerts_suppressed_total', { level }, count);
  metrics.set('vigia_source_last_record_timestamp_seconds', source, nowMs / 1_000);
  if (facts.newestMs !== undefined)
    metrics.set('vigia_source_lag_seconds', source, Math.max(0, (nowMs - facts.newestMs) / 1_000));
  if (facts.durationMs !== undefined)
    metrics.observe('vigia_batch_duration_seconds', source, facts.durationMs / 1_000);
}
