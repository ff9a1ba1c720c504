/**
 * Reads files that are finished when they appear (objects of a bucket, compressed logs): each once. A record's position is the name
 * of its file and the place in it, so that a file read again after a kill, or copied there again, gives the same ids.
 */
import { stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RawRecord } from '../collector.ts';
import type { DoneFiles } from './done-files.ts';
import type { Growing } from './generation.ts';
import type { ReadBatch, Reader } from './reader.ts';
import { CutShort, unpackedBatches } from './unpacked.ts';

const POLL_MS = 2_000;
/** A compressed file that stops in the middle may still be on its way for so long after it was last written to. */
const ARRIVING_MS = 60_000;

export interface NamedPath {
  /** Part of the ids of its records. */
  name: string;
  path: string;
}

/** In the checkpoint: the file being read, or the last one read. */
interface Place {
  name: string;
  /** Tells a file that was replaced. */
  stamp: string;
  offset: number;
  carried?: string | undefined;
  isDone?: boolean;
}

export function onceReader(
  list: () => Promise<readonly NamedPath[]>,
  framing: Growing,
  openDone: (isAgain: boolean) => Promise<DoneFiles>,
): Reader {
  return async function* (from, options) {
    const done = await openDone(from?.again === true);
    let place = from && !from.again ? (JSON.parse(from.position) as Place) : undefined;
    if (place?.isDone) await done.add(place.name, place.stamp);
    // A checkpoint is there before the first record is counted: without one, reading would begin anew and count it twice.
    if (!place) yield give([], { name: '', stamp: '', offset: 0, isDone: true });
    while (!options.signal.aborted) {
      for (const { name, path } of await list()) {
        const info = await stat(path).catch(() => undefined);
        if (!info?.isFile()) continue;
        const stamp = `${info.size}:${Math.trunc(info.mtimeMs)}`;
        if (done.has(name, stamp)) continue;
        const resumes = place?.name === name && place.stamp === stamp && !place.isDone;
        place = resumes ? place! : { name, stamp, offset: 0 };
        try {
          for await (const batch of unpackedBatches(path, framing, {
            ...options,
            ...place,
            size: info.size,
          })) {
            place = { name, stamp, offset: batch.offset, carried: batch.carried };
            if (batch.records.length > 0) yield give(batch.records, place);
          }
          if (options.signal.aborted) return;
        } catch (cause) {
          if (!(cause instanceof CutShort)) throw cause;
          if (options.until === 'forever' && Date.now() - info.mtimeMs < ARRIVING_MS) continue;
          const reason = `ends in the middle of its compressed data: ${cause.message}`;
          const raw = Buffer.from(reason);
          yield give([{ raw, position: `${place.offset}`, broken: reason, size: info.size }], place);
        }
        place = { ...place, isDone: true };
        yield give([], place);
        // Asked for more: the batches before are in the store, and the checkpoint says so.
        await done.add(name, stamp);
      }
      if (options.until === 'end') return;
      await sleep(POLL_MS, undefined, { signal: options.signal }).catch(() => undefined);
    }
  };
}

const give = (records: readonly RawRecord[], place: Place): ReadBatch => ({
  records: records.map((record) => ({
    ...record,
    generation: 1,
    position: `${place.name}:${record.position}`,
  })),
  next: { generation: 1, position: JSON.stringify(place) },
});
