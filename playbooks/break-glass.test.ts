import { afterEach, beforeEach, expect, it } from 'vitest';
import { openEmbedded } from '../store/embedded/open.ts';
import type { Playbooks } from './index.ts';
import { approved, approver, type Bench, openBench } from './testbench/bench.ts';

const HOUR_MS = 3_600_000;
const both = { first: 'hall', second: 'stairs' };
const paper = { name: 'review.pdf', content: Buffer.from('signed') };

let bench: Bench;
beforeEach(async () => {
  bench = await openBench(openEmbedded);
});
afterEach(() => bench.close());

const kinds = async (vigia: Playbooks) => (await vigia.attend()).map(({ kind }) => kind);
/** Asked for and executed by olga alone. */
async function broken(vigia: Playbooks) {
  const run = await vigia.start('switch-off', both, 'olga');
  const person = { ...approver, planHash: run.planHash, reason: 'nobody else answers the telephone' };
  await vigia.breakGlass(run.id, person);
  return await vigia.execute(run.id);
}
const reviewOf = async (vigia: Playbooks) => {
  const { found } = await bench.store.documents.find('run', { sort: ['-number'], size: 1 });
  return await vigia.execute(found[0]!.id);
};

it('lets a run go on without approval, and the journal says so before anything else does', async () => {
  const vigia = bench.process();
  const run = await broken(vigia);
  expect([run.state, run.approvals, bench.target.calls]).toEqual(['done', [], ['hall off', 'stairs off']]);
  const journal = await vigia.journal(run.id);
  expect(journal.slice(0, 3).map(({ entry, by }) => [entry, by])).toEqual([
    ['requested', 'olga'],
    ['break-glass', 'olga'],
    ['step-started', 'vigia'],
  ]);
  expect(journal[1]!.data).toEqual({
    planHash: run.planHash,
    reason: 'nobody else answers the telephone',
    lacks: 1,
  });
});

it.each([
  ['without the role', { roles: ['responder'] as const }, /lacks the role approver/],
  ['without a reason', { reason: ' ' }, /a reason is needed/],
  ['for a plan that was not seen', { planHash: 'another' }, /another plan/],
])('is refused %s', async (_, change, message) => {
  const vigia = bench.process();
  const run = await vigia.start('switch-off', both, 'olga');
  const person = { ...approver, planHash: run.planHash, reason: 'fire', ...change };
  await expect(vigia.breakGlass(run.id, person)).rejects.toThrow(message);
  await expect(vigia.execute(run.id)).rejects.toThrow(/0 of 1 approvals/);
});

it('is refused where nothing is lacking, and bypasses neither plan nor bound', async () => {
  const vigia = bench.process();
  const run = await approved(vigia);
  const person = { ...approver, planHash: run.planHash, reason: 'fire' };
  await expect(vigia.breakGlass(run.id, person)).rejects.toThrow(/lacks no approval/);
  const other = await vigia.start('switch-off', both, 'olga');
  await vigia.breakGlass(other.id, { ...person, planHash: other.planHash });
  bench.target.lamps.get('hall')!.people = 4;
  expect([(await vigia.execute(other.id)).state, bench.target.calls]).toEqual(['void', []]);
});

it('is a critical concern of its own until somebody else has reviewed it in writing', async () => {
  const vigia = bench.process();
  const run = await broken(vigia);
  const [concern] = await vigia.attend();
  expect(concern).toMatchObject({ kind: 'break-glass', level: 'critical', user: 'olga' });
  expect(concern?.detail).toMatch(/nobody else answers the telephone; a written review is due by/);
  const review = await reviewOf(vigia);
  expect(review).toMatchObject({
    requestedBy: 'vigia',
    held: { why: 'question' },
    input: { run: run.number },
  });

  const answer = { done: true, text: 'it was necessary', evidence: paper };
  await expect(vigia.answer(review.id, 0, approver, answer)).rejects.toThrow(/about what olga did/);
  // A word without paper is no review: somebody is asked again.
  const rui = { by: 'rui', roles: ['responder'] as const };
  await vigia.answer(review.id, 0, rui, { done: true, text: 'fine' });
  expect(await kinds(vigia)).toEqual(['break-glass']);
  const again = await reviewOf(vigia);
  expect(again.id).not.toBe(review.id);
  await vigia.answer(again.id, 0, rui, answer);
  await vigia.attend();
  expect(await kinds(vigia)).toEqual([]);
  expect((await vigia.run(run.id)).breakGlass?.review).toMatchObject({ by: 'rui', run: again.number });
  expect((await vigia.journal(run.id)).at(-1)).toMatchObject({ entry: 'reviewed', by: 'rui' });
});

it('asks for one review, however often and by however many processes it is looked at', async () => {
  await broken(bench.process());
  await Promise.all([bench.process().attend(), bench.process().attend(), bench.process().attend()]);
  expect((await bench.store.documents.find('run', {})).found).toHaveLength(2);
});

it('is a second concern when the review is overdue', async () => {
  const vigia = bench.process();
  await broken(vigia);
  bench.wait(24 * HOUR_MS);
  expect(await kinds(vigia)).toEqual(['break-glass', 'unreviewed']);
});
