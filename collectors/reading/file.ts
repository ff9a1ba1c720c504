/**
 * Follows a file through growth, rotation by rename and truncation. A renamed file is read to its end, and kept open
 * for `LINGER_MS` in case its writer still holds it; a truncated or replaced one starts a new generation.
 * The rest of what `copytruncate` cut off is read in the copy; what was written between copy and cut no reader can see.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { followFiles } from './followed.ts';
import { cutRecords, type Generation, type Growing, readOn } from './generation.ts';
import type { ReadBatch, Reader, ReadOptions } from './reader.ts';

const POLL_MS = 200;
const LINGER_MS = 60_000;
/** An unfinished multi-line record is given out after this much silence. */
const SETTLE_MS = 1_000;

export function fileReader(path: string, framing: Growing): Reader {
  return async function* (from, options) {
    const files = await followFiles(path, from, cutRecords(options.maxRecordBytes, framing), options.warn);
    try {
      if (from === undefined) {
        await files.discover();
        // From now on what is rotated away is looked for, by whoever reads next.
        yield give([], files.newest);
      }
      while (!options.signal.aborted) {
        const startMs = performance.now();
        await files.discover();
        let isMoving = false;
        let isBehind = false;
        for (const one of [...files.open]) {
          const before = one.readAt;
          const most = options.batchBytes;
          const records = await readOne(one, most);
          isBehind ||= one.readAt - before >= most;
          if (records === 'truncated') await files.startOver(one);
          isMoving ||= records !== 'idle';
          if (typeof records !== 'string' && records.length > 0) yield give(records, one.generation);
          if (options.signal.aborted) return;
        }
        if (isBehind || (isMoving && options.until === 'end')) continue;
        if (options.until === 'end') {
          for (const one of files.open) yield give(finish(one), one.generation);
          return;
        }
        yield* settle();
        const pauseMs = Math.max(0, Math.max(POLL_MS, options.gatherMs ?? 0) - (performance.now() - startMs));
        await sleep(pauseMs, undefined, { signal: options.signal }).catch(() => undefined);
      }
    } finally {
      await files.close();
    }

    async function readOne(one: Generation, most: number) {
      const bytes = await readOn(one, most);
      if (bytes === undefined) return 'truncated';
      if (bytes.length === 0) {
        one.idleSince ??= Date.now();
        return 'idle';
      }
      one.idleSince = undefined;
      const records = one.cutter.push(bytes);
      one.offset = one.cutter.offset;
      return records;
    }

    function finish(one: Generation) {
      const records = one.cutter.end();
      one.offset = one.cutter.offset;
      return records;
    }

    /** Ends what is at rest: multi-line records still open, and rotated files that nobody writes to any more. */
    async function* settle(): AsyncGenerator<ReadBatch> {
      for (const one of [...files.open]) {
        const idleMs = one.idleSince === undefined ? 0 : Date.now() - one.idleSince;
        const isRotated = files.isRotated(one);
        if (isRotated ? idleMs < LINGER_MS : idleMs < SETTLE_MS || one.cutter.midLine) continue;
        const records = isRotated || one.offset < one.readAt ? finish(one) : [];
        if (isRotated) await files.finish(one);
        if (records.length > 0 || isRotated) yield give(records, one.generation);
      }
    }

    function give(records: { raw: Uint8Array; position: string }[], generation: number): ReadBatch {
      return {
        records: records.map((record) => ({ ...record, generation })),
        next: { generation: files.newest, position: files.save() },
      };
    }
  } satisfies (from: Parameters<Reader>[0], options: ReadOptions) => AsyncIterable<ReadBatch>;
}
