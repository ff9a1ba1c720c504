/**
 * Follows a file through growth, rotation by rename and truncation. A renamed file is read to its end, and kept open
 * for `LINGER_MS` in case its writer still holds it; a truncated or replaced one starts a new generation.
 * The rest of what `copytruncate` cut off is read in the copy; what was written between copy and cut no reader can see.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Candidate,
  candidates,
  cutRecords,
  findAgain,
  type Generation,
  type Growing,
  inodeAt,
  openGeneration,
  readOn,
  type SavedGeneration,
  save,
} from './generation.ts';
import type { ReadBatch, Reader, ReadOptions } from './reader.ts';

const POLL_MS = 200;
const LINGER_MS = 60_000;
/** An unfinished multi-line record is given out after this much silence. */
const SETTLE_MS = 1_000;

export function fileReader(path: string, framing: Growing): Reader {
  return async function* (from, options) {
    const cut = cutRecords(options.maxRecordBytes, framing);
    let newest = from?.generation ?? 0;
    const open = await restore();
    try {
      while (!options.signal.aborted) {
        await discover();
        let read = 0;
        for (const one of [...open]) {
          const batch = await readOne(one);
          if (batch === undefined) {
            await startOver(one);
            read += 1;
            continue;
          }
          read += batch.bytes;
          if (batch.records.length > 0) yield give(batch.records, one.generation);
          if (options.signal.aborted) return;
        }
        if (read > 0) continue;
        if (options.until === 'end') {
          for (const one of open) yield give(finish(one), one.generation);
          return;
        }
        yield* settle();
        await sleep(POLL_MS, undefined, { signal: options.signal }).catch(() => undefined);
      }
    } finally {
      for (const one of open) await one.handle.close();
    }

    async function restore(): Promise<Generation[]> {
      if (!from) return [];
      const there = await candidates(path);
      const found: Generation[] = [];
      const saved = JSON.parse(from.position) as SavedGeneration[];
      for (const { carried, ...one } of saved) {
        const place = from.again ? { ...one, offset: 0 } : { ...one, ...(carried && { carried }) };
        const again = await findAgain(path, there, place, cut);
        if (again) found.push(again);
        else if (!from.again)
          options.warn(
            `${path}: what followed byte ${one.offset} of generation ${one.generation} is gone (rotated away, or truncated)`,
          );
      }
      return [...found, ...(await unseen(there, found, saved))];
    }

    /** Files that came and were rotated away while nobody read: written to since the checkpoint, and known to none of its generations. */
    async function unseen(
      there: readonly Candidate[],
      found: readonly Generation[],
      saved: readonly SavedGeneration[],
    ) {
      const since = from?.at === undefined || from.again ? Number.POSITIVE_INFINITY : Date.parse(from.at);
      const missed: Generation[] = [];
      for (const { path: rotated, inode, changedMs, size } of there) {
        if (rotated === path || size === 0 || changedMs <= since) continue;
        if (found.some((one) => one.inode === inode) || saved.some((one) => one.inode === inode)) continue;
        newest += 1;
        missed.push(await openGeneration(rotated, newest, 0, cut));
      }
      return missed;
    }

    /** Opens what now lies at the path when it is not what we read there before. */
    async function discover(): Promise<void> {
      const inode = await inodeAt(path);
      if (inode === undefined || open.some((one) => one.inode === inode)) return;
      newest += 1;
      open.push(await openGeneration(path, newest, 0, cut));
    }

    /** A file that was truncated: its rest may lie in a copy, and what is written to it from now on is a new generation. */
    async function startOver(one: Generation): Promise<void> {
      await one.handle.close();
      const copy = await findAgain(path, await candidates(path), save(one), cut);
      open.splice(open.indexOf(one), 1, ...(copy ? [copy] : []));
      if (!copy)
        options.warn(
          `${path}: truncated; what followed byte ${one.readAt} of generation ${one.generation}, if anything, is gone`,
        );
    }

    /** Undefined when the file is not the one that was read so far. */
    async function readOne(one: Generation) {
      const bytes = await readOn(one, options.batchBytes);
      if (bytes === undefined) return undefined;
      if (bytes.length === 0) {
        one.idleSince ??= Date.now();
        return { bytes: 0, records: [] };
      }
      one.idleSince = undefined;
      const records = one.cutter.push(bytes);
      one.offset = one.cutter.offset;
      return { bytes: bytes.length, records };
    }

    function finish(one: Generation) {
      const records = one.cutter.end();
      one.offset = one.cutter.offset;
      return records;
    }

    /** Ends what is at rest: multi-line records still open, and rotated files that nobody writes to any more. */
    async function* settle(): AsyncGenerator<ReadBatch> {
      for (const one of [...open]) {
        const idleMs = one.idleSince === undefined ? 0 : Date.now() - one.idleSince;
        const rotated = one !== open.at(-1);
        if (rotated ? idleMs < LINGER_MS : idleMs < SETTLE_MS || one.cutter.midLine) continue;
        const records = rotated || one.offset < one.readAt ? finish(one) : [];
        if (rotated) {
          open.splice(open.indexOf(one), 1);
          await one.handle.close();
        }
        if (records.length > 0 || rotated) yield give(records, one.generation);
      }
    }

    function give(records: { raw: Uint8Array; position: string }[], generation: number): ReadBatch {
      return {
        records: records.map((record) => ({ ...record, generation })),
        next: { generation: newest, position: JSON.stringify(open.map(save)) },
      };
    }
  } satisfies (from: Parameters<Reader>[0], options: ReadOptions) => AsyncIterable<ReadBatch>;
}
