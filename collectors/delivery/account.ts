/** Counts one batch for the ledger, and keeps the matches and alerts of the events that the store has. Pure. */
import type { Alert, DeadLetter, Match } from '../../core/documents.ts';
import type { LedgerLine } from '../../core/store.ts';
import type { Origin } from '../run.ts';
import { deadLetter } from './prepare.ts';
import type { TakenBatch } from './take-events.ts';

/** What metrics and progress hear of a batch; no event data. */
export interface BatchFacts {
  source: string;
  collector: string;
  read: number;
  stored: number;
  duplicate: number;
  deadLettered: number;
  deadLetteredByStage: Record<string, number>;
  collisions: number;
  matchesByLevel: Record<string, number>;
  alertsByLevel: Record<string, number>;
  /** Alerts that an exception covers. */
  suppressedByLevel: Record<string, number>;
  /** Event time of the newest event, epoch ms. */
  newestMs?: number;
  durationMs?: number;
  behindBytes?: number;
}

interface Writer {
  origin: Origin;
  /** `vigia.batch` of the events of this batch. */
  stamp: string;
  /** Ids of the events met again that a batch record counts already. */
  counted: ReadonlySet<string>;
  at: number;
}

export interface Counted {
  matches: Match[];
  alerts: Alert[];
  deadLetters: DeadLetter[];
  /** Ids of the events counted in the place of a process that died. */
  recounted: string[];
  ledger: LedgerLine;
  span?: { from: string; to: string };
  facts: BatchFacts;
}

/**
 * An event found in the store counts as stored, not as duplicate, when no batch record has counted it yet: it was written by
 * an earlier try of this batch, or by a process that died before it published its batch.
 */
export function account(taken: TakenBatch, writer: Writer): Counted {
  const deadLetters = [...taken.deadLetters];
  const refused = new Set<string>();
  const recounted: string[] = [];
  /** A record that is twice in one batch is stored once. */
  const seen = new Set<string>();
  let stored = 0;
  let duplicate = 0;
  let collisions = 0;
  let span: Counted['span'];
  for (const { id, at, record, appended } of taken.events) {
    if (appended.outcome === 'stored' || appended.outcome === 'duplicate') {
      if (seen.has(id)) duplicate += 1;
      else if (appended.outcome === 'stored') stored += 1;
      else if (writer.counted.has(id)) duplicate += 1;
      else {
        stored += 1;
        if (appended.batch !== writer.stamp) recounted.push(id);
      }
    } else {
      if (appended.outcome === 'collision') collisions += 1;
      const reason =
        appended.outcome === 'collision' ? `collision: another record has id ${id}` : appended.reason;
      deadLetters.push(deadLetter(record, writer.origin, 'store', reason, writer.at));
      refused.add(id);
    }
    seen.add(id);
    if (span === undefined) span = { from: at, to: at };
    else if (at < span.from) span.from = at;
    else if (at > span.to) span.to = at;
  }
  const matches = taken.matches.filter((match) => !refused.has(match.event.id));
  const alerts = taken.alerts.filter((alert) => !alert.events.some((id) => refused.has(id)));
  const counts = { read: taken.read, stored, duplicate, deadLettered: deadLetters.length };
  return {
    matches,
    alerts,
    deadLetters,
    recounted,
    ledger: {
      source: writer.origin.id,
      hour: new Date(writer.at).toISOString().slice(0, 13),
      ...counts,
      evaluated: stored,
    },
    ...(span ? { span } : {}),
    facts: {
      source: writer.origin.id,
      collector: writer.origin.collector.id,
      ...counts,
      deadLetteredByStage: countBy(deadLetters, ({ stage }) => stage),
      collisions,
      matchesByLevel: countBy(matches, ({ rule }) => rule.level),
      alertsByLevel: countBy(
        alerts.filter(({ state }) => state === 'open'),
        ({ rule }) => rule.level,
      ),
      suppressedByLevel: countBy(
        alerts.filter(({ state }) => state === 'suppressed'),
        ({ rule }) => rule.level,
      ),
      ...(span ? { newestMs: Date.parse(span.to) } : {}),
    },
  };
}

function countBy<T>(items: readonly T[], nameOf: (item: T) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) counts[nameOf(item)] = (counts[nameOf(item)] ?? 0) + 1;
  return counts;
}
