import { expect, it } from 'vitest';
import { committedRecords, type TopicBatch } from './committed.ts';

const TRANSACTIONAL = 16;
const APPEND_TIME = 8;
const CONTROL = 32;

const batch = (
  firstOffset: bigint,
  texts: readonly string[],
  more: Partial<TopicBatch> = {},
): TopicBatch => ({
  firstOffset,
  lastOffsetDelta: texts.length - 1,
  attributes: 0,
  firstTimestamp: 1_000n,
  maxTimestamp: 9_000n,
  producerId: -1n,
  records: texts.map((text, offsetDelta) => ({
    ...{ offsetDelta, timestampDelta: BigInt(offsetDelta), key: null, value: Buffer.from(text) },
  })),
  ...more,
});
const inside = (producerId: bigint) => ({ producerId, attributes: TRANSACTIONAL });
/** `0` is an abort, `1` a commit. */
const mark = (offset: bigint, producerId: bigint, kind: 0 | 1) =>
  batch(offset, [''], {
    ...{ producerId, attributes: TRANSACTIONAL | CONTROL },
    records: [{ offsetDelta: 0, timestampDelta: 0n, key: Buffer.from([0, 0, 0, kind]), value: null }],
  });
const texts = (...given: Parameters<typeof committedRecords>) =>
  committedRecords(...given).map(({ offset, value }) => `${offset}${Buffer.from(value!).toString()}`);

it('gives records from an offset on, though their batch begins before it', () => {
  expect(texts([batch(4n, ['a', 'b']), batch(6n, ['c'])], [], 5n)).toEqual(['5b', '6c']);
});

it('knows when a record was made, or appended where the topic says so', () => {
  const times = (attributes: number) =>
    committedRecords([batch(0n, ['a', 'b'], { attributes })], [], 0n).map(({ timeMs }) => timeMs);
  expect([times(0), times(APPEND_TIME)]).toEqual([
    [1_000, 1_001],
    [9_000, 9_000],
  ]);
});

it('leaves out what was taken back, whoever wrote between, and goes on behind the mark', () => {
  const batches = [
    batch(0n, ['a'], inside(7n)),
    batch(1n, ['b'], inside(8n)),
    batch(2n, ['c']),
    mark(3n, 7n, 0),
    mark(4n, 8n, 1),
    batch(5n, ['d'], inside(7n)),
    mark(6n, 7n, 1),
  ];
  expect(texts(batches, [{ producerId: 7n, firstOffset: 0n }], 0n)).toEqual(['1b', '2c', '5d']);
});

it('leaves it out also where the mark is in a later fetch, or the beginning was in an earlier one', () => {
  const aborted = [{ producerId: 7n, firstOffset: 2n }];
  expect(texts([batch(2n, ['a'], inside(7n))], aborted, 2n)).toEqual([]);
  expect(
    texts([batch(5n, ['b'], inside(7n)), mark(6n, 7n, 0), batch(7n, ['c'], inside(7n))], aborted, 5n),
  ).toEqual(['7c']);
});

it('tells two transactions of one producer apart', () => {
  const batches = [
    batch(0n, ['a'], inside(7n)),
    mark(1n, 7n, 0),
    batch(2n, ['b'], inside(7n)),
    mark(3n, 7n, 1),
    batch(4n, ['c'], inside(7n)),
    mark(5n, 7n, 0),
  ];
  const aborted = [
    { producerId: 7n, firstOffset: 4n },
    { producerId: 7n, firstOffset: 0n },
  ];
  expect(texts(batches, aborted, 0n)).toEqual(['2b']);
});
