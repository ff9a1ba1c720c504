/** One partition of a topic: where reading goes on, what is no record, what was deleted before it was read. */
import { describe, expect, it } from 'vitest';
import { errors } from '../../core/errors.ts';
import type { ReadBatch, ReadOptions, ReadPosition } from '../reading/reader.ts';
import type { PartitionLog, TopicRecord } from './partition-log.ts';
import { partitionReader } from './partition-reader.ts';

const NOW = Date.UTC(2026, 2, 4, 9, 0, 0);
const LIMIT = 100;

/** A partition in memory, which answers as brokers do. */
function topic() {
  const state = { id: 'first', first: 0n, trouble: 0 };
  let records: TopicRecord[] = [];
  const delivered: bigint[] = [];
  const end = () => (records.at(-1)?.offset ?? state.first - 1n) + 1n;
  const answer = <T>(value: T): Promise<T> => {
    if (state.trouble-- > 0) return Promise.reject(errors.remote('Kafka', 'read', new Error('gone')));
    return Promise.resolve(value);
  };
  const log: PartitionLog = {
    extent: () => answer({ topic: state.id, first: state.first, end: end() }),
    fetch(offset, maxBytes) {
      if (offset < state.first || offset > end()) return answer('outside');
      const found = records.filter((one) => one.offset >= offset).slice(0, maxBytes);
      return answer({ records: found, next: found.length > 0 ? found.at(-1)!.offset + 1n : end() });
    },
    delivered: (offset) => void delivered.push(offset),
    close: async () => undefined,
  };
  return {
    ...{ state, delivered, log },
    add: (value: string | null, timeMs = NOW - 1_000) =>
      void records.push({ offset: end(), value: value === null ? null : Buffer.from(value), timeMs }),
    deleteBefore(offset: bigint) {
      state.first = offset;
      records = records.filter((one) => one.offset >= offset);
    },
    makeAnew() {
      Object.assign(state, { id: 'second', first: 0n });
      records = [];
    },
  };
}

async function readAll(
  { log }: ReturnType<typeof topic>,
  from?: ReadPosition,
  more: Partial<ReadOptions> = {},
) {
  const batches: ReadBatch[] = [];
  const warnings: string[] = [];
  const signal = new AbortController().signal;
  const options = { signal, until: 'end', batchBytes: 1_000, maxRecordBytes: LIMIT } as const;
  const reader = partitionReader(
    () => log,
    () => NOW,
  );
  for await (const batch of reader(from, { ...options, warn: (one) => warnings.push(one), ...more }))
    batches.push(batch);
  const records = batches.flatMap((batch) => batch.records);
  return {
    ...{ batches, warnings, records, next: batches.at(-1)?.next },
    texts: records.map(({ raw }) => Buffer.from(raw).toString()),
    broken: records.map(({ broken }) => broken),
    places: records.map(({ generation, position }) => `${generation}/${position}`),
  };
}

describe('a partition', () => {
  it('is read from its first record on, and then from the checkpoint', async () => {
    const one = topic();
    for (const text of ['a', 'b', 'c']) one.add(text);
    one.deleteBefore(1n);
    const first = await readAll(one);
    expect([first.texts, first.places]).toEqual([
      ['b', 'c'],
      ['1/1', '1/2'],
    ]);
    expect(first.next).toEqual({ generation: 1, position: '3', identity: 'first' });
    one.add('d');
    const second = await readAll(one, first.next);
    expect([second.texts, second.places]).toEqual([['d'], ['1/3']]);
  });

  it('has a checkpoint before the first record is given', async () => {
    const one = topic();
    one.add('a');
    const { batches } = await readAll(one);
    expect(batches[0]).toMatchObject({ records: [], next: { position: '0' } });
  });

  it('tells the group only what was asked to be followed', async () => {
    const one = topic();
    for (const text of ['a', 'b', 'c']) one.add(text);
    const signal = new AbortController().signal;
    const options = {
      signal,
      until: 'end',
      batchBytes: 1,
      maxRecordBytes: LIMIT,
      warn: () => undefined,
    } as const;
    const told: bigint[][] = [];
    for await (const _ of partitionReader(
      () => one.log,
      () => NOW,
    )(undefined, options))
      told.push([...one.delivered]);
    expect(told).toEqual([[], [], [1n], [1n, 2n]]);
    expect(one.delivered).toEqual([1n, 2n, 3n]);
  });

  it('is given in parts that are no larger than a batch, where a fetch unpacks to more', async () => {
    const one = topic();
    for (const text of ['aaaa', 'bbbb', 'cccc']) one.add(text);
    const { batches } = await readAll(one, undefined, { batchBytes: 5 });
    expect(batches.map(({ records, next }) => [records.length, next.position])).toEqual([
      [0, '0'],
      [2, '2'],
      [1, '3'],
    ]);
  });

  it.each<[string, string | null, string, string | undefined]>([
    ['loses the end of a line', 'a\r\n', 'a', undefined],
    ['may have no value', null, '', 'a tombstone: the record has no value'],
    ['may be empty', '', '', undefined],
    [
      'may be over the limit',
      'x'.repeat(101),
      'x'.repeat(101),
      'record of 101 bytes is over the limit of 100',
    ],
  ])('a record %s', async (_, value, text, broken) => {
    const one = topic();
    one.add(value);
    const read = await readAll(one);
    expect([read.texts, read.broken]).toEqual([[text], [broken]]);
  });

  it.each([
    [NOW, NOW],
    [NOW + 1, undefined],
    [-1, undefined],
    [9e18, undefined],
  ])('a record of %d was received at %s', async (timeMs, receivedMs) => {
    const one = topic();
    one.add('a', timeMs);
    expect((await readAll(one)).records[0]?.receivedMs).toBe(receivedMs);
  });

  it('whose records were deleted before they were read says which', async () => {
    const one = topic();
    for (const text of ['a', 'b', 'c', 'd']) one.add(text);
    one.deleteBefore(3n);
    const read = await readAll(one, { generation: 1, position: '1', identity: 'first' });
    expect([read.texts[1], read.places]).toEqual(['d', ['1/gap:1', '1/3']]);
    expect(read.broken[0]).toMatch(/^offsets 1 to 2 were deleted/);
  });

  it.each(['0', '7'])(
    'of a topic that was made anew is a new generation, wherever reading was: %s',
    async (position) => {
      const one = topic();
      one.makeAnew();
      one.add('a');
      const read = await readAll(one, { generation: 1, position, identity: 'first' });
      expect([read.places, read.warnings.length]).toEqual([['2/0'], 1]);
      expect(read.next).toEqual({ generation: 2, position: '1', identity: 'second' });
    },
  );

  it('that ends before the place of reading is a new generation', async () => {
    const one = topic();
    one.add('a');
    const read = await readAll(
      one,
      { generation: 1, position: '5', identity: 'first' },
      { until: 'forever', signal: stopAfter(one, 1) },
    );
    expect(read.places).toEqual(['2/0']);
  });

  it('is read again when the checkpoint is lost, under the same generation', async () => {
    const one = topic();
    for (const text of ['a', 'b']) one.add(text);
    const read = await readAll(one, { generation: 1, position: '2', identity: 'first', again: true });
    expect(read.places).toEqual(['1/0', '1/1']);
  });

  it('is asked again while brokers are away, and that is said once', async () => {
    const one = topic();
    one.add('a');
    one.state.trouble = 2;
    const read = await readAll(one);
    expect([read.texts, read.warnings.length]).toEqual([['a'], 1]);
  });
});

/** Ends reading once so many records are delivered. */
function stopAfter(one: ReturnType<typeof topic>, count: number): AbortSignal {
  const stop = new AbortController();
  const { delivered } = one.log;
  one.log.delivered = (offset) => {
    delivered(offset);
    if (one.delivered.length >= count) stop.abort();
  };
  return stop.signal;
}
