import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openEmbedded } from '../store/embedded/open.ts';
import { LEASE_MS } from './engine/lease.ts';
import { approved, approver, type Bench, openBench, policiesFolder } from './testbench/bench.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const both = { first: 'hall', second: 'stairs' };

let bench: Bench;
const folders: string[] = [];
beforeEach(async () => {
  bench = await openBench(openEmbedded);
});
afterEach(async () => {
  await bench.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** Executes until right before the first call, and never comes back. */
async function stuck(): Promise<string> {
  const run = await approved(bench.process());
  await new Promise<void>((reached) => {
    const vigia = bench.process({
      async onCut(point) {
        if (point !== 'before lamp off') return;
        reached();
        await new Promise<void>(() => undefined);
      },
    });
    void vigia.execute(run.id);
  });
  return run.id;
}

it('is stuck when nothing happens to a run for longer than the policy allows, and told once', async () => {
  const id = await stuck();
  const vigia = bench.process();
  bench.wait(14 * MINUTE_MS);
  expect(await vigia.attend()).toEqual([]);
  bench.wait(MINUTE_MS);
  const [concern] = await vigia.attend();
  expect(concern).toMatchObject({ kind: 'stuck', level: 'high' });
  expect(concern?.detail).toMatch(/running, and nothing happened since .*step-started, step 1.*resume it/);
  expect((await vigia.attend())[0]?.key).toBe(concern?.key);
  // Who resumes it ends the trouble.
  bench.target.lamps.get('hall')!.on = false;
  await vigia.resume(id, 'rita').catch(() => bench.wait(LEASE_MS));
  await vigia.resume(id, 'rita');
  expect(await vigia.attend()).toEqual([]);
});

it('is stuck when it is approved and nobody executes it', async () => {
  const vigia = bench.process();
  await approved(vigia);
  bench.wait(15 * MINUTE_MS);
  expect((await vigia.attend()).map(({ kind, detail }) => [kind, /is approved/.test(detail)])).toEqual([
    ['stuck', true],
  ]);
});

it('waits for an answer, which is told after hours, and not called stuck', async () => {
  const vigia = bench.process();
  const run = await vigia.start('light-show', { byHand: 'hall' }, 'rita');
  await vigia.execute(run.id);
  bench.wait(HOUR_MS);
  expect(await vigia.attend()).toEqual([]);
  bench.wait(3 * HOUR_MS);
  expect((await vigia.attend()).map(({ kind, detail }) => [kind, detail])).toEqual([
    ['unanswered', expect.stringMatching(/step 1 was asked at .*nobody answered/)],
  ]);
});

it('is escalated when nobody approved in the first hours, and expires when nobody did in the last', async () => {
  const vigia = bench.process();
  const run = await vigia.start('switch-off', both, 'rita');
  bench.wait(2 * HOUR_MS - 1);
  expect(await vigia.attend()).toEqual([]);
  bench.wait(1);
  const [concern] = await vigia.attend();
  expect(concern).toMatchObject({ kind: 'unapproved', level: 'high', key: run.id });
  expect(concern?.detail).toMatch(
    /0 of 1 approvals; it expires at .*Tell head of information security, head of/,
  );
  await vigia.attend();
  const entries = (await vigia.journal(run.id)).map(({ entry }) => entry);
  expect(entries).toEqual(['requested', 'escalated']);
  bench.wait(6 * HOUR_MS);
  expect((await vigia.execute(run.id)).state).toBe('expired');
  expect(await vigia.attend()).toEqual([]);
});

it('lets those approve to whom it was escalated, and nobody who was not named before', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vigia-copy-'));
  folders.push(folder);
  cpSync(policiesFolder, folder, { recursive: true });
  const text = readFileSync(join(folder, 'approvals.yml'), 'utf8');
  const named = text
    .replace('risk: destructive\n', 'risk: destructive\n    of: [olga]\n')
    .replace(/tell: \[[^\]]*\]/, 'tell: [vera]');
  writeFileSync(join(folder, 'approvals.yml'), named);
  const vigia = bench.process({ policiesFolder: folder });
  const run = await vigia.start('switch-off', both, 'rita');
  const vera = { by: 'vera', roles: ['approver'] as const, planHash: run.planHash };
  await expect(vigia.approve(run.id, vera)).rejects.toThrow(/not among those/);
  bench.wait(2 * HOUR_MS);
  await vigia.attend();
  await vigia.approve(run.id, vera);
  expect((await vigia.execute(run.id)).state).toBe('done');
});

it('is stopped: nothing more is sent by any process, and all goes on after the release', async () => {
  const vigia = bench.process();
  const run = await approved(vigia);
  let isFirst = true;
  // Pulled while the first lamp is on its way to be switched off, by another process.
  const slow = bench.process({
    async onCut(point) {
      if (point !== 'after lamp off' || !isFirst) return;
      isFirst = false;
      await bench.process().stopAll({ by: 'rui', reason: 'it hits the wrong floor' });
    },
  });
  const held = await slow.execute(run.id);
  expect([held.state, held.held?.why, bench.target.calls]).toEqual(['running', 'stopped', ['hall off']]);
  expect(held.held?.detail).toMatch(/stopped by rui since .*: it hits the wrong floor/);
  expect(await vigia.unfinished()).toEqual([]);
  bench.wait(HOUR_MS);
  expect((await vigia.attend()).map(({ kind }) => kind)).toEqual(['stopped']);

  await bench.process().release({ by: 'olga', reason: 'the right one after all' });
  expect((await vigia.unfinished()).map(({ id }) => id)).toEqual([run.id]);
  expect((await vigia.execute(run.id)).state).toBe('done');
  expect(bench.target.calls).toEqual(['hall off', 'stairs off']);
});

it('is stopped before the call that was next, and asks the target what is so', async () => {
  const run = await approved(bench.process());
  const vigia = bench.process({
    async onCut(point) {
      if (point === 'before lamp off') await bench.process().stopAll({ by: 'rui', reason: 'wrong floor' });
    },
  });
  const after = await vigia.execute(run.id);
  expect(after.steps[0]).toMatchObject({
    outcome: 'not-proven',
    detail: expect.stringMatching(/stopped by rui.*it is on/),
  });
  expect(bench.target.calls).toEqual([]);
  // People may still take back what was done.
  expect((await vigia.undo(run.id, { ...approver, reason: 'wrong floor' })).state).toBe('undone');
});
