/** Files that are finished when they appear, plain and compressed: each record once, whatever dies, and bounded. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../../core/store.ts';
import { openEmbedded } from '../../store/embedded/open.ts';
import { collector } from '../collector.ts';
import { run } from '../run.ts';
import { doneInMemory, doneOnDisk } from './done-files.ts';
import { onceReader } from './once.ts';
import type { ReadBatch, ReadPosition } from './reader.ts';
import { CutShort, type UnpackOptions, unpackedBatches } from './unpacked.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vigia-once-'));
  mkdirSync(join(folder, 'bucket'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const lines = (name: string, count = 50) => Array.from({ length: count }, (_, n) => `${name} line ${n}`);
const textOf = (name: string, count?: number) =>
  Buffer.from(
    lines(name, count)
      .map((one) => `${one}\n`)
      .join(''),
  );
const put = (name: string, bytes: Uint8Array) => writeFileSync(join(folder, 'bucket', name), bytes);
const list = async () =>
  readdirSync(join(folder, 'bucket'))
    .sort()
    .map((name) => ({ name, path: join(folder, 'bucket', name) }));
const onDisk = (isAgain: boolean) =>
  doneOnDisk(
    join(folder, 'done'),
    async (name) => readdirSync(join(folder, 'bucket')).includes(name),
    isAgain,
  );
const reader = () => onceReader(list, { kind: 'lines' }, onDisk);
const never = new AbortController().signal;

async function read(from?: ReadPosition): Promise<ReadBatch[]> {
  const batches: ReadBatch[] = [];
  const options = {
    until: 'end',
    batchBytes: 400,
    maxRecordBytes: 10_000,
    signal: never,
    warn: () => undefined,
  } as const;
  for await (const batch of reader()(from, options)) batches.push(batch);
  return batches;
}
const textsOf = (batches: readonly ReadBatch[]) =>
  batches.flatMap(({ records }) => records.map(({ raw, broken }) => broken ?? Buffer.from(raw).toString()));

describe('files that are finished', () => {
  it('are read whatever they are packed with, in parts, and once', async () => {
    put('a.log.gz', gzipSync(textOf('a')));
    put('b.log.zst', zstdCompressSync(textOf('b')));
    put('c.log', textOf('c'));
    put('d.gz', Buffer.concat([gzipSync(textOf('d', 1)), gzipSync('second member\n')]));
    put('e.zst', Buffer.concat([zstdCompressSync(textOf('e', 1)), zstdCompressSync('second frame\n')]));
    const batches = await read();
    expect(textsOf(batches)).toEqual([
      ...[...lines('a'), ...lines('b'), ...lines('c')],
      ...['d line 0', 'second member', 'e line 0', 'second frame'],
    ]);
    expect(batches[1]!.records[1]!.position).toBe('a.log.gz:9');
    expect(textsOf(await read(batches.at(-1)!.next))).toEqual([]);
    put('f.log', textOf('f', 1));
    expect(textsOf(await read(batches.at(-1)!.next))).toEqual(['f line 0']);
  });

  it('have equal positions when they are read again or copied there again, and others when they are replaced', async () => {
    put('a.gz', gzipSync(textOf('a', 3)));
    const positions = async (from?: ReadPosition) =>
      (await read(from)).flatMap(({ records }) => records.map(({ position }) => position));
    const first = await read();
    utimesSync(join(folder, 'bucket', 'a.gz'), 5, 5);
    expect(await positions(first.at(-1)!.next)).toEqual(
      first.flatMap(({ records }) => records.map(({ position }) => position)),
    );
    expect(await positions({ ...first.at(-1)!.next, again: true })).toHaveLength(3);
  });

  it('keep what came before the damage, and say where it begins', async () => {
    const bytes = gzipSync(
      Buffer.concat([
        textOf('a'),
        Buffer.from(Array.from({ length: 5_000 }, (_, n) => `${n * 7919}`).join()),
      ]),
    );
    bytes.fill(0xff, bytes.length - 3_000, bytes.length - 2_000);
    put('a.gz', bytes);
    put('b.log', textOf('b', 1));
    const texts = textsOf(await read());
    expect(texts.slice(0, 1)).toEqual(['a line 0']);
    expect(texts.filter((text) => /^damaged behind \d+ unpacked bytes: /.test(text))).toHaveLength(1);
    expect(texts.at(-1)).toBe('b line 0');
  });

  it('that stop in the middle are given up at the end of an import', async () => {
    put('a.gz', gzipSync(textOf('a')).subarray(0, -10));
    expect(textsOf(await read()).at(-1)).toMatch(/^ends in the middle of its compressed data/);
  });
});

describe('bounds', () => {
  const unpack = async (path: string, more: Partial<UnpackOptions> = {}) => {
    const options = {
      batchBytes: 1_000_000,
      maxRecordBytes: 1_000,
      signal: never,
      size: 1,
      offset: 0,
      ...more,
    };
    let records = 0;
    const broken: string[] = [];
    for await (const batch of unpackedBatches(path, { kind: 'lines' }, options)) {
      records += batch.records.length;
      broken.push(...batch.records.flatMap((record) => record.broken ?? []));
    }
    return { records, broken };
  };

  it('a file that unpacks to far more than logs do is given up with a dead letter', async () => {
    put('bomb.gz', gzipSync(Buffer.alloc(5_000_000, 'x\n')));
    const { records, broken } = await unpack(join(folder, 'bucket', 'bomb.gz'), { boundBytes: 1_000_000 });
    expect(broken).toEqual(['unpacks to more than 1000000 bytes: the rest was not read']);
    expect(records).toBeLessThan(600_002);
  });

  it('a line without end is reported with its size, and never held', async () => {
    // Far more than is let lie before somebody collects the garbage.
    put('line.gz', gzipSync(Buffer.alloc(100_000_000, 'x'), { level: 1 }));
    const before = process.memoryUsage().arrayBuffers;
    const { broken } = await unpack(join(folder, 'bucket', 'line.gz'));
    expect(broken).toEqual(['record of 100000000 bytes is over the limit of 1000']);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(60_000_000);
  });

  it('a file that is cut short says so to whoever can wait', async () => {
    put('a.zst', zstdCompressSync(textOf('a')).subarray(0, -20));
    await expect(unpack(join(folder, 'bucket', 'a.zst'))).rejects.toThrow(CutShort);
  });
});

describe('from files into the store', () => {
  const plain = collector({
    ...{
      id: 'plain',
      title: 'Plain',
      summary: 'for tests',
      guarantee: 'none doubled',
      datasets: ['plain.log'],
    },
    framing: { kind: 'lines' },
    normalise: (raw) => ({
      event: { message: Buffer.from(raw).toString(), event: { dataset: 'plain.log', kind: 'event' } },
    }),
  });
  let store: Store;
  beforeEach(async () => {
    store = await openEmbedded({ file: join(folder, 'vigia.db') });
  });
  afterEach(() => store.close());

  it('each record is stored and counted once when the process dies between any two writes', async () => {
    put('a.gz', gzipSync(textOf('a')));
    put('b.zst', zstdCompressSync(textOf('b')));
    put('c.log', textOf('c'));
    const process = (dieAt: number) => {
      let writes = 0;
      return run(
        { id: 'bucket', collector: plain, reader: reader() },
        {
          ...{ store, now: () => 1_763_000_000_000, retentionDays: 30, batchBytes: 300 },
          evaluate: async () => ({ matches: [], alerts: [] }),
          onWrite: async () => {
            writes += 1;
            if (writes === dieAt) throw new Error('killed');
          },
        },
        { signal: never, until: 'end' },
      ).then(
        () => true,
        (cause: Error) => {
          if (cause.message !== 'killed') throw cause;
          return false;
        },
      );
    };
    // Further each time, so that every kind of write is met.
    for (let dieAt = 1; !(await process(dieAt % 23)); dieAt++);
    const { events } = await store.events.read({ size: 1_000 });
    expect(events.map(({ message }) => message).sort()).toEqual(
      [...lines('a'), ...lines('b'), ...lines('c')].sort(),
    );
    expect(await store.batches.ledger()).toMatchObject([
      { read: 150, stored: 150, duplicate: 0, deadLettered: 0 },
    ]);
  });

  it('what one process finished is not read again by the next', async () => {
    const done = await doneInMemory();
    await done.add('a', '1:1');
    expect([done.has('a', '1:1'), done.has('a', '1:2'), done.has('b', '1:1')]).toEqual([true, false, false]);
    put('a', textOf('a', 1));
    await (await onDisk(false)).add('a', '1:1');
    await (await onDisk(false)).add('gone', '1:1');
    const next = await onDisk(false);
    expect([next.has('a', '1:1'), next.has('gone', '1:1')]).toEqual([true, false]);
    writeFileSync(join(folder, 'done'), '["a","1:1"]\n["b","1');
    expect((await onDisk(false)).has('a', '1:1')).toBe(true);
    expect((await onDisk(true)).has('a', '1:1')).toBe(false);
  });
});
