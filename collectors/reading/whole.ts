/**
 * Reads files of numbered records (EVTX), and again when they grew, in bounded memory. Records up to the last one delivered are
 * stepped over; when that one is another record now, or numbers start again below it (a cleared log), a new generation begins.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { sha256 } from '../../core/ids.ts';
import type { Framing, RawRecord } from '../collector.ts';
import { type Bytes, fileBytes } from './bytes.ts';
import type { ReadBatch, Reader } from './reader.ts';

const POLL_MS = 1_000;
const BATCH_RECORDS = 500;
/** A file that is being written looks damaged for a moment: while it was changed so lately, damage counts once it was seen so often. */
const LATELY_MS = 10_000;
const LOOKS = 5;

interface Place {
  inode: string;
  size: number;
  changed: number;
  /** Position of the last record delivered in this generation. */
  last: string;
  /** Of that record, to know it again; places noted by an older version have none. */
  hash?: string;
}

export function wholeFileReader(
  path: string,
  { records }: Extract<Framing, { kind: 'file' }>,
  { pollMs = POLL_MS }: { pollMs?: number } = {},
): Reader {
  return async function* (from, options) {
    let generation = from?.generation ?? 1;
    let place: Place | undefined = from && !from.again ? (JSON.parse(from.position) as Place) : undefined;
    /** How often damage was seen that may pass. */
    let looks = new Map<string, number>();
    while (!options.signal.aborted) {
      const file = await openFile(path, options.until);
      if (file) {
        try {
          const { dev, ino, size, mtimeMs: changed } = await file.stat();
          const now = { inode: `${dev}:${ino}`, size, changed };
          if (!place || now.inode !== place.inode || size !== place.size || changed !== place.changed)
            yield* pass(fileBytes(file.fd, size), now);
        } finally {
          await file.close();
        }
      }
      if (options.until === 'end') return;
      await sleep(pollMs, undefined, { signal: options.signal }).catch(() => undefined);
    }

    function* pass(file: Bytes, now: Omit<Place, 'last' | 'hash'>): Generator<ReadBatch> {
      const seen = new Map<string, number>();
      const isFresh = Date.now() - now.changed < LATELY_MS;
      const mayPass = (damage: string) => {
        if (options.until === 'end' || !isFresh) return false;
        seen.set(damage, (looks.get(damage) ?? 0) + 1);
        return seen.get(damage)! < LOOKS;
      };
      if (place) {
        const found = continuation(file, place);
        if (found === 'unclear' && mayPass('place')) {
          looks = seen;
          return;
        }
        if (found !== 'same') {
          generation += 1;
          place = undefined;
        }
      }
      const before = place?.last ?? '';
      let newest: Pick<Place, 'last' | 'hash'> = before === '' ? { last: before } : place!;
      /** A file that is full goes on at its beginning: only records without gap say that none before them is still to come. */
      let isWithoutGap = before !== '';
      const far = (): Place => ({ ...now, size: -1, ...(isWithoutGap ? newest : { last: before }) });
      let isHeld = false;
      let batch: RawRecord[] = [];
      let bytes = 0;
      for (const record of records(file, before === '' ? undefined : before)) {
        const { position, broken, raw } = record;
        // The rest is looked through for damage alone, so that all of it is counted at each look.
        isHeld = (broken !== undefined && mayPass(`${position}: ${broken}`)) || isHeld;
        if (isHeld) continue;
        if (before !== '' && !isAfter(position, before)) continue;
        batch.push(record);
        bytes += raw.length;
        const step = numberOf(position) - numberOf(newest.last);
        isWithoutGap &&= step === 1n || (step === 0n && broken !== undefined);
        if (isAfter(position, newest.last)) newest = { last: position, hash: hashOf(record) };
        if (batch.length < BATCH_RECORDS && bytes < options.batchBytes) continue;
        yield give(batch, far());
        [batch, bytes] = [[], 0];
      }
      looks = seen;
      if (isHeld) {
        yield give(isWithoutGap ? batch : [], (place = far()));
        return;
      }
      // A change in the same tick of the file system's clock would show neither size nor time: looked at again.
      const size = isFresh ? -1 : now.size;
      place = {
        ...now,
        size,
        last: newest.last,
        ...(newest.hash === undefined ? {} : { hash: newest.hash }),
      };
      yield give(batch, place);
    }

    /** Is the file the one that was read up to the place? Says so when records in between were overwritten. */
    function continuation(file: Bytes, { last, hash }: Place): 'same' | 'other' | 'unclear' {
      if (last === '') return 'same';
      let newest = '';
      let isDamaged = false;
      let next: bigint | undefined;
      for (const record of records(file, last)) {
        const isBroken = record.broken !== undefined;
        if (record.position === last)
          return isBroken || hash === undefined || hash === hashOf(record) ? 'same' : 'other';
        isDamaged ||= isBroken;
        if (isAfter(record.position, newest)) newest = record.position;
        const number = numberOf(record.position);
        if (number > numberOf(last) && (next === undefined || number < next)) next = number;
      }
      if (!isAfter(newest, last)) return isDamaged ? 'unclear' : 'other';
      const gone = (next ?? 0n) - numberOf(last) - 1n;
      if (gone > 0n)
        options.warn(`${path}: ${gone} records behind record ${last} were overwritten before they were read`);
      return 'same';
    }

    function give(given: RawRecord[], next: Place): ReadBatch {
      return {
        records: given.map((record) => ({ ...record, generation })),
        next: { generation, position: JSON.stringify(next) },
      };
    }
  };
}

/** A file that is not there yet is waited for. */
const openFile = (path: string, until: 'end' | 'forever'): Promise<FileHandle | undefined> =>
  open(path, 'r').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' && until === 'forever') return undefined;
    throw cause;
  });

const hashOf = ({ raw }: RawRecord): string => sha256(raw);

const numberOf = (position: string): bigint => BigInt(position.split('.', 1)[0] || '0');

/** Positions are record numbers, with an optional `.n` for the n-th piece of damage behind that record. */
const isAfter = (a: string, b: string): boolean => {
  const [x, y] = [a, b].map((text) => text.split('.').map((part) => BigInt(part || '0')));
  return x![0]! === y![0]! ? (x![1] ?? 0n) > (y![1] ?? 0n) : x![0]! > y![0]!;
};
