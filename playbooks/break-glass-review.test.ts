import { afterAll, beforeAll, expect, it } from 'vitest';
import { openEmbedded } from '../store/embedded/open.ts';
import { type Containment, containment, type Person } from '../tests/proofs/containment.ts';
import { need } from '../tests/testbed/need.ts';
import { approver } from './testbench/bench.ts';
import { type FlowBench, openFlowBench, outcomesOf } from './testbench/flow-bench.ts';

const samba = await need('samba');
const postgres = await need('postgres');
const HOURS = 3_600_000;
const rui = { by: 'rui', roles: ['responder'] } as const;
const paper = { name: 'review.pdf', content: Buffer.from('signed') };

samba.describe('break-glass-review of a run on a real directory', () => {
  let bed: Containment;
  let bench: FlowBench;
  beforeAll(async () => {
    bed = await containment(samba.component, postgres.component, 'glass');
    bench = await openFlowBench(openEmbedded, bed.targets);
  });
  afterAll(async () => {
    await bench?.close();
    await bed?.close();
  });

  /** An account that rita asked to contain and olga contained without anybody's approval. */
  const broken = async (name: string) => {
    const person = await bed.person(name);
    const run = await bench.vigia.start('contain-account', { account: name }, 'rita');
    const reason = 'nobody else answers the telephone';
    await bench.vigia.breakGlass(run.id, { ...approver, planHash: run.planHash, reason });
    return { person, run: await bench.vigia.execute(run.id) };
  };
  const reviewOf = async () => {
    await bench.vigia.attend();
    const { found } = await bench.store.documents.find('run', { sort: ['-number'], size: 1 });
    return await bench.vigia.execute(found[0]!.id);
  };
  const concerns = async () => (await bench.vigia.attend()).map(({ kind }) => kind);
  const isEnabled = (person: Person) =>
    bed.logon(person).then(
      (client) => client.unbind().then(() => true),
      () => false,
    );

  it('asks a third person both questions, and closes the run when both are answered in writing', async () => {
    const { person, run } = await broken('glass-ada');
    expect(await isEnabled(person)).toBe(false);
    const review = await reviewOf();
    expect(review).toMatchObject({ flow: { id: 'break-glass-review' }, held: { why: 'question' } });
    expect(review.input).toMatchObject({ run: run.number, by: 'olga', requester: 'rita' });

    // A refusal: neither who broke the glass nor who asked for the run reviews it.
    const answer = { done: true, text: 'it was necessary', evidence: paper };
    for (const by of ['olga', 'rita'])
      await expect(bench.vigia.answer(review.id, 0, { ...rui, by }, answer)).rejects.toMatchObject({
        exitCode: 4,
      });
    await bench.vigia.answer(review.id, 1, rui, { ...answer, text: 'a third approver is on the rota' });
    expect(await concerns()).toContain('break-glass');
    expect((await bench.vigia.answer(review.id, 0, rui, answer)).state).toBe('done');
    await bench.vigia.attend();
    expect((await bench.vigia.run(run.id)).breakGlass?.review).toMatchObject({ run: review.number });
    expect(await concerns()).toEqual([]);

    // Undoing the review changes nothing and says so; undoing what it reviewed does.
    const undone = await bench.undo(await bench.vigia.run(review.id));
    expect(undone.steps.map(({ detail }) => detail)).toEqual(
      Array(2).fill(expect.stringContaining('not undone: nothing was changed')),
    );
    expect(await isEnabled(person)).toBe(false);
    await bench.undo(run);
    expect(await isEnabled(person)).toBe(true);
  });

  it('asks again when a question could not be answered, and is overdue after its hours', async () => {
    await broken('glass-bo');
    const review = await reviewOf();
    await bench.vigia.answer(review.id, 0, rui, { done: false, text: 'the journal is not to be understood' });
    const failed = await bench.vigia.answer(review.id, 1, rui, { done: true, text: 'see', evidence: paper });
    expect([failed.state, outcomesOf(failed)]).toEqual([
      'failed',
      ['Review what was done: failed', 'Change what made it necessary: proven'],
    ]);
    expect((await reviewOf()).id).not.toBe(review.id);
    expect(await concerns()).toEqual(['break-glass']);
    bench.wait(25 * HOURS);
    expect(await concerns()).toEqual(['unanswered', 'unanswered', 'break-glass', 'unreviewed']);
  });
});
