import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Plan, Run } from '../core/documents.ts';
import { inventoryOf } from '../core/inventory.ts';
import { openEmbedded } from '../store/embedded/open.ts';
import type { Action } from './action.ts';
import { personConfirm } from './actions/person-confirm.ts';
import { approved, approver, type Bench, flowsFolder, openBench, policiesFolder } from './testbench/bench.ts';

const HOUR_MS = 3_600_000;
const both = { first: 'hall', second: 'stairs' };
const outcomes = (run: Run) => run.steps.map(({ outcome }) => outcome);

let bench: Bench;
const folders: string[] = [];
beforeEach(async () => {
  bench = await openBench(openEmbedded);
});
afterEach(async () => {
  await bench.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A copy of a folder in which one file has other text. */
function changedCopy(from: string, name: string, change: (text: string) => string): string {
  const folder = mkdtempSync(join(tmpdir(), 'vigia-copy-'));
  folders.push(folder);
  cpSync(from, folder, { recursive: true });
  writeFileSync(join(folder, name), change(readFileSync(join(folder, name), 'utf8')));
  return folder;
}

describe('a plan', () => {
  it('changes nothing and leaves out steps whose condition does not hold', async () => {
    const plan = await bench.process().plan('switch-off', { first: 'hall' });
    expect(plan.steps.map(({ name }) => name)).toEqual(['First lamp']);
    expect(plan.left).toEqual(['Second lamp']);
    expect(bench.target.calls).toEqual([]);
  });

  it('has the same hash when only observations differ, and another when a target differs', async () => {
    const vigia = bench.process();
    const first = await vigia.plan('switch-off', both);
    bench.target.lamps.get('hall')!.people = 2;
    expect((await vigia.plan('switch-off', both)).planHash).toBe(first.planHash);
    bench.target.lamps.get('hall')!.id = 'another lamp under the same name';
    expect((await vigia.plan('switch-off', both)).planHash).not.toBe(first.planHash);
  });

  it('shows what suffers by the inventory, binds it as an upper bound, and is voided when more would', async () => {
    const items = (users: number) =>
      inventoryOf([
        { name: 'hall', kind: 'host', also: [], needs: [], users: 0, tags: [] },
        { name: 'reception', kind: 'service', also: [], needs: ['hall'], users, tags: [] },
      ]);
    const vigia = (users: number) => bench.process({ inventory: () => items(users) });
    const run = await approved(vigia(40));
    expect(run.steps.map(({ radius }) => radius)).toEqual([
      { users: 40, services: 1, hosts: 1, dependants: 1, foremost: ['reception'] },
      undefined,
    ]);
    const after = await vigia(41).execute(run.id);
    expect(after.history.at(-1)?.reason).toMatch(/41 users would suffer by the inventory, 40 were foreseen/);
    expect([after.state, bench.target.calls]).toEqual(['void', []]);
    const less = await approved(vigia(40));
    expect((await vigia(39).execute(less.id)).state).toBe('done');
  });

  it('names every mistake of the input', async () => {
    const planned = bench.process().plan('switch-off', { frist: 'hall' });
    await expect(planned).rejects.toThrow(
      /lacks the key "first"[\s\S]*unknown key "frist"; did you mean "first"/,
    );
  });

  it('is not started when it is no longer the one that was looked at', async () => {
    const vigia = bench.process();
    const { planHash } = await vigia.plan('switch-off', both);
    bench.target.lamps.get('hall')!.id = 'other';
    await expect(vigia.start('switch-off', both, 'rita', { seen: planHash })).rejects.toThrow(
      /no longer the one/,
    );
  });
});

describe('an approval', () => {
  it('never comes from the person who asked, whatever the letter case', async () => {
    const vigia = bench.process();
    const run = await vigia.start('switch-off', both, 'rita');
    const own = vigia.approve(run.id, { by: 'Rita', roles: ['approver'], planHash: run.planHash });
    await expect(own).rejects.toMatchObject({
      exitCode: 4,
      message: expect.stringContaining('cannot approve'),
    });
    await expect(vigia.execute(run.id)).rejects.toThrow(/has 0 of 1 approvals/);
    expect(bench.target.calls).toEqual([]);
  });

  it('needs the role that the policy names', async () => {
    const vigia = bench.process();
    const run = await vigia.start('switch-off', both, 'rita');
    const without = vigia.approve(run.id, { by: 'olga', roles: ['responder'], planHash: run.planHash });
    await expect(without).rejects.toThrow(/lacks the role approver/);
  });

  it('is bound to the plan that the approver saw', async () => {
    const vigia = bench.process();
    const run = await vigia.start('switch-off', both, 'rita');
    await expect(vigia.approve(run.id, { ...approver, planHash: 'another' })).rejects.toThrow(/another plan/);
  });

  it('counts two of the three named people, and each once', async () => {
    const two = changedCopy(policiesFolder, 'approvals.yml', (text) =>
      text.replace(
        /risk: destructive\n {4}needed: 1/,
        'risk: destructive\n    of: [olga, nuno, vera]\n    needed: 2',
      ),
    );
    const vigia = bench.process({ policiesFolder: two });
    const run = await vigia.start('switch-off', both, 'rita');
    const approve = (by: string) =>
      vigia.approve(run.id, { by, roles: ['approver'], planHash: run.planHash });
    await approve('olga');
    await approve('olga');
    await expect(vigia.execute(run.id)).rejects.toThrow(/has 1 of 2 approvals/);
    await expect(approve('paul')).rejects.toMatchObject({ hint: 'ask one of: olga, nuno, vera' });
    await approve('vera');
    expect((await vigia.execute(run.id)).state).toBe('done');
  });

  it('keeps both when a second person approves while the first approval is being written', async () => {
    const run = await bench.process().start('switch-off', both, 'rita');
    const approve = (by: string) => ({ by, roles: ['approver' as const], planHash: run.planHash });
    let isFirst = true;
    const vigia = bench.process({
      async onCut(point) {
        if (point !== 'before run approved' || !isFirst) return;
        isFirst = false;
        await bench.process().approve(run.id, approve('nuno'));
      },
    });
    await vigia.approve(run.id, approve('olga'));
    expect((await vigia.run(run.id)).approvals.map(({ by }) => by)).toEqual(['nuno', 'olga']);
    expect((await vigia.journal(run.id)).map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
  });

  it('does not count when the run was refused while it was being written', async () => {
    const run = await bench.process().start('switch-off', both, 'rita');
    const vigia = bench.process({
      async onCut(point) {
        if (point === 'before run approved')
          await bench.process().refuse(run.id, { by: 'nuno', roles: ['approver'], reason: 'payday' });
      },
    });
    await expect(vigia.approve(run.id, { ...approver, planHash: run.planHash })).rejects.toThrow(
      /is refused; only a waiting run/,
    );
    expect(await vigia.run(run.id)).toMatchObject({ state: 'refused', approvals: [] });
  });

  it('ends with the hours that the policy gives', async () => {
    const vigia = bench.process();
    const run = await approved(vigia);
    bench.wait(8 * HOUR_MS);
    expect((await vigia.execute(run.id)).state).toBe('expired');
    expect(bench.target.calls).toEqual([]);
  });

  it('makes the run one that waits to be executed, and so does waiting too long', async () => {
    const vigia = bench.process();
    const unapproved = await vigia.start('switch-off', { first: 'hall' }, 'rita');
    const run = await approved(vigia);
    expect((await vigia.unfinished()).map(({ id }) => id)).toEqual([run.id]);
    await vigia.execute(run.id);
    expect(await vigia.unfinished()).toEqual([]);
    bench.wait(8 * HOUR_MS);
    expect((await vigia.unfinished()).map(({ id }) => id)).toEqual([unapproved.id]);
    expect((await vigia.execute(unapproved.id)).state).toBe('expired');
    expect(await vigia.unfinished()).toEqual([]);
  });

  it('can be refused, and then nothing runs', async () => {
    const vigia = bench.process();
    const run = await approved(vigia);
    const refused = await vigia.refuse(run.id, { ...approver, reason: 'payday' });
    expect(refused).toMatchObject({ state: 'refused', refusal: { by: 'olga', reason: 'payday' } });
    await expect(vigia.execute(run.id)).rejects.toThrow(/is refused and cannot be executed/);
  });
});

describe('before it acts, the engine plans again and', () => {
  it('voids the run when a target is another one, and says which', async () => {
    const vigia = bench.process();
    const run = await approved(vigia);
    bench.target.lamps.get('stairs')!.id = 'other';
    const after = await vigia.execute(run.id);
    expect(after.state).toBe('void');
    expect(after.history.at(-1)?.reason).toMatch(
      /"Second lamp": "stairs" is no longer a target; .*would be a new target/,
    );
    expect(bench.target.calls).toEqual(['hall off']);
  });

  it('voids the run when a bound is exceeded', async () => {
    const vigia = bench.process();
    const run = await approved(vigia);
    bench.target.lamps.get('hall')!.people = 4;
    const after = await vigia.execute(run.id);
    expect(after.history.at(-1)?.reason).toMatch(/4 people, at most 3 were foreseen/);
    expect([after.state, bench.target.calls]).toEqual(['void', []]);
  });

  it('keeps to the version of the flow that was approved, though the file has another by now', async () => {
    const run = await approved(bench.process());
    const changed = changedCopy(flowsFolder, 'switch-off.yml', (text) =>
      text.replace('First lamp', 'The first lamp'),
    );
    const after = await bench.process({ flowsFolder: changed }).execute(run.id);
    expect([after.state, after.flow.hash]).toEqual(['done', run.flow.hash]);
    expect((await bench.process({ flowsFolder: changed }).plan('switch-off', both)).flow.hash).not.toBe(
      run.flow.hash,
    );
  });

  it('voids the run when a target became protected, and names the line', async () => {
    const run = await approved(bench.process());
    const guarded = changedCopy(policiesFolder, 'protected.yml', (text) =>
      text.replace(
        'protected:\n',
        'protected:\n  - { id: hall, why: it is dark, match: { names: ["HA*"] } }\n',
      ),
    );
    const after = await bench.process({ policiesFolder: guarded }).execute(run.id);
    expect(after.history.at(-1)?.reason).toMatch(
      /"hall" on lamps is protected by .*protected\.yml:\d+ \(hall\): it is dark/,
    );
    expect([after.state, bench.target.calls]).toEqual(['void', []]);
  });

  /** The action by another release, or after a change of its code. */
  const changedAction = (change: Partial<Action>) =>
    bench.process({
      actions: [{ ...bench.target.action, ...change }, bench.target.asking, personConfirm],
    });
  const plannedWith = (change: Partial<Plan>): Partial<Action> => ({
    async plan(input, ctx) {
      const planned = await bench.target.action.plan(input, ctx);
      return { ...planned, plan: { ...planned.plan, ...change } };
    },
  });
  it.each<[string, () => Partial<Action>, RegExp]>([
    ['the risk', () => ({ risk: 'reversible' }), /risk was "destructive", is "reversible"/],
    [
      'a bound',
      () => plannedWith({ bounds: { people: 30 } }),
      /bounds was \{"people":3\}, is \{"people":30\}/,
    ],
    [
      'a parameter',
      () => ({
        input: {
          ...(bench.target.action.input as object),
          properties: { lamp: { type: 'string' }, hard: { type: 'boolean', default: true } },
        },
      }),
      /input was \{"lamp":"hall"\}, is \{"hard":true,"lamp":"hall"\}/,
    ],
    [
      'the targets',
      () =>
        plannedWith({
          targets: [
            { system: 'lamps', identity: 'lamp-0', name: 'hall' },
            { system: 'lamps', identity: 'lamp-3', name: 'cellar' },
          ],
        }),
      /"cellar" would be a new target/,
    ],
  ])('voids the run when %s would be another', async (_, change, reason) => {
    const run = await approved(bench.process());
    const after = await changedAction(change()).execute(run.id);
    expect(after.history.at(-1)?.reason).toMatch(reason);
    expect([after.state, bench.target.calls]).toEqual(['void', []]);
  });

  it('voids the run when the decision on a protected asset is another', async () => {
    const guarded = (approvals: number) =>
      changedCopy(policiesFolder, 'protected.yml', (text) =>
        text.replace(
          'protected:\n',
          `protected:\n  - { id: hall, why: it is dark, approvals: ${approvals}, match: { names: ["HA*"] } }\n`,
        ),
      );
    const run = await approved(bench.process({ policiesFolder: guarded(1) }));
    const after = await bench.process({ policiesFolder: guarded(2) }).execute(run.id);
    expect(after.history.at(-1)?.reason).toMatch(
      /protection was \["hall: 1 approvals"\], is \["hall: 2 approvals"\]/,
    );
    expect([after.state, bench.target.calls]).toEqual(['void', []]);
  });

  it.each<[string, (run: Run) => void]>([
    ['the flow', (run) => void (run.flow.hash = 'x')],
    ['the incident', (run) => void (run.incident = 'x')],
    ['the input of the run', (run) => void (run.input['first'] = 'cellar')],
    ['the input of a step', (run) => void (run.steps[1]!.input['lamp'] = 'hall')],
    ['an action', (run) => void (run.steps[1]!.action = 'lamp.ask')],
    ['a risk', (run) => void (run.steps[0]!.risk = 'read')],
    ['a target', (run) => void (run.steps[0]!.plan.targets[0]!.identity = 'lamp-3')],
    ['a bound', (run) => void (run.steps[0]!.plan.bounds['people'] = 300)],
    ['a decision on protection', (run) => void (run.steps[0]!.protection = ['hall: 0 approvals'])],
    ['what a failure leads to', (run) => void (run.steps[0]!.onFailure = 'continue')],
    ['a condition', (run) => void (run.steps[0]!.when = 'input.first:*')],
    ['the number of steps', (run) => void run.steps.pop()],
  ])('voids the run when the stored plan was tampered with: %s', async (_, tamper) => {
    const vigia = bench.process();
    const run = await approved(vigia);
    const stored = (await bench.store.documents.get('run', run.id))!;
    tamper(stored.body);
    await bench.store.documents.update('run', run.id, stored.body, stored.version);
    expect((await vigia.execute(run.id)).state).toBe('void');
    expect(bench.target.calls).toEqual([]);
  });
});

describe('a step', () => {
  it('is proven by asking again when the answer to the call was lost', async () => {
    const vigia = bench.process();
    const run = await approved(vigia);
    bench.target.fault = 'after';
    const after = await vigia.execute(run.id);
    expect(outcomes(after)).toEqual(['proven', 'proven']);
    expect(after.steps[0]?.detail).toMatch(/connection reset; asked again: it is off/);
    expect(bench.target.calls).toEqual(['hall off', 'stairs off']);
  });

  it('is not repeated when it is not proven; the run stops, and says so', async () => {
    const vigia = bench.process();
    const run = await approved(vigia);
    bench.target.fault = 'before';
    const after = await vigia.execute(run.id);
    expect([after.state, outcomes(after)]).toEqual(['not-proven', ['not-proven', undefined]]);
    delete bench.target.fault;
    const resumed = await vigia.resume(run.id, 'rita');
    expect([resumed.state, outcomes(resumed)]).toEqual(['not-proven', ['not-proven', undefined]]);
    expect(bench.target.calls).toEqual([]);
  });

  it('is unknown, never done, when the target cannot be asked; resuming asks again and acts no second time', async () => {
    const vigia = bench.process();
    const run = await approved(vigia);
    bench.target.fault = 'blind';
    const after = await vigia.execute(run.id);
    expect([after.state, outcomes(after)]).toEqual(['not-proven', ['unknown', undefined]]);
    expect(after.steps[0]?.detail).toMatch(/could not be asked.*no route; resume the run to ask again/);
    delete bench.target.fault;
    expect(await vigia.resume(run.id, 'rita')).toMatchObject({ state: 'done' });
    expect(bench.target.calls).toEqual(['hall off', 'stairs off']);
  });

  it('that was looked after by hand is proven by resuming', async () => {
    const vigia = bench.process();
    const run = await approved(vigia);
    bench.target.fault = 'before';
    await vigia.execute(run.id);
    delete bench.target.fault;
    bench.target.lamps.get('hall')!.on = false;
    expect(await vigia.resume(run.id, 'rita')).toMatchObject({ state: 'done' });
    expect(bench.target.calls).toEqual(['stairs off']);
  });

  it('can be skipped with a reason, and the rest goes on', async () => {
    const vigia = bench.process();
    const run = await approved(vigia);
    bench.target.fault = 'before';
    await vigia.execute(run.id);
    delete bench.target.fault;
    await expect(vigia.skip(run.id, 0, { by: 'rita', reason: ' ' })).rejects.toThrow(/reason/);
    await vigia.skip(run.id, 0, { by: 'rita', reason: 'taken out of the wall' });
    const after = await vigia.resume(run.id, 'rita');
    expect([after.state, outcomes(after)]).toEqual(['done', ['skipped', 'proven']]);
    expect(after.steps[0]?.detail).toMatch(/skipped by rita: taken out of the wall \(was not-proven/);
  });

  it('whose target cannot be reached has changed nothing and may be resumed', async () => {
    const vigia = bench.process();
    const run = await approved(vigia);
    bench.target.fault = 'unreachable';
    const after = await vigia.execute(run.id);
    expect([after.state, after.steps[0]?.detail]).toEqual([
      'failed',
      expect.stringMatching(/^not started, nothing was changed/),
    ]);
    delete bench.target.fault;
    expect(await vigia.resume(run.id, 'rita')).toMatchObject({ state: 'done' });
  });

  it('does not start when the run was abandoned', async () => {
    const vigia = bench.process();
    const run = await approved(vigia);
    await vigia.abandon(run.id, { by: 'rita', reason: 'false alarm' });
    await expect(vigia.execute(run.id)).rejects.toThrow(/is abandoned/);
  });
});

describe('undo', () => {
  it('takes the steps back, last first, and only for the role that may', async () => {
    const vigia = bench.process();
    const run = await approved(vigia);
    await vigia.execute(run.id);
    await expect(vigia.undo(run.id, { by: 'rita', roles: ['responder'], reason: 'x' })).rejects.toThrow(
      /lacks the role/,
    );
    const after = await vigia.undo(run.id, { ...approver, reason: 'false alarm' });
    expect([after.state, outcomes(after)]).toEqual(['undone', ['undone', 'undone']]);
    expect(bench.target.calls.slice(2)).toEqual(['stairs on', 'hall on']);
  });

  it('restores what was there before, not the opposite of the step', async () => {
    const vigia = bench.process();
    bench.target.lamps.get('hall')!.on = false;
    const run = await approved(vigia);
    await vigia.execute(run.id);
    await vigia.undo(run.id, { ...approver, reason: 'false alarm' });
    expect(bench.target.lamps.get('hall')!.on).toBe(false);
  });

  it('says what it could not restore and can be repeated', async () => {
    const vigia = bench.process();
    const run = await approved(vigia);
    await vigia.execute(run.id);
    bench.target.fault = 'before';
    const failed = await vigia.undo(run.id, { ...approver, reason: 'false alarm' });
    expect([failed.state, failed.steps[0]?.detail]).toEqual([
      'not-proven',
      expect.stringMatching(/connection refused/),
    ]);
    delete bench.target.fault;
    expect(await vigia.undo(run.id, { ...approver, reason: 'false alarm' })).toMatchObject({
      state: 'undone',
    });
  });
});
