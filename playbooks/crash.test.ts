import { afterEach, beforeEach, expect, it } from 'vitest';
import { openEmbedded } from '../store/embedded/open.ts';
import { LEASE_MS } from './engine/lease.ts';
import { approved, approver, type Bench, openBench } from './testbench/bench.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench(openEmbedded);
});
afterEach(() => bench.close());

/** A process that stops for ever at one point, as a killed one does, and tells when it got there. */
function stopAt(at: number) {
  const points: string[] = [];
  let tell = (): void => undefined;
  const stopped = new Promise<void>((resolve) => {
    tell = resolve;
  });
  let goOn = (): void => undefined;
  const onCut = async (point: string): Promise<void> => {
    points.push(point);
    if (points.length !== at) return;
    tell();
    await new Promise<void>((resolve) => {
      goOn = resolve;
    });
  };
  return { points, stopped, onCut, goOn: () => goOn() };
}

it('calls each lamp at most once, whichever write the process dies before or after', async () => {
  const whole = stopAt(0);
  const first = await approved(bench.process());
  await bench.process({ onCut: whole.onCut }).execute(first.id);
  expect(whole.points.length).toBeGreaterThan(20);
  for (let at = 1; at <= whole.points.length; at += 1) {
    for (const lamp of bench.target.lamps.values()) lamp.on = true;
    bench.target.calls.length = 0;
    const run = await approved(bench.process());
    const dying = stopAt(at);
    void bench.process({ onCut: dying.onCut }).execute(run.id);
    await dying.stopped;
    const heir = bench.process();
    await expect(heir.execute(run.id), `${at}`).rejects.toMatchObject({
      hint: expect.stringContaining('another process works on it'),
    });
    bench.wait(LEASE_MS);
    let after = await heir.execute(run.id);
    // Started but never sent: not repeated, so a person has to look; here somebody does by hand.
    if (after.state === 'not-proven') {
      bench.target.lamps.get(bench.target.calls.length === 0 ? 'hall' : 'stairs')!.on = false;
      after = await heir.resume(run.id, 'rita');
    }
    const point = `${at} ${dying.points.at(-1)}`;
    expect(after.state, point).toBe('done');
    expect(new Set(bench.target.calls).size, point).toBe(bench.target.calls.length);
    const journal = await heir.journal(run.id);
    for (const step of [0, 1]) {
      const entries = journal.filter((entry) => entry.step === step).map(({ entry }) => entry);
      expect(entries.filter((entry) => entry === 'step-started').length, point).toBe(1);
      expect(entries.filter((entry) => entry === 'receipt').length, point).toBe(1);
    }
    expect(
      journal.map(({ sequence }) => sequence),
      point,
    ).toEqual(journal.map((_, index) => index + 1));
  }
});

it('verifies what was started before it voids a run whose next target is another one by now', async () => {
  const run = await approved(bench.process());
  const whole = stopAt(0);
  await bench.process({ onCut: whole.onCut }).execute((await approved(bench.process())).id);
  const dying = stopAt(whole.points.indexOf('after lamp off') + 1);
  void bench.process({ onCut: dying.onCut }).execute(run.id);
  await dying.stopped;
  bench.target.lamps.get('stairs')!.id = 'other';
  const heir = bench.process();
  await expect(heir.execute(run.id)).rejects.toThrow();
  bench.wait(LEASE_MS);
  const after = await heir.execute(run.id);
  expect([after.state, after.steps.map(({ outcome }) => outcome)]).toEqual(['void', ['proven', undefined]]);
});

/** Executes a run up to the last point before the first call goes out, and sleeps there. */
async function sleepBeforeTheCall(id: string) {
  const other = await approved(bench.process());
  const whole = stopAt(0);
  await bench.process({ onCut: whole.onCut }).execute(other.id);
  bench.target.calls.length = 0;
  for (const lamp of bench.target.lamps.values()) lamp.on = true;
  const sleeper = stopAt(whole.points.indexOf('before lamp off') + 1);
  const asleep = bench.process({ onCut: sleeper.onCut }).execute(id);
  await sleeper.stopped;
  return { asleep, wake: sleeper.goOn };
}

it('does not let a process act that slept through its lease while another went on', async () => {
  const run = await approved(bench.process());
  const { asleep, wake } = await sleepBeforeTheCall(run.id);
  const heir = bench.process();
  await expect(heir.execute(run.id)).rejects.toThrow();
  bench.wait(LEASE_MS);
  expect(await heir.execute(run.id)).toMatchObject({ state: 'not-proven' });
  wake();
  await expect(asleep).rejects.toThrow(/no longer holds run/);
  expect(bench.target.calls).toEqual([]);
});

it('writes nothing to a run that another process took over, wherever it slept', async () => {
  const whole = stopAt(0);
  await bench.process({ onCut: whole.onCut }).execute((await approved(bench.process())).id);
  for (let at = 1; at < whole.points.length; at += 1) {
    for (const lamp of bench.target.lamps.values()) lamp.on = true;
    bench.target.calls.length = 0;
    const run = await approved(bench.process());
    const sleeper = stopAt(at);
    const asleep = bench.process({ onCut: sleeper.onCut }).execute(run.id);
    await sleeper.stopped;
    const heir = bench.process();
    await expect(heir.execute(run.id)).rejects.toThrow();
    bench.wait(LEASE_MS);
    await heir.execute(run.id);
    const ended = await heir.undo(run.id, { ...approver, reason: 'false alarm' });
    const kept = [await heir.journal(run.id), [...bench.target.calls]];
    sleeper.goOn();
    await asleep.catch((cause: Error) => expect(cause.message).toMatch(/no longer holds run/));
    const point = `${at} ${sleeper.points.at(-1)}`;
    expect([await heir.journal(run.id), bench.target.calls], point).toEqual(kept);
    expect(await heir.run(run.id), point).toEqual(ended);
  }
});

it('does not let a process act after its deadline even when nobody else took over yet', async () => {
  const run = await approved(bench.process());
  const { asleep, wake } = await sleepBeforeTheCall(run.id);
  bench.wait(LEASE_MS);
  wake();
  await expect(asleep).rejects.toThrow(/no longer holds run/);
  expect(bench.target.calls).toEqual([]);
});

it('goes on through a slow run by renewing its lease', async () => {
  const run = await approved(bench.process());
  const slow = bench.process({ onCut: () => bench.wait(LEASE_MS / 6) });
  expect(await slow.execute(run.id)).toMatchObject({ state: 'done' });
});

it('lets only one of two processes execute a run', async () => {
  const run = await approved(bench.process());
  const results = await Promise.allSettled([
    bench.process().execute(run.id),
    bench.process().execute(run.id),
  ]);
  expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(bench.target.calls).toEqual(['hall off', 'stairs off']);
});
