/**
 * Reads files that are not lines (EVTX): the whole file at once, and again when it grew. Records up to the last position
 * delivered are stepped over; when positions start again below it (a cleared log), a new generation begins.
 */
import { readFile, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Framing, RawRecord } from '../collector.ts';
import type { ReadBatch, Reader } from './reader.ts';

const POLL_MS = 1_000;
const BATCH_RECORDS = 500;

interface Place {
  inode: string;
  size: number;
  changed: number;
  /** Position of the last record delivered in this generation. */
  last: string;
}

export function wholeFileReader(path: string, framing: Extract<Framing, { kind: 'file' }>): Reader {
  return async function* (from, options) {
    let generation = from?.generation ?? 1;
    let place: Place | undefined = from && !from.again ? (JSON.parse(from.position) as Place) : undefined;
    while (!options.signal.aborted) {
      const there = await stat(path).catch((cause: NodeJS.ErrnoException) => {
        if (cause.code === 'ENOENT' && options.until === 'forever') return undefined;
        throw cause;
      });
      if (
        there &&
        !(
          place &&
          there.size === place.size &&
          there.mtimeMs === place.changed &&
          place.inode === `${there.dev}:${there.ino}`
        )
      ) {
        yield* pass(await readFile(path), {
          inode: `${there.dev}:${there.ino}`,
          size: there.size,
          changed: there.mtimeMs,
          last: '',
        });
      }
      if (options.until === 'end') return;
      await sleep(POLL_MS, undefined, { signal: options.signal }).catch(() => undefined);
    }

    function* pass(file: Uint8Array, now: Place): Generator<ReadBatch> {
      const records = [...framing.records(file)];
      const newest = records.reduce(
        (most, record) => (isAfter(record.position, most) ? record.position : most),
        '0',
      );
      if (place && isAfter(place.last, newest)) {
        generation += 1;
        place = undefined;
      }
      const last = place?.last ?? '';
      const fresh = last === '' ? records : records.filter((record) => isAfter(record.position, last));
      for (let at = 0; at < fresh.length; at += BATCH_RECORDS) {
        const part = fresh.slice(at, at + BATCH_RECORDS);
        const done = at + BATCH_RECORDS >= fresh.length;
        yield give(part, done ? { ...now, last: newest } : { ...now, size: -1, last });
      }
      if (fresh.length === 0) yield give([], { ...now, last: newest });
      place = { ...now, last: newest };
    }

    function give(records: RawRecord[], next: Place): ReadBatch {
      return {
        records: records.map((record) => ({ ...record, generation })),
        next: { generation, position: JSON.stringify(next) },
      };
    }
  };
}

/** Positions are record numbers, with an optional `.n` for the n-th piece of damage behind that record. */
const isAfter = (a: string, b: string): boolean => {
  const [x, y] = [a, b].map((text) => text.split('.').map((part) => BigInt(part || '0')));
  return x![0]! === y![0]! ? (x![1] ?? 0n) > (y![1] ?? 0n) : x![0]! > y![0]!;
};
