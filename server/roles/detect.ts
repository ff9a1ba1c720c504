/** The role `detect`: correlations from the batch feed, and incidents from all alerts. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Alert } from '../../core/documents.ts';
import { VigiaError } from '../../core/errors.ts';
import type { Parts } from '../parts.ts';
import { groupMemory } from './group-memory.ts';
import { openJudge } from './judge/index.ts';
import { lane } from './lane.ts';
import { openShares } from './shares.ts';
import { isPassing, steadily } from './steadily.ts';

const POLL_MS = 150;
/** Sources that began meanwhile are looked for this often. */
const DISCOVER_MS = 1_000;

export interface FollowOptions {
  signal: AbortSignal;
  /** `drained`: return when every published batch is processed, and take what is there for all there will be. */
  until: 'drained' | 'forever';
}

/** Positions that could not be saved are only behind. */
const unlessVigiaError = (cause: unknown): void => {
  if (!(cause instanceof VigiaError)) throw cause;
};

export interface Rounds {
  /** One round over what was published; `isDraining` takes what is there for all there will be. True when there may be more. */
  round(isDraining: boolean): Promise<boolean>;
  /** Has everything published been followed, by this process or another? Windows that are still open do not count. */
  isThrough(): Promise<boolean>;
  /** Judges what is judged a little later than it is read. */
  settle(): Promise<void>;
  /** Saves positions and gives back partitions; once. */
  close(): Promise<void>;
}

export async function detect(
  parts: Parts,
  { signal, until, rounds = openRounds(parts) }: FollowOptions & { rounds?: Rounds },
): Promise<void> {
  try {
    if (until === 'forever') {
      const work = () => rounds.round(false);
      await steadily(parts, { name: 'detect', signal, pauseMs: POLL_MS, work });
    } else {
      while (!signal.aborted) {
        if (await rounds.round(true)) continue;
        if (await rounds.isThrough()) break;
        await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
      }
      if (!signal.aborted) await rounds.settle();
    }
  } finally {
    await rounds.close();
  }
}

/** Takes up its share and has looked at everything once. Trouble that passes is left to the role: it tries again, and tells. */
export async function firstRound(rounds: Pick<Rounds, 'round'>): Promise<void> {
  try {
    await rounds.round(false);
  } catch (cause) {
    if (!isPassing(cause)) throw cause;
  }
}

export function openRounds(parts: Parts): Rounds {
  const { store } = parts;
  const shares = openShares(parts);
  const memory = groupMemory();
  const judge = openJudge(parts);
  const lanes = parts.detection.waits.map((waitMs) =>
    lane(parts, { shares, memory, waitMs, raise, judge: judge.follow }),
  );
  let closing: Promise<void> | undefined;
  let writers: string[] = [];
  let nextLookMs = 0;
  async function discover(): Promise<void> {
    writers = await store.batches.writers();
    nextLookMs = parts.now() + DISCOVER_MS;
  }
  async function prepare(): Promise<void> {
    await shares.tend();
    for (const one of lanes) await one.prepare();
  }
  return {
    async round(isDraining) {
      await prepare();
      if (isDraining || writers.length === 0 || parts.now() >= nextLookMs) await discover();
      let isMore = false;
      for (const one of lanes) isMore = (await one.follow(writers, isDraining)) || isMore;
      return isMore;
    },
    async settle() {
      await judge.settle();
    },
    isThrough: async () => lanes[0]!.hasReached(await store.batches.writers()),
    close: () => (closing ??= close()),
  };

  async function close(): Promise<void> {
    for (const one of lanes) await one.save().catch(unlessVigiaError);
    await shares.close();
  }

  async function raise(alerts: Alert[]): Promise<void> {
    if (alerts.length === 0) return;
    alerts.sort((a, b) => a.from.localeCompare(b.from) || a.id.localeCompare(b.id));
    const { created } = await parts.incidents.raise(alerts);
    await observeRaised(created, alerts);
  }

  /** New incidents by severity, and how long it took from the reading of their first alert's record. */
  async function observeRaised(created: readonly string[], alerts: readonly Alert[]): Promise<void> {
    for (const incident of await Promise.all(created.map((id) => store.documents.get('incident', id))))
      if (incident) parts.metrics.count('vigia_incidents_raised_total', { severity: incident.body.severity });
    if (created.length === 0) return;
    const read = Math.min(
      ...alerts.filter(({ kind }) => kind === 'event').map((alert) => Date.parse(alert.created)),
    );
    if (Number.isFinite(read))
      parts.metrics.observe('vigia_event_to_incident_seconds', undefined, (parts.now() - read) / 1_000);
  }
}
