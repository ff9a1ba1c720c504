/** Rotations at moments that only a reader stopped between two batches meets; everything else is in `run.test.ts`. */
import {
  appendFileSync,
  copyFileSync,
  mkdtempSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { fileReader } from './file.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vigia-file-'));
  file = join(folder, 'app.log');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Reads batch by batch: between two calls the reader stands still, right after it gave a batch. */
function reading() {
  const stop = new AbortController();
  const batches = fileReader(file, { kind: 'lines' })(undefined, {
    signal: stop.signal,
    until: 'forever',
    batchBytes: 1_000,
    maxRecordBytes: 1_000,
    warn: () => undefined,
  })[Symbol.asyncIterator]();
  const lines: string[] = [];
  return {
    lines,
    async until(wanted: string) {
      while (!lines.includes(wanted)) {
        const { value } = await batches.next();
        for (const { raw } of value!.records) lines.push(Buffer.from(raw).toString());
      }
    },
    async end() {
      stop.abort();
      await batches.return?.(undefined);
    },
  };
}

it('goes on in the copy, and begins no second reading of it, when the folder is looked at before the cut is met', async () => {
  writeFileSync(file, 'one\n');
  const reader = reading();
  await reader.until('one');
  // A rotation is looked for twice: the second look meets the next one.
  renameSync(file, `${file}.2`);
  writeFileSync(file, 'two\n');
  await reader.until('two');
  appendFileSync(file, 'three\n');
  copyFileSync(file, `${file}.1`);
  truncateSync(file, 0);
  appendFileSync(file, 'four\n');
  await reader.until('four');
  appendFileSync(file, 'five\n');
  await reader.until('five');
  await reader.end();
  expect(reader.lines).toEqual(['one', 'two', 'three', 'four', 'five']);
});

it('begins no reading of a copy that is still to be cut off', async () => {
  writeFileSync(file, 'one\n');
  const reader = reading();
  await reader.until('one');
  renameSync(file, `${file}.2`);
  writeFileSync(file, 'two\n');
  await reader.until('two');
  copyFileSync(file, `${file}.1`);
  appendFileSync(file, 'three\n');
  await reader.until('three');
  copyFileSync(file, `${file}.1`);
  truncateSync(file, 0);
  appendFileSync(file, 'four\n');
  await reader.until('four');
  appendFileSync(file, 'five\n');
  await reader.until('five');
  await reader.end();
  expect(reader.lines).toEqual(['one', 'two', 'three', 'four', 'five']);
});
