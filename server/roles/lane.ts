/**
 * Follows the batch feed for the correlations that wait equally long: 0 for those that judge at once, and for others the
 * time until their windows are over. Everything it writes may be written again, so it moves its positions last.
 */
import type { Alert, Progress } from '../../core/documents.ts';
import type { BatchPlace, BatchRecord, Stored } from '../../core/store.ts';
import type { Parts } from '../parts.ts';
import type { GroupMemory } from './group-memory.ts';
import { ruleOf, settleGroups } from './settle-groups.ts';
import { PARTITIONS, partitionOf, type Shares } from './shares.ts';

const RECORDS_AT_ONCE = 50;
/** A partition without work moves its stored position after this many records: reading them again costs little. */
const UNWRITTEN_RECORDS = 500;
/** A lane that has nothing to do saves the positions of the others this often. */
const IDLE_SAVE_MS = 5_000;

export interface Lane {
  /** Takes up the partitions that this process holds, and drops the others. Call it for all lanes before any follows on. */
  prepare(): Promise<void>;
  /** One round. True when there may be more to do at once. */
  follow(writers: readonly string[], isDraining: boolean): Promise<boolean>;
  /** Writes the positions that are in memory only. */
  save(): Promise<void>;
  /** Has every partition followed the writers so far? Those of other processes are asked for in the store. */
  hasReached(writers: readonly string[]): Promise<boolean>;
}

interface Place {
  fence: number;
  stored: Stored<Progress>;
  positions: Record<string, number>;
  unwritten: number;
}

interface Work {
  alerts: string[];
  touched: BatchRecord['touched'];
  /** Records of the first partition. */
  judged: BatchRecord[];
  /** Partitions that have some of it. */
  partitions: Set<number>;
}

export interface LaneOptions {
  shares: Shares;
  memory: GroupMemory;
  /** `Reach.waitMs` of its correlations. */
  waitMs: number;
  raise(alerts: Alert[]): Promise<void>;
  /** Rules judged from many matches (`judge/`): they go with the alerts of single events. */
  judge(records: readonly BatchRecord[]): Promise<Alert[]>;
}

export function lane(parts: Parts, { shares, memory, waitMs, raise, judge }: LaneOptions): Lane {
  const { store, now, detection } = parts;
  const { documents } = store;
  const latenessMs = parts.settings.correlation.latenessMinutes * 60_000;
  const places = new Map<number, Place>();
  let nextSaveMs = 0;
  let newestMs = -Infinity;
  /** By writer: when its next record is due; those behind it wait too. */
  const dueMs = new Map<string, number>();
  const idOf = (partition: number, ms = waitMs) => `detect-${ms}:${partition}`;

  async function follow(writers: readonly string[], isDraining: boolean): Promise<boolean> {
    if (places.size === 0) return false;
    const records = await nextRecords(writers, isDraining);
    if (records.length === 0) {
      await saveIdle();
      return false;
    }
    const work = workOf(records);
    newestMs = work.touched.reduce((most, { to }) => Math.max(most, Date.parse(to)), newestMs);
    const single = await loadAlerts(work.alerts);
    // First, because people wait for these, and they need nothing that is judged below. What was there all along is raised as one.
    if (!isDraining) await raise(single);
    const alerts = await settleGroups(parts, work.touched, {
      memory,
      latenessMs,
      newestMs,
      decidedToMs: ({ toMs }) => (isDraining ? Infinity : Math.max(now() - latenessMs, toMs + waitMs)),
      mayWrite: shares.check,
    });
    const judged = await judge(work.judged);
    await raise([...(isDraining ? single : []), ...alerts, ...judged]);
    shares.check();
    await advance(records, work.partitions);
    return true;
  }

  async function prepare(): Promise<void> {
    const held = shares.held();
    const lost = new Set([...places].filter(([at, { fence }]) => held.get(at) !== fence).map(([at]) => at));
    for (const partition of lost) places.delete(partition);
    if (lost.size > 0) memory.dropWhere((key) => lost.has(partitionOf(key)));
    const gained = [...held].filter(([partition]) => !places.has(partition));
    if (gained.length > 0) dueMs.clear();
    await Promise.all(gained.map(([partition, fence]) => takePlace(partition, fence)));
  }

  async function takePlace(partition: number, fence: number): Promise<void> {
    const id = idOf(partition);
    // A lane that is new begins where those without waiting are: before it there were no matches for it.
    const ahead = waitMs === 0 ? undefined : await documents.get('progress', idOf(partition, 0));
    const body: Progress = { positions: ahead?.body.positions ?? {}, at: new Date(now()).toISOString() };
    await documents.create('progress', id, body);
    const stored = (await documents.get('progress', id))!;
    places.set(partition, { stored, positions: { ...stored.body.positions }, unwritten: 0, fence });
  }

  async function nextRecords(writers: readonly string[], isDraining: boolean): Promise<BatchRecord[]> {
    const due = isDraining ? writers : writers.filter((writer) => now() >= (dueMs.get(writer) ?? 0));
    const read = await store.batches.follow(
      placesIn(
        due,
        [...places.values()].map(({ positions }) => positions),
      ),
      RECORDS_AT_ONCE,
    );
    if (isDraining) return read;
    return [...Map.groupBy(read, ({ writer }) => writer)].flatMap(([writer, records]) => {
      const early = records.findIndex((record) => dueAt(record) > now());
      if (early === -1) return records;
      dueMs.set(writer, dueAt(records[early]!));
      return records.slice(0, early);
    });
  }

  /** When the windows of the record's matches are over and late events have had their time; those without waiting, at once. */
  function dueAt(record: BatchRecord): number {
    if (waitMs === 0) return -Infinity;
    const own = record.touched.filter(({ group }) => detection.correlation(ruleOf(group))?.waitMs === waitMs);
    if (own.length === 0) return -Infinity;
    const readMs = Date.parse(record.at);
    const toMs = own.reduce((most, { to }) => Math.max(most, Date.parse(to)), -Infinity);
    // A clock that is ahead must not hold up the rest: such windows count from when they were read.
    return Math.max(readMs, Math.min(readMs, toMs) + waitMs) + latenessMs;
  }

  function workOf(records: readonly BatchRecord[]): Work {
    const work: Work = { alerts: [], touched: [], judged: [], partitions: new Set() };
    const isNew = (partition: number, { writer, number }: BatchRecord) =>
      number > (places.get(partition)?.positions[writer] ?? (places.has(partition) ? 0 : Infinity));
    for (const record of records) {
      if (waitMs === 0 && isNew(0, record)) work.judged.push(record);
      // Alerts of single events are the work of whoever has the first partition.
      if (waitMs === 0 && record.alerts.length > 0 && isNew(0, record)) {
        work.alerts.push(...record.alerts);
        work.partitions.add(0);
      }
      for (const touched of record.touched) {
        const partition = partitionOf(touched.group);
        if (!isNew(partition, record)) continue;
        if (detection.correlation(ruleOf(touched.group))?.waitMs !== waitMs) continue;
        work.touched.push(touched);
        work.partitions.add(partition);
      }
    }
    return work;
  }

  async function loadAlerts(ids: readonly string[]): Promise<Alert[]> {
    const found = await Promise.all([...new Set(ids)].map((id) => documents.get('alert', id)));
    return found.flatMap((alert) => (alert ? [alert.body] : []));
  }

  async function advance(records: readonly BatchRecord[], worked: ReadonlySet<number>): Promise<void> {
    for (const place of places.values()) {
      place.unwritten += records.length;
      for (const { writer, number } of records)
        place.positions[writer] = Math.max(place.positions[writer] ?? 0, number);
    }
    await write(([partition, { unwritten }]) => worked.has(partition) || unwritten >= UNWRITTEN_RECORDS);
  }

  /** Others wait for stored positions; partitions without work must not hold them up. */
  async function saveIdle(): Promise<void> {
    if (now() < nextSaveMs) return;
    nextSaveMs = now() + IDLE_SAVE_MS;
    await write(([, { unwritten }]) => unwritten > 0);
  }

  async function write(isWanted: (entry: [number, Place]) => boolean): Promise<void> {
    const at = new Date(now()).toISOString();
    await Promise.all(
      [...places].filter(isWanted).map(async ([partition, place]) => {
        const [id, body] = [idOf(partition), { positions: { ...place.positions }, at }];
        const version = await documents.update('progress', id, body, place.stored.version);
        place.stored = { id, body, version };
        place.unwritten = 0;
      }),
    );
  }

  return {
    prepare,
    async follow(writers, isDraining) {
      try {
        return await follow(writers, isDraining);
      } catch (cause) {
        // What is in memory may be ahead of the store now.
        memory.dropWhere(() => true);
        places.clear();
        dueMs.clear();
        throw cause;
      }
    },
    save: () => write(([, { unwritten }]) => unwritten > 0),
    async hasReached(writers) {
      const positions = Array.from(
        { length: PARTITIONS },
        async (_, partition) =>
          places.get(partition)?.positions ??
          (await documents.get('progress', idOf(partition)))?.body.positions ??
          {},
      );
      return (await store.batches.follow(placesIn(writers, await Promise.all(positions)), 1)).length === 0;
    },
  };
}

/** Where whoever is furthest behind goes on. */
const placesIn = (writers: readonly string[], all: readonly Record<string, number>[]): BatchPlace[] =>
  writers.map((writer) => ({ writer, after: Math.min(...all.map((positions) => positions[writer] ?? 0)) }));
