/** Reading a trail by questions: late rows, equal times, restarts, clocks that go back, trails created anew. */
import { describe, expect, it } from 'vitest';
import type { Row } from '../../targets/postgresql.ts';
import type { ReadOptions, ReadPosition } from './reader.ts';
import { type SqlReading, sqlReader } from './sql.ts';

const at = (seconds: number) =>
  `${new Date(Date.UTC(2026, 2, 4, 10, 0, 0) + seconds * 1_000).toISOString().slice(0, 23)}000`;

/** A table in memory that answers the two questions as a database does. */
function table() {
  const rows: Row[] = [];
  const state = { now: at(0), identity: 'a', pages: 0 };
  return {
    state,
    add: (seconds: number, key: string, more: object = {}) => rows.push({ at: at(seconds), key, ...more }),
    clear: () => rows.splice(0),
    open: async () => ({
      async read(_operation: string, sql: string, [time, key, limit]: readonly unknown[] = []) {
        if (sql === 'state') return [{ now: state.now, identity: state.identity }];
        state.pages += 1;
        const pair = (row: Row) => `${row['at']} ${row['key']}`;
        return rows
          .filter((row) => pair(row) > `${time} ${key}`)
          .sort((a, b) => (pair(a) < pair(b) ? -1 : 1))
          .slice(0, Number(limit));
      },
      close: async () => undefined,
    }),
  };
}

/** Reads to the end of what is there; gives positions with generations, warnings, and the place for the next time. */
async function readAll(
  source: ReturnType<typeof table>,
  from?: ReadPosition,
  more: Partial<SqlReading & ReadOptions> = {},
) {
  const warnings: string[] = [];
  const seen: string[] = [];
  const reader = sqlReader({ state: 'state', page: 'page' }, source.open, {
    everyMs: 1,
    overlapMs: 60_000,
    pageRows: 3,
    ...more,
  });
  let place = from;
  const options = {
    signal: new AbortController().signal,
    until: 'end' as const,
    batchBytes: 1,
    maxRecordBytes: 1_000,
  };
  for await (const batch of reader(from, {
    ...options,
    warn: (message) => warnings.push(message),
    ...more,
  })) {
    seen.push(
      ...batch.records.map(
        ({ position, generation, broken }) => `${generation}:${position}${broken ? ' broken' : ''}`,
      ),
    );
    place = batch.next;
  }
  return { seen, warnings, place };
}

describe('reading a trail', () => {
  it('gives every row once, page by page, and on the next look only what is new', async () => {
    const source = table();
    for (const key of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) source.add(-1_000, key);
    const first = await readAll(source);
    expect(first.seen).toEqual(['1:a', '1:b', '1:c', '1:d', '1:e', '1:f', '1:g']);
    source.add(1, 'h');
    source.state.now = at(1);
    expect((await readAll(source, first.place)).seen).toEqual(['1:h']);
  });

  it('finds a row that appears late, within the overlap, and gives nothing twice', async () => {
    const source = table();
    source.add(-10, 'early');
    source.add(-1, 'newest');
    const first = await readAll(source);
    source.add(-30, 'late');
    source.state.now = at(20);
    const second = await readAll(source, first.place);
    expect(second.seen).toEqual(['1:late']);
    expect((await readAll(source, second.place)).seen).toEqual([]);
  });

  it('remembers nothing of what is final', async () => {
    const source = table();
    for (let second = 0; second < 100; second++) source.add(second - 10_000, `k${second}`);
    const { place } = await readAll(source);
    expect(JSON.parse(place!.position).given).toEqual([]);
  });

  it('goes on from every batch as if it had never stopped', async () => {
    const source = table();
    for (let key = 0; key < 20; key++) source.add(key - 15, `k${String(key).padStart(2, '0')}`);
    source.state.now = at(6);
    const whole = (await readAll(source)).seen;
    const reader = sqlReader({ state: 'state', page: 'page' }, source.open, {
      everyMs: 1,
      overlapMs: 8_000,
      pageRows: 3,
    });
    const seen: string[] = [];
    let place: ReadPosition | undefined;
    for (let stops = 0; stops < 20; stops++) {
      const options = {
        signal: new AbortController().signal,
        until: 'end' as const,
        batchBytes: 1,
        maxRecordBytes: 1_000,
      };
      for await (const batch of reader(place, { ...options, warn: () => undefined })) {
        seen.push(...batch.records.map(({ position, generation }) => `${generation}:${position}`));
        place = batch.next;
        break;
      }
    }
    expect(seen).toEqual(whole);
  });

  it('asks for a page only when the batch before was taken', async () => {
    const source = table();
    for (const key of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) source.add(-1_000, key);
    const reader = sqlReader({ state: 'state', page: 'page' }, source.open, {
      everyMs: 1,
      overlapMs: 0,
      pageRows: 3,
    });
    const options = {
      signal: new AbortController().signal,
      until: 'end' as const,
      batchBytes: 1,
      maxRecordBytes: 1_000,
    };
    const batches = reader(undefined, { ...options, warn: () => undefined })[Symbol.asyncIterator]();
    await batches.next();
    expect(source.state.pages).toBe(1);
    await batches.next();
    expect(source.state.pages).toBe(2);
    await batches.return?.();
  });

  it('begins a new generation when the trail is created anew, also with keys used before', async () => {
    const source = table();
    source.add(-5, 'a', { text: 'old' });
    const first = await readAll(source);
    source.clear();
    source.state.identity = 'b';
    source.state.now = at(10);
    source.add(12, 'a', { text: 'new' });
    const second = await readAll(source, first.place);
    expect(second.seen).toEqual(['2:a']);
    expect(second.warnings).toEqual([expect.stringContaining('created anew')]);
    // Read from the beginning the generations are the same.
    source.add(-5, 'a', { text: 'old' });
    expect((await readAll(source, { ...second.place!, again: true })).seen).toEqual(['1:a', '2:a']);
  });

  it('reads again from the overlap on when the clock of the server goes back, aloud', async () => {
    const source = table();
    source.state.now = at(1_000);
    source.add(900, 'a');
    const first = await readAll(source);
    source.state.now = at(500);
    source.add(499, 'b');
    const second = await readAll(source, first.place);
    expect(second.seen).toContain('1:b');
    expect(second.warnings).toEqual([expect.stringContaining('clock of the server went back')]);
  });

  it('says which late rows it can miss when too many lie within the overlap', async () => {
    const source = table();
    for (let key = 0; key < 10; key++) source.add(-10 + key, `k${key}`);
    const first = await readAll(source, undefined, { mostRemembered: 4 });
    expect(first.warnings.at(-1)).toContain('rows lie within the overlap');
    expect(JSON.parse(first.place!.position).given.length).toBeLessThanOrEqual(4);
    expect((await readAll(source, first.place, { mostRemembered: 4 })).seen).toEqual([]);
  });

  it('reports a row over the limit and goes on', async () => {
    const source = table();
    source.add(-5, 'a', { text: 'x'.repeat(2_000) });
    source.add(-4, 'b');
    expect((await readAll(source)).seen).toEqual(['1:a broken', '1:b']);
  });
});
