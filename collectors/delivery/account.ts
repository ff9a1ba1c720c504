/** Counts one batch for the ledger, and keeps the matches and alerts of the events that the store has. Pure. */
import type { Alert, DeadLetter, Match } from '../../core/documents.ts';
import type { Evaluation } from '../../core/evaluate.ts';
import type { Appended, LedgerLine } from '../../core/store.ts';
import type { Source } from '../run.ts';
import { deadLetter, type Prepared } from './prepare.ts';

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
  source: Source;
  /** Number of the batch being delivered. */
  number: number;
  /** Batches up to here were counted before reading began anew; 0 when it never did. */
  recountedTo: number;
  /** New in every process. */
  epoch: string;
  at: number;
}

export interface Counted {
  matches: Match[];
  alerts: Alert[];
  deadLetters: DeadLetter[];
  ledger: LedgerLine;
  span?: { from: string; to: string };
  facts: BatchFacts;
}

/**
 * An event found in the store counts as stored, not as duplicate, when no batch record has counted it yet: it was written by
 * an earlier try of this batch, or by a process that died before it published its batch. Reading always goes on behind the
 * last published batch, so what is met there again was not counted, unless reading began anew.
 */
export function isUncounted(batch: string | undefined, writer: Writer): boolean {
  const parts = batch?.split('/') ?? [];
  const [epoch, number] = [parts.pop(), Number(parts.pop())];
  if (parts.join('/') !== writer.source.id || number <= writer.recountedTo) return false;
  return epoch !== writer.epoch || number === writer.number;
}

export function account(
  prepared: Prepared,
  appended: readonly Appended[],
  evaluation: Evaluation,
  writer: Writer,
): Counted {
  const deadLetters = [...prepared.deadLetters];
  const refused = new Set<string>();
  /** A record that stands twice in one batch (sent again at once) was stored by its first. */
  const met = new Set<string>();
  let stored = 0;
  let duplicate = 0;
  let collisions = 0;
  prepared.events.forEach(({ event }, index) => {
    const result = appended[index]!;
    if (result.outcome === 'stored') stored += 1;
    else if (result.outcome === 'duplicate') {
      if (!met.has(event.event.id) && isUncounted(result.batch, writer)) stored += 1;
      else duplicate += 1;
    } else {
      if (result.outcome === 'collision') collisions += 1;
      const reason =
        result.outcome === 'collision' ? `collision: another record has id ${event.event.id}` : result.reason;
      deadLetters.push(deadLetter(prepared.records[index]!, writer.source, 'store', reason, writer.at));
      refused.add(event.event.id);
    }
    met.add(event.event.id);
  });
  const matches = evaluation.matches.filter((match) => !refused.has(match.event.id));
  const alerts = evaluation.alerts.filter((alert) => !alert.events.some((id) => refused.has(id)));
  const times = prepared.events.map(({ event }) => event['@timestamp']).sort();
  const counts = { read: prepared.read, stored, duplicate, deadLettered: deadLetters.length };
  return {
    matches,
    alerts,
    deadLetters,
    ledger: {
      source: writer.source.id,
      hour: new Date(writer.at).toISOString().slice(0, 13),
      ...counts,
      evaluated: stored,
    },
    ...(times.length > 0 ? { span: { from: times[0]!, to: times.at(-1)! } } : {}),
    facts: {
      source: writer.source.id,
      collector: writer.source.collector.id,
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
      ...(times.length > 0 ? { newestMs: Date.parse(times.at(-1)!) } : {}),
    },
  };
}

function countBy<T>(items: readonly T[], nameOf: (item: T) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) counts[nameOf(item)] = (counts[nameOf(item)] ?? 0) + 1;
  return counts;
}
