import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Run } from '../core/documents.ts';
import { openEmbedded } from '../store/embedded/open.ts';
import { type Containment, containment, type Person } from '../tests/proofs/containment.ts';
import { need } from '../tests/testbed/need.ts';
import { type FlowBench, openFlowBench } from './testbench/flow-bench.ts';

const samba = await need('samba');
const postgres = await need('postgres');
const FLOW = 'ransomware-first-hour';
const HOURS = 3_600_000;
const hosts = ['srv-app-07', 'ws-114'];
const rui = { by: 'rui', roles: ['responder'] } as const;
const screen = { name: 'screen.png', content: Buffer.from('shown') };

samba.describe('ransomware-first-hour on a real directory', () => {
  let bed: Containment;
  let bench: FlowBench;
  beforeAll(async () => {
    bed = await containment(samba.component, postgres.component, 'ransom');
    bench = await openFlowBench(openEmbedded, bed.targets);
  });
  afterAll(async () => {
    await bench?.close();
    await bed?.close();
  });

  const outcomes = (run: Run) => Object.fromEntries(run.steps.map(({ name, outcome }) => [name, outcome]));
  const stepOf = (run: Run, name: string) => run.steps.find((step) => step.name === name)!.index;
  const isEnabled = (person: Person) =>
    bed.logon(person).then(
      (client) => client.unbind().then(() => true),
      () => false,
    );
  const answered = async (run: Run, answers: Readonly<Record<string, boolean>>): Promise<Run> => {
    let after = run;
    for (const [name, done] of Object.entries(answers))
      after = await bench.vigia.answer(run.id, stepOf(run, name), rui, {
        done,
        text: 'see',
        evidence: screen,
      });
    return after;
  };

  it('disables the accounts at once while people are asked, is done when all brought evidence, and undo gives back', async () => {
    const people = [await bed.person('ransom-ada'), await bed.person('ransom-bo')];
    const other = await bed.person('ransom-other');
    const run = await bench.run(FLOW, { hosts, accounts: people.map(({ name }) => name) });

    expect(await Promise.all([...people, other].map(isEnabled))).toEqual([false, false, true]);
    expect(outcomes(run)).toMatchObject({
      'Disable the account: ransom-ada': 'proven',
      'Disable the account: ransom-bo': 'proven',
      'Confirm the immutable copies': undefined,
      'Isolate the host: srv-app-07': undefined,
    });
    expect(run).toMatchObject({ state: 'running', held: { why: 'question' } });
    const asked = (await bench.vigia.journal(run.id)).filter(({ entry }) => entry === 'asked');
    expect(asked).toHaveLength(4);

    const done = await answered(run, {
      'Confirm the immutable copies': true,
      'Isolate the host: ws-114': true,
      'Block deletion of backups': true,
      'Isolate the host: srv-app-07': true,
    });
    expect([done.state, outcomes(done)['Save what can be saved of backups that are not immutable']]).toEqual([
      'done',
      'skipped',
    ]);

    const undone = await bench.undo(done);
    expect(await Promise.all(people.map(isEnabled))).toEqual([true, true]);
    expect(outcomes(undone)['Disable the account: ransom-ada']).toBe('undone');
    expect(undone.steps.find(({ name }) => name === 'Isolate the host: srv-app-07')?.detail).toMatch(
      /not undone: a person did it/,
    );
  });

  it('asks for the media when the immutable copies could not be confirmed', async () => {
    const run = await bench.run(FLOW, { hosts, accounts: [] });
    const after = await answered(run, {
      'Confirm the immutable copies': false,
      'Isolate the host: srv-app-07': true,
      'Block deletion of backups': true,
      'Isolate the host: ws-114': true,
    });
    expect(after.held?.detail).toMatch(/take the media/);
    expect(outcomes(after)['Confirm the immutable copies']).toBe('failed');
  });

  it('changes nothing for a protected account, nor when the approval is too old', async () => {
    await expect(bench.vigia.plan(FLOW, { hosts, accounts: ['krbtgt'] })).rejects.toMatchObject({
      exitCode: 4,
      message: expect.stringContaining('(krbtgt)'),
    });
    const cy = await bed.person('ransom-cy');
    const run = await bench.approved(FLOW, { hosts, accounts: [cy.name] });
    bench.wait(9 * HOURS);
    expect((await bench.vigia.execute(run.id)).state).toBe('expired');
    expect((await bench.vigia.journal(run.id)).map(({ entry }) => entry)).not.toContain('asked');
    expect(await isEnabled(cy)).toBe(true);
  });
});
