import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, expect, it, onTestFinished } from 'vitest';
import { buildEngine, type Engine, loadRules } from '../../detections/matching.ts';
import type { Batch } from './batches.ts';
import { startCrew } from './threads.ts';

const folder = mkdtempSync(join(tmpdir(), 'vigia-threads-'));
afterAll(() => rmSync(folder, { recursive: true }));
const ruleFile = (name: string, value: string): string => {
  const file = join(folder, `${name}.yml`);
  writeFileSync(
    file,
    `title: A\nid: a\nlogsource: {product: linux}\ndetection: {sel: {A: ${value}}, condition: sel}\n`,
  );
  return file;
};
const crewOf = (path: string) => {
  const crew = startCrew(2, { paths: [path], placeholders: {}, routing: true });
  onTestFinished(() => crew.end());
  return crew;
};
/** A batch of so many lines, each a match. */
const batchOf = (lines: number): Batch => ({
  kind: 'lines',
  input: 'x',
  isFirst: lines === 1,
  bytes: new Uint8Array(Buffer.from('{"product":"linux","A":"x"}\n'.repeat(lines))),
});

async function* endless() {
  for (;;) {
    yield batchOf(1);
    await turn();
  }
}
async function ended(run: AsyncIterable<unknown>) {
  for await (const _ of run);
}

it('shares the batches with its threads and keeps their order', async () => {
  const path = ruleFile('same', 'x');
  const engine = buildEngine(loadRules([path]).rules);
  let here = 0;
  const counting: Engine = {
    ...engine,
    numbers: (...of) => {
      here++;
      return engine.numbers(...of);
    },
  };
  let lines = 0;
  async function* until(elsewhere: number) {
    for (let size = 1; lines - here < elsewhere; size++) {
      yield batchOf(size);
      lines += size;
      await turn();
    }
  }
  const sizes: number[] = [];
  for await (const { done } of crewOf(path).run(counting, until(1_000))) sizes.push(done.found.length / 2);
  expect(here).toBeLessThanOrEqual(lines - 1_000);
  expect(sizes).toEqual(sizes.map((_, index) => index + 1));
});

it('stops when a thread found other rules', async () => {
  const engine = buildEngine(loadRules([ruleFile('old', 'x')]).rules);
  const run = crewOf(ruleFile('new', 'y')).run(engine, endless());
  await expect(ended(run)).rejects.toThrow(/the rules changed/);
});

it('fails when a thread cannot load the rules', async () => {
  const engine = buildEngine(loadRules([ruleFile('there', 'x')]).rules);
  const run = crewOf(join(folder, 'nowhere')).run(engine, endless());
  await expect(ended(run)).rejects.toThrow(/cannot read rules/);
});
