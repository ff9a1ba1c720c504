/** Event logs that grow, are cleared, filled up and read while they are written: each record is given once, and loss is said. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { chunk, dataTemplate, file, text } from '../evtx/synthetic.ts';
import { windowsEvtx } from '../windows-evtx.ts';
import type { ReadBatch, ReadPosition } from './reader.ts';
import { wholeFileReader } from './whole.ts';

let folder: string;
let path: string;
let warnings: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vigia-whole-'));
  path = join(folder, 'log.evtx');
  warnings = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A chunk of the records `from` to `to`; each says its number and `era`. */
const part = (from: number, to: number, era = 'a') =>
  chunk(
    dataTemplate(1),
    Array.from({ length: to - from + 1 }, (_, n) => [text(`${era}${from + n}`)]),
    from,
  );
const write = (...chunks: Buffer[]) => writeFileSync(path, file(chunks));

/** What a process that goes on from there reads before `enough` says stop. */
async function read(
  from?: ReadPosition,
  until: 'end' | 'forever' = 'end',
  enough = (_: ReadBatch[]) => false,
) {
  const stop = new AbortController();
  const batches: ReadBatch[] = [];
  const reading = wholeFileReader(path, windowsEvtx.framing, { pollMs: 1 })(from, {
    ...{ signal: stop.signal, until, batchBytes: 1_000_000, maxRecordBytes: 1_000_000 },
    warn: (message) => warnings.push(message),
  });
  for await (const batch of reading) {
    batches.push(batch);
    if (enough(batches)) stop.abort();
  }
  return { ...summary(batches), next: batches.at(-1)?.next };
}
const summary = (batches: ReadBatch[]) => {
  const records = batches.flatMap((batch) => batch.records);
  return {
    given: records.map(({ position, generation }) => `${generation}/${position}`),
    broken: records.flatMap(({ broken }) => broken ?? []),
  };
};
const numbers = (generation: number, from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, n) => `${generation}/${from + n}`);

it('gives what is new when the last chunk fills and another begins', async () => {
  write(part(1, 40), part(41, 50));
  const first = await read();
  write(part(1, 40), part(41, 80), part(81, 90));
  const second = await read(first.next);
  expect([first.given, second.given]).toEqual([numbers(1, 1, 50), numbers(1, 51, 90)]);
  expect((await read(second.next)).given).toEqual([]);
});

it('does not read the chunks that end before its place', async () => {
  write(part(1, 40), part(41, 80), part(81, 90));
  const { next } = await read();
  const chunks = [part(1, 40), part(41, 80), part(81, 95)];
  // Would be damage, were it read.
  chunks[0]!.fill(0xff, 600, 700);
  write(...chunks);
  expect(await read(next)).toMatchObject({ given: numbers(1, 91, 95), broken: [] });
});

it('finds the rest of a chunk whose header lags behind its records', async () => {
  const lagging = (to: number) => {
    const bytes = part(41, to);
    part(41, 80).copy(bytes, 0, 0, 512);
    return bytes;
  };
  const positions = ({ given }: { given: string[] }) => given.filter((one) => !one.includes('.'));
  write(part(1, 40), lagging(82));
  const first = await read();
  write(part(1, 40), lagging(85), part(86, 90));
  const second = await read(first.next);
  expect([positions(first), positions(second)]).toEqual([numbers(1, 1, 82), numbers(1, 83, 90)]);
});

it.each([
  ['starts again below its place', part(1, 20, 'b'), numbers(2, 1, 20)],
  ['was cleared and has grown beyond its place', part(1, 90, 'b'), numbers(2, 1, 90)],
])('begins a new generation when the log %s', async (_, chunks, given) => {
  write(part(1, 50));
  const { next } = await read();
  write(chunks);
  expect((await read(next)).given).toEqual(given);
});

it('gives the records of a full log once, though it goes on at its beginning', async () => {
  write(part(1, 40), part(41, 80));
  const { next } = await read();
  write(part(121, 130), part(41, 80), part(81, 120));
  const { given } = await read(next);
  expect(given.sort()).toEqual(numbers(1, 81, 130).sort());
  expect(warnings).toEqual([]);
});

it('says how many records were overwritten before it read them', async () => {
  write(part(1, 40));
  const { next } = await read();
  write(part(101, 140));
  expect((await read(next)).given).toEqual(numbers(1, 101, 140));
  expect(warnings).toEqual([`${path}: 60 records behind record 40 were overwritten before they were read`]);
});

it('waits for a record that is being written, and then gives it whole', async () => {
  write(part(1, 40));
  const { next } = await read();
  const torn = part(1, 60);
  torn.fill(0xff, torn.readUInt32LE(44) + 30);
  write(torn);
  let looks = 0;
  const found = await read(next, 'forever', (batches) => {
    // It looks several times; at the second look its writer has done its work.
    if ((looks += 1) === 2) write(part(1, 60));
    return summary(batches).given.includes('1/60');
  });
  expect(found).toMatchObject({ given: numbers(1, 41, 60), broken: [] });
});

it('gives damage that stays as such, once', async () => {
  const damaged = part(1, 40);
  damaged.fill(0xff, 600, 700);
  write(damaged, part(41, 50));
  const found = await read(undefined, 'forever', (batches) => summary(batches).given.includes('1/50'));
  expect(found.broken.length).toBeGreaterThan(0);
  expect(new Set(found.given).size).toBe(found.given.length);
  write(damaged, part(41, 60));
  expect(await read(found.next)).toMatchObject({ given: numbers(1, 51, 60), broken: [] });
});
