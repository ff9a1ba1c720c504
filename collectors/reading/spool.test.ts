import { appendFileSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ReadBatch, ReadPosition } from './reader.ts';
import { openSpool, type SegmentFile, type Spool, type SpoolOptions } from './spool.ts';
import { spoolReader } from './spool-reader.ts';

let folder: string;
let warnings: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vigia-spool-'));
  warnings = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

const warn = (message: string) => warnings.push(message);
const openHere = (options: Partial<SpoolOptions> = {}) => openSpool(folder, { warn, ...options });
const append = (spool: Spool, ...texts: string[]) => {
  for (const text of texts) spool.append({ bytes: Buffer.from(text), receivedMs: 5, peer: '192.0.2.1' });
};
const segments = () =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.spool'))
    .sort();
const textOf = (batch: ReadBatch) => batch.records.map(({ raw }) => Buffer.from(raw).toString());

/** Reads to the end. */
async function read(from?: ReadPosition, options: { batchBytes?: number; maxRecordBytes?: number } = {}) {
  const batches: ReadBatch[] = [];
  const reading = spoolReader(folder)(from, {
    signal: new AbortController().signal,
    until: 'end',
    batchBytes: 100_000,
    maxRecordBytes: 1_000_000,
    warn,
    ...options,
  });
  for await (const batch of reading) batches.push(batch);
  return { batches, texts: batches.flatMap(textOf), last: batches.at(-1)?.next };
}

/** A disk of `room` bytes; what does not fit is written in part, as a full disk does. */
function smallDisk(room: number) {
  const disk = { room, keepsTorn: false };
  const create = async (path: string): Promise<SegmentFile> => {
    const handle = await open(path, 'ax', 0o600);
    return {
      async appendFile(bytes) {
        const whole = bytes as Buffer;
        const part = whole.subarray(0, disk.room);
        disk.room -= part.length;
        await handle.appendFile(part);
        if (part.length < whole.length) throw new Error('ENOSPC: no space left on device, write');
      },
      datasync: () => handle.datasync(),
      truncate: (length) =>
        disk.keepsTorn ? Promise.reject(new Error('EIO: i/o error')) : handle.truncate(length),
      close: () => handle.close(),
    };
  };
  return { disk, create };
}

describe('a spool', () => {
  it('gives back what was received, with time, place and reason, in order', async () => {
    const spool = await openHere();
    spool.append({ bytes: Buffer.from('one'), receivedMs: 1_763_000_000_123, peer: '::1' });
    spool.append({ bytes: Buffer.from('tw'), receivedMs: 7, peer: '', broken: 'cut', size: 9_000 });
    expect(spool.queuedBytes).toBeGreaterThan(0);
    expect(await spool.flush()).toBe(true);
    expect(spool.queuedBytes).toBe(0);
    const { batches } = await read();
    expect(batches[0]!.records).toMatchObject([
      { position: '1:1', receivedMs: 1_763_000_000_123 },
      { position: '1:2', receivedMs: 7, broken: 'cut', size: 9_000 },
    ]);
    expect(batches.flatMap(textOf)).toEqual(['one', 'tw']);
    await spool.close();
  });

  it('goes on where the checkpoint is, and gives each record the same position again', async () => {
    const spool = await openHere();
    append(spool, 'a', 'b', 'c', 'd');
    await spool.close();
    const { batches } = await read(undefined, { batchBytes: 100 });
    expect(batches.map(textOf)).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
    const rest = await read(batches[0]!.next);
    expect(rest.texts).toEqual(['c', 'd']);
    expect(rest.batches[0]!.records[0]!.position).toBe(batches[1]!.records[0]!.position);
  });

  it('reads a record that is larger than a batch', async () => {
    const spool = await openHere();
    append(spool, 'x'.repeat(50_000), 'after');
    await spool.close();
    const { texts } = await read(undefined, { batchBytes: 10 });
    expect(texts.map((text) => text.length)).toEqual([50_000, 5]);
  });

  it('reports a record over the limit of its collector', async () => {
    const spool = await openHere();
    append(spool, 'x'.repeat(300));
    await spool.close();
    const { batches } = await read(undefined, { maxRecordBytes: 100 });
    expect(batches[0]!.records[0]).toMatchObject({
      size: 300,
      broken: 'record of 300 bytes is over the limit of 100',
    });
  });

  it('starts at the beginning of a spool that replaces a lost one', async () => {
    const spool = await openHere();
    append(spool, 'kept');
    await spool.close();
    expect((await read({ generation: 1, position: '57:900:57:12' })).texts).toEqual(['kept']);
  });

  it('refuses a damaged generation file rather than give records other ids', async () => {
    writeFileSync(join(folder, 'generation'), '');
    await expect(openHere()).rejects.toThrow(/generation holds no number/);
  });
});

describe('a spool whose process was killed', () => {
  it.each([1, 20, 50])(
    'steps over a frame torn %i bytes before its end, and says how much',
    async (missing) => {
      const killed = await openHere();
      append(killed, 'whole');
      await killed.flush();
      append(killed, 'torn frame');
      await killed.close();
      const path = join(folder, segments()[0]!);
      const before = (await read()).last!;
      const whole = Number(before.position.split(':')[1]);
      truncateSync(path, whole - missing);
      const next = await openHere();
      append(next, 'after');
      await next.close();
      expect((await read()).texts).toEqual(['whole', 'after']);
      expect(warnings.join()).toMatch(
        new RegExp(`segment 1: ${55 - missing} bytes behind byte 50 are no whole record`),
      );
    },
  );

  it('steps over zeros and noise that a power cut left, but over no whole record', async () => {
    const killed = await openHere();
    append(killed, 'whole');
    await killed.close();
    appendFileSync(join(folder, segments()[0]!), Buffer.alloc(4_096));
    const next = await openHere();
    append(next, 'second');
    await next.close();
    appendFileSync(join(folder, segments()[1]!), Buffer.from(`\u0002${'noise'.repeat(40)}`));
    const last = await openHere();
    append(last, 'third');
    await last.close();
    expect((await read()).texts).toEqual(['whole', 'second', 'third']);
    expect(warnings).toHaveLength(2);
  });

  it('waits, without a word, for the rest of a frame in the newest segment', async () => {
    const spool = await openHere();
    append(spool, 'whole', 'being written');
    await spool.close();
    const path = join(folder, segments()[0]!);
    truncateSync(path, 60);
    expect((await read()).texts).toEqual(['whole']);
    expect(warnings).toEqual([]);
  });

  it('never uses a segment number twice', async () => {
    for (const text of ['a', 'b', 'c']) {
      const spool = await openHere();
      append(spool, text);
      await spool.close();
    }
    expect(segments().map(Number.parseFloat)).toEqual([1, 2, 3]);
    const { batches } = await read();
    expect(batches.flatMap(({ records }) => records.map(({ position }) => position))).toEqual([
      '1:1',
      '2:1',
      '3:1',
    ]);
  });
});

describe('segments', () => {
  it('are deleted only after everything in them is checkpointed', async () => {
    const spool = await openHere({ segmentBytes: 1 });
    for (const text of ['a', 'b', 'c']) {
      append(spool, text);
      await spool.flush();
    }
    await spool.close();
    const left: number[][] = [];
    const reading = spoolReader(folder)(undefined, {
      signal: new AbortController().signal,
      until: 'end',
      batchBytes: 1_000,
      maxRecordBytes: 1_000,
      warn,
    });
    // While a batch is in hand it is not checkpointed yet: its segment must be there.
    for await (const _ of reading) left.push(segments().map(Number.parseFloat));
    expect(left).toEqual([[1, 2, 3], [2, 3], [3]]);
    expect(warnings).toEqual([]);
  });
});

describe('a spool on a full disk', () => {
  it.each([false, true])(
    'keeps everything queued until there is room (torn frame stays: %s)',
    async (torn) => {
      const { disk, create } = smallDisk(60);
      disk.keepsTorn = torn;
      const spool = await openHere({ create, queueBytes: 100 });
      append(spool, 'first');
      await spool.flush();
      append(spool, 'second', 'third');
      const synced = spool.flush();
      while (!spool.isFailing) await new Promise(setImmediate);
      append(spool, 'fourth');
      expect([spool.isFull, spool.queuedBytes > 100]).toEqual([true, true]);
      disk.room = 100_000;
      expect(await synced).toBe(true);
      await spool.flush();
      expect([spool.isFailing, spool.isFull, spool.queuedBytes]).toEqual([false, false, 0]);
      await spool.close();
      const { texts, batches } = await read();
      expect(texts).toEqual(['first', 'second', 'third', 'fourth']);
      expect(batches.flatMap(({ records }) => records.map(({ position }) => position))).toEqual([
        '1:1',
        '1:2',
        '1:3',
        '1:4',
      ]);
      expect(warnings.filter((one) => one.includes('ENOSPC'))).toHaveLength(1);
      expect(warnings.filter((one) => one.includes('takes records again'))).toHaveLength(1);
      expect(warnings.filter((one) => one.includes('no whole record'))).toHaveLength(torn ? 1 : 0);
    },
  );

  it('takes a record once whose write was seen and then taken back', async () => {
    let syncs = 0;
    const seen: string[][] = [];
    const create = async (path: string): Promise<SegmentFile> => {
      const handle = await open(path, 'ax', 0o600);
      return {
        appendFile: (bytes) => handle.appendFile(bytes as Buffer),
        async datasync() {
          syncs += 1;
          if (syncs > 1) return handle.datasync();
          // A reader is faster than the sync, which then fails.
          const reader = await read();
          seen.push(reader.texts);
          position = reader.last;
          throw new Error('EIO: i/o error, fdatasync');
        },
        truncate: (length) => handle.truncate(length),
        close: () => handle.close(),
      };
    };
    let position: ReadPosition | undefined;
    const spool = await openHere({ create });
    append(spool, 'seen early');
    await spool.flush();
    append(spool, 'new');
    await spool.close();
    expect(seen).toEqual([['seen early']]);
    expect((await read(position)).texts).toEqual(['new']);
  });

  it('does not fill the folder with empty segments while it tries', async () => {
    const { disk, create } = smallDisk(0);
    let tries = 0;
    const counted = (path: string) => {
      tries += 1;
      if (tries === 4) disk.room = 100_000;
      return create(path);
    };
    const spool = await openHere({ create: counted });
    append(spool, 'late');
    await spool.flush();
    await spool.close();
    expect(segments().map(Number.parseFloat)).toEqual([4]);
    expect((await read()).texts).toEqual(['late']);
  });

  it('says how much is lost when it is closed before there is room', async () => {
    const { create } = smallDisk(0);
    const spool = await openHere({ create });
    append(spool, 'lost');
    const synced = spool.flush();
    while (!spool.isFailing) await new Promise(setImmediate);
    await spool.close();
    expect(await synced).toBe(false);
    expect(warnings.at(-1)).toBe('spool: 1 records (49 bytes) could not be written and are lost');
  });
});
