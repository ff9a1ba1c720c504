/**
 * Reads a trail of rows by asking for what lies behind a place, in passes. A row is final once it is older than the start of
 * its pass by the overlap: whatever was written later than that with an earlier time is not seen. The checkpoint holds the
 * last final place and the rows behind it that were given already, so that late rows are found and no row is given twice.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { sha256 } from '../../core/ids.ts';
import type { Row } from '../../targets/postgresql.ts';
import type { SqlSession } from '../../targets/sql.ts';
import type { RawRecord, Trail } from '../collector.ts';
import type { ReadBatch, Reader } from './reader.ts';

export interface SqlReading {
  everyMs: number;
  overlapMs: number;
  pageRows?: number;
  /** Rows within the overlap that the checkpoint remembers; with more the overlap gets shorter, aloud. */
  mostRemembered?: number;
}

const PAGE_ROWS = 500;
const MOST_REMEMBERED = 20_000;
/** How much of an over-long row is kept as evidence. */
const KEPT_BYTES = 65_536;
const BEGINNING = '0001-01-01T00:00:00.000000';

/** Saved in the checkpoint. */
interface Place {
  at: string;
  key: string;
  /** Rows behind the place that were given: time, and a hash over key and content. */
  given: [string, string][];
  identity: string;
  /** When each further generation began: rows from then on belong to it. */
  starts: string[];
}

/** `2026-11-21T19:58:20.687000` so many milliseconds earlier. */
const earlier = (at: string, ms: number): string =>
  `${new Date(Date.parse(`${at.slice(0, 23)}Z`) - ms).toISOString().slice(0, 23)}000`;

const text = (row: Row | undefined, column: string): string => String(row?.[column] ?? '');
/** Times as ISO text, numbers too large for JSON as text. */
const rawOf = (row: Row): Uint8Array =>
  Buffer.from(
    JSON.stringify(row, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value)),
  );

export function sqlReader(trail: Trail, open: () => Promise<SqlSession>, reading: SqlReading): Reader {
  const pageRows = reading.pageRows ?? PAGE_ROWS;
  return async function* (from, options) {
    const saved = from === undefined ? undefined : (JSON.parse(from.position) as Place);
    const starts = saved?.starts ?? [];
    let { at, key, identity } =
      saved && !from?.again ? saved : { at: BEGINNING, key: '', identity: saved?.identity };
    let given = new Map(saved && !from?.again ? saved.given.map(([time, hash]) => [hash, time]) : []);
    const session = await open();
    try {
      while (!options.signal.aborted) {
        yield* pass();
        if (options.until === 'end') return;
        await sleep(reading.everyMs, undefined, { signal: options.signal }).catch(() => undefined);
      }
    } finally {
      await session.close();
    }

    async function* pass(): AsyncGenerator<ReadBatch> {
      const [state] = await session.read('asking for the time and the trail', trail.state);
      const now = text(state, 'now');
      const found = text(state, 'identity');
      const isChanged = identity !== undefined && identity !== found;
      identity = found;
      const horizon = earlier(now, reading.overlapMs);
      if (at > now) {
        options.warn(
          `the clock of the server went back from ${at} to ${now}; rows from ${horizon} on are read again`,
        );
        [at, key] = [horizon, ''];
      }
      if (isChanged) {
        starts.push(now);
        options.warn('the trail was created anew; what was not read of the old one is gone');
        // Kept before any row is read: a second reading must draw the border at the same time.
        yield { records: [], next: next() };
      }
      let cursor = { at, key };
      for (let rows = pageRows; rows >= pageRows && !options.signal.aborted; ) {
        const page = await session.read('reading the trail', trail.page, [cursor.at, cursor.key, pageRows]);
        rows = page.length;
        const records = page.flatMap((row) => fresh(row) ?? []);
        const last = page.at(-1);
        if (last !== undefined) cursor = { at: text(last, 'at'), key: text(last, 'key') };
        settle(rows < pageRows || cursor.at > horizon ? { at: horizon, key: '' } : cursor);
        if (records.length > 0) yield { records, next: next() };
      }
    }

    /** The record of a row that was not given before. */
    function fresh(row: Row): (RawRecord & { generation: number }) | undefined {
      const raw = rawOf(row);
      const time = text(row, 'at');
      const hash = sha256(raw).slice(0, 16);
      if (given.has(hash)) return undefined;
      given.set(hash, time);
      const generation = 1 + starts.filter((start) => start <= time).length;
      const record = { raw, position: text(row, 'key'), generation };
      return raw.length <= options.maxRecordBytes
        ? record
        : {
            ...record,
            raw: raw.subarray(0, KEPT_BYTES),
            size: raw.length,
            broken: `record of ${raw.length} bytes is over the limit of ${options.maxRecordBytes}`,
          };
    }

    /** Everything up to there is final and need not be remembered. */
    function settle(place: { at: string; key: string }): void {
      if (place.at > at || (place.at === at && place.key > key)) ({ at, key } = place);
      given = new Map([...given].filter(([, time]) => time > at || (time === at && key === '')));
      const over = given.size - (reading.mostRemembered ?? MOST_REMEMBERED);
      if (over <= 0) return;
      const times = [...given.values()].sort();
      options.warn(
        `more than ${given.size - over} rows lie within the overlap: rows before ${times[over]} that come later are missed`,
      );
      [at, key] = [times[over]!, ''];
      given = new Map([...given].filter(([, time]) => time >= at));
    }

    function next(): ReadBatch['next'] {
      const place: Place = {
        at,
        key,
        given: [...given].map(([hash, time]) => [time, hash]),
        identity: identity!,
        starts,
      };
      return { generation: 1 + starts.length, position: JSON.stringify(place) };
    }
  };
}
