import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Run } from '../core/documents.ts';
import { openEmbedded } from '../store/embedded/open.ts';
import { LEASE_MS } from './engine/lease.ts';
import type { Playbooks } from './index.ts';
import { approver, type Bench, openBench } from './testbench/bench.ts';

const HOUR_MS = 3_600_000;
const rita = { by: 'rita', roles: ['responder'] } as const;
const results = (run: Run) => run.steps.map(({ name, outcome }) => [name, outcome]);

let bench: Bench;
beforeEach(async () => {
  bench = await openBench(openEmbedded);
});
afterEach(() => bench.close());

async function ready(vigia: Playbooks, input: Record<string, unknown>): Promise<Run> {
  const run = await vigia.start('light-show', input, 'rita');
  return run.approvalsNeeded === 0 ? run : vigia.approve(run.id, { ...approver, planHash: run.planHash });
}
const show = async (vigia: Playbooks, input: Record<string, unknown>): Promise<Run> =>
  vigia.execute((await ready(vigia, input)).id);

describe('a step for each item', () => {
  it('is planned, shown and proven for each of them', async () => {
    const run = await show(bench.process(), { lamps: ['hall', 'stairs'] });
    expect(results(run)).toEqual([
      ['Lamp: hall', 'proven'],
      ['Lamp: stairs', 'proven'],
    ]);
  });

  it('is none for an empty list', async () => {
    const plan = await bench.process().plan('light-show', { left: 'hall' });
    expect([plan.steps.map(({ name }) => name), plan.left[0]]).toEqual([['Left'], 'Lamp']);
  });
});

describe('steps that go together', () => {
  const round = (input: Record<string, unknown>, vigia = bench.process()) =>
    vigia.start('evening-round', { lamps: ['hall', 'stairs'], ...input }, 'rita');

  it('are all done for one item before the next is touched', async () => {
    const vigia = bench.process();
    const run = await round({}, vigia);
    expect(run.steps.map(({ name }) => name)).toEqual([
      'Switch off: hall',
      'Look after it: hall',
      'Switch off: stairs',
      'Look after it: stairs',
    ]);
    await vigia.approve(run.id, { ...approver, planHash: run.planHash });
    bench.target.onTheWay = async () => {
      throw new Error('the fuse blew');
    };
    expect(results(await vigia.execute(run.id))).toEqual([
      ['Switch off: hall', 'not-proven'],
      ['Look after it: hall', undefined],
      ['Switch off: stairs', undefined],
      ['Look after it: stairs', undefined],
    ]);
  });

  // The bench begins on Sunday 22 November 2026 at 09:00; "servers" opens on Tuesday and Thursday at 22:00.
  it.each([
    [
      'in the first window after a time',
      { window: 'servers', notBefore: '2026-11-25T09:00:00Z' },
      '2026-11-26T22:00:00.000Z',
    ],
    ['from a time on', { notBefore: '2026-11-22T12:00:00Z' }, '2026-11-22T12:00:00Z'],
  ])('begin %s, which the caller names', async (_, input, until) => {
    const vigia = bench.process();
    const run = await round(input, vigia);
    await vigia.approve(run.id, { ...approver, planHash: run.planHash });
    expect(Date.parse(run.expires)).toBe(Date.parse(until) + 8 * HOUR_MS);
    expect((await vigia.execute(run.id)).held).toMatchObject({ step: 0, why: 'window', until });
    expect(bench.target.calls).toEqual([]);
    bench.wait(Date.parse(until) - Date.UTC(2026, 10, 22, 9));
    expect((await vigia.execute(run.id)).state).toBe('done');
  });

  it.each([
    [{ window: 'noon' }, /no window "noon"/],
    [{ notBefore: 'tomorrow' }, /"tomorrow" is no time/],
  ])('are not planned for a time that never comes: %j', async (input, message) => {
    await expect(round(input)).rejects.toThrow(message);
  });
});

describe('a condition over earlier steps', () => {
  it('is shown with the plan and decided when its turn comes', async () => {
    const vigia = bench.process();
    const plan = await vigia.plan('light-show', { lamps: ['hall'], last: 'attic' });
    expect(plan.steps.at(-1)).toMatchObject({
      name: 'Last',
      when: 'input.last:* and steps.each.outcome:(not-proven or unknown or failed)',
    });
    const run = await show(vigia, { lamps: ['hall'], last: 'attic' });
    expect(results(run)).toEqual([
      ['Lamp: hall', 'proven'],
      ['Last', 'skipped'],
    ]);
    expect([run.state, run.steps[1]?.detail]).toEqual(['done', expect.stringContaining('does not hold')]);
    expect(bench.target.calls).toEqual(['hall off']);
  });

  it('lets the step run when an earlier one was not proven', async () => {
    const vigia = bench.process();
    const run = await ready(vigia, { lamps: ['hall'], last: 'attic' });
    bench.target.onTheWay = async (lamp) => {
      if (lamp === 'hall') throw new Error('the fuse blew');
    };
    const after = await vigia.execute(run.id);
    expect(results(after)).toEqual([
      ['Lamp: hall', 'not-proven'],
      ['Last', 'proven'],
    ]);
    expect(after.state).toBe('not-proven');
  });
});

describe('branches', () => {
  it('run beside each other, and the run goes on when all have ended', async () => {
    const vigia = bench.process();
    let both = (): void => undefined;
    const met = new Promise<void>((resolve) => {
      both = resolve;
    });
    let arrived = 0;
    bench.target.onTheWay = async () => {
      arrived += 1;
      if (arrived === 2) both();
      await met; // would wait for ever if one came after the other
    };
    const run = await show(vigia, { left: 'hall', right: 'stairs' });
    expect([run.state, results(run)]).toEqual([
      'done',
      [
        ['Left', 'proven'],
        ['Right', 'proven'],
      ],
    ]);
    expect((await vigia.journal(run.id)).map(({ sequence }) => sequence)).toEqual(
      (await vigia.journal(run.id)).map((_, index) => index + 1),
    );
  });
});

describe('a step that compensates', () => {
  const input = { lamps: ['attic'], left: 'hall' };
  const blowHall = async (lamp: string) => {
    if (lamp === 'hall' && bench.target.lamps.get('hall')!.on) throw new Error('the fuse blew');
  };

  it('has everything before it taken back, last first, when it is not proven', async () => {
    const vigia = bench.process();
    const run = await ready(vigia, input);
    bench.target.onTheWay = blowHall;
    const after = await vigia.execute(run.id);
    expect([after.state, results(after)]).toEqual([
      'undone',
      [
        ['Lamp: attic', 'undone'],
        ['Left', 'undone'],
      ],
    ]);
    expect(bench.target.calls).toEqual(['attic off', 'attic on']);
    expect(after.history.at(-1)?.reason).toMatch(/taken back because of step "Left": .*the fuse blew/);
  });

  it('goes on taking back after a crash in between', async () => {
    const run = await ready(bench.process(), input);
    bench.target.onTheWay = blowHall;
    let tell = (): void => undefined;
    const stopped = new Promise<void>((resolve) => {
      tell = resolve;
    });
    const dying = bench.process({
      async onCut(point) {
        if (point !== 'after journal undo-started') return;
        tell();
        await new Promise(() => undefined);
      },
    });
    void dying.execute(run.id);
    await stopped;
    const heir = bench.process();
    await expect(heir.execute(run.id)).rejects.toMatchObject({ code: 'conflict' });
    bench.wait(LEASE_MS);
    expect((await heir.unfinished()).map(({ state }) => state)).toEqual(['compensating']);
    expect(await heir.execute(run.id)).toMatchObject({ state: 'undone' });
    expect(bench.target.lamps.get('attic')!.on).toBe(true);
  });
});

describe('a time limit', () => {
  it('ends the waiting, sends nothing more, and has the target asked', async () => {
    let over = (): void => undefined;
    const wait = () =>
      new Promise<void>((resolve) => {
        over = resolve;
      });
    const vigia = bench.process({ wait });
    const run = await ready(vigia, { right: 'stairs' });
    bench.target.onTheWay = async () => {
      over();
      await new Promise(() => undefined); // the answer never comes
    };
    const after = await vigia.execute(run.id);
    expect([after.state, after.steps[0]?.detail]).toEqual([
      'not-proven',
      'no answer within the time limit of 5 s; asked again: it is on',
    ]);
  });
});

describe('a window', () => {
  // The bench begins on Sunday 22 November 2026 at 09:00; "servers" opens on Tuesday at 22:00.
  it('holds the run until it opens, and the approval lasts as long', async () => {
    const vigia = bench.process();
    const run = await ready(vigia, { lamps: ['hall'], night: 'cellar' });
    expect(run.expires).toBe('2026-11-25T06:00:00.000Z');
    const held = await vigia.execute(run.id);
    expect(held).toMatchObject({
      state: 'running',
      held: { step: 1, why: 'window', until: '2026-11-24T22:00:00.000Z' },
    });
    expect(bench.target.calls).toEqual(['hall off']);
    expect(await vigia.unfinished()).toEqual([]);
    bench.wait(61 * HOUR_MS);
    expect((await vigia.unfinished()).map(({ id }) => id)).toEqual([run.id]);
    const after = await vigia.execute(run.id);
    expect([after.state, after.held]).toEqual(['done', undefined]);
    expect(bench.target.calls).toEqual(['hall off', 'cellar off']);
  });

  it('is missed: the run expires, and says so', async () => {
    const vigia = bench.process();
    const run = await ready(vigia, { night: 'cellar' });
    await vigia.execute(run.id);
    bench.wait(70 * HOUR_MS);
    expect((await vigia.unfinished()).map(({ id }) => id)).toEqual([run.id]);
    expect(await vigia.execute(run.id)).toMatchObject({ state: 'expired' });
    expect(bench.target.calls).toEqual([]);
  });
});

describe('a step that a person does', () => {
  const photo = { name: 'photo.png', content: Buffer.from('a dark room') };

  it('waits for the answer, however often the run is executed', async () => {
    const vigia = bench.process();
    const run = await show(vigia, { byHand: 'hall' });
    expect(run).toMatchObject({ state: 'running', held: { step: 0, why: 'question' } });
    expect(await vigia.unfinished()).toEqual([]);
    expect((await vigia.execute(run.id)).held?.why).toBe('question');
    expect((await vigia.journal(run.id)).filter(({ entry }) => entry === 'asked')).toHaveLength(1);
  });

  it('is proven by an answer with evidence, which is kept', async () => {
    const vigia = bench.process();
    const run = await show(vigia, { byHand: 'hall' });
    const answer = { done: true, text: 'pulled the plug', evidence: photo };
    const after = await vigia.answer(run.id, 0, rita, answer);
    expect([after.state, after.held, results(after)]).toEqual(['done', undefined, [['By hand', 'proven']]]);
    const { found } = await bench.store.documents.find('evidence', {});
    expect(found.map(({ body }) => [body.name, body.by, Buffer.from(body.content, 'base64')])).toEqual([
      ['photo.png', 'rita', photo.content],
    ]);
  });

  it('is never proven by a word alone, and fails when it was not done', async () => {
    const vigia = bench.process();
    for (const [done, outcome] of [
      [true, 'not-proven'],
      [false, 'failed'],
    ] as const) {
      const run = await show(vigia, { byHand: 'hall' });
      const after = await vigia.answer(run.id, 0, rita, { done, text: 'the door is locked' });
      expect(results(after)).toEqual([['By hand', outcome]]);
    }
  });

  it('counts the answer that reached the journal, though the process died before the run showed it', async () => {
    const run = await show(bench.process(), { byHand: 'hall' });
    const dying = bench.process({
      onCut(point) {
        if (point === 'after journal answered') throw new Error('killed');
      },
    });
    const answer = { done: true, text: 'pulled the plug', evidence: photo };
    await expect(dying.answer(run.id, 0, rita, answer)).rejects.toThrow('killed');
    const heir = bench.process();
    // Sent again by a client that had no answer: the first one stands.
    const after = await heir.answer(run.id, 0, rita, { done: false, text: 'again' });
    expect([after.state, results(after)]).toEqual(['done', [['By hand', 'proven']]]);
    expect((await heir.journal(run.id)).filter(({ entry }) => entry === 'answered')).toHaveLength(1);
  });

  it('is asked anew by whoever resumes the run', async () => {
    const vigia = bench.process();
    const run = await show(vigia, { byHand: 'hall' });
    await vigia.answer(run.id, 0, rita, { done: false, text: 'the door is locked' });
    expect(await vigia.resume(run.id, 'rita')).toMatchObject({ held: { why: 'question' } });
    const after = await vigia.answer(run.id, 0, rita, { done: true, text: 'got the key', evidence: photo });
    expect(results(after)).toEqual([['By hand', 'proven']]);
    const entries = (await vigia.journal(run.id)).map(({ entry }) => entry);
    expect(entries.filter((entry) => ['asked', 'answered', 'resumed'].includes(entry))).toEqual([
      'asked',
      'answered',
      'resumed',
      'asked',
      'answered',
    ]);
  });

  it('refuses an answer from who may not give it, twice, without words, or with too much evidence', async () => {
    const vigia = bench.process();
    const run = await show(vigia, { byHand: 'hall' });
    const answer = (by: typeof rita | { by: string; roles: readonly ['viewer'] }, text = 'done', size = 0) =>
      vigia.answer(run.id, 0, by, {
        done: true,
        text,
        evidence: { name: 'x', content: new Uint8Array(size) },
      });
    await expect(answer({ by: 'vera', roles: ['viewer'] })).rejects.toThrow(/may not answer/);
    await expect(answer(rita, ' ')).rejects.toThrow(/answer is needed/);
    await expect(answer(rita, 'done', 1_048_577)).rejects.toThrow(/at most 1048576/);
    await answer(rita);
    await expect(answer(rita)).rejects.toThrow(/asks nobody now/);
  });
});
