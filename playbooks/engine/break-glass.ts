/** Break-glass: a run goes on without the approvals it lacks. The journal says so first, and the run stays open until a written review. */
import { createHash } from 'node:crypto';
import { equals } from '../../core/conditions/tree.ts';
import type { Run } from '../../core/documents.ts';
import { errors } from '../../core/errors.ts';
import { findAll } from '../../core/find-all.ts';
import { approvalsOf, expectRole, expireIfLate, isApproved, type Person, startRun } from './approve.ts';
import type { Engine } from './engine.ts';
import { append, readJournal } from './journal.ts';
import { planFlow } from './planner.ts';
import { expectReason } from './reasons.ts';
import { changeRun, readRun } from './runs.ts';

const HOUR_MS = 3_600_000;
export const REVIEW = 'break-glass-review';

/** The person may be the one who asked: that nobody else can be reached is what it is for. */
export async function breakGlass(
  engine: Engine,
  id: string,
  person: Person & { planHash: string; reason: string },
): Promise<Run> {
  const { by, planHash, reason } = person;
  expectReason(reason);
  const policy = engine.policies().breakGlass;
  const check = (run: Run): void => {
    if (run.state !== 'waiting' || isApproved(run))
      throw errors.refused(
        `run ${run.number} is ${run.state} and lacks no approval`,
        'nothing is to be broken',
      );
    expectRole(run, person, policy.role);
    if (planHash !== run.planHash)
      throw errors.refused(
        `run ${run.number} has another plan than the one you saw`,
        'look at the plan again',
      );
  };
  const run = await changeRun(engine, id, 'expired', (found) => expireIfLate(engine, found));
  check(run);
  const lacks = run.approvalsNeeded - approvalsOf(run).length;
  await append(engine, id, { entry: 'break-glass', by, data: { planHash, reason, lacks } });
  const now = engine.now();
  const at = new Date(now).toISOString();
  const reviewDue = new Date(now + policy.review_hours * HOUR_MS).toISOString();
  return await changeRun(engine, id, 'break-glass', (found) => {
    check(found);
    return { ...found, breakGlass: { by, at, reason, planHash, reviewDue } };
  });
}

/** Runs whose review is owed. */
export async function unreviewed(engine: Engine): Promise<Run[]> {
  const broken = await findAll(engine.store.documents, 'journal', { where: equals('entry', 'break-glass') });
  const runs = await Promise.all(
    [...new Set(broken.map(({ body }) => body.run))].map((id) => readRun(engine, id)),
  );
  return runs.filter(({ breakGlass }) => breakGlass !== undefined && breakGlass.review === undefined);
}

/** Asks somebody else for the review, and closes what was reviewed. Safe to repeat, and beside other processes. */
export async function review(engine: Engine): Promise<void> {
  for (const run of await unreviewed(engine)) {
    for (let attempt = 1; ; attempt += 1) {
      const id = createHash('sha256').update(`${REVIEW}/${run.id}/${attempt}`).digest('hex').slice(0, 32);
      const found = await engine.store.documents.get('run', id);
      if (found === undefined) await ask(engine, run, id);
      else if (found.body.state === 'done') await close(engine, run, found.body);
      // Not reviewed in time, or not well: somebody is asked again.
      else if (found.body.state !== 'waiting' && found.body.state !== 'running') continue;
      break;
    }
  }
}

async function ask(engine: Engine, { number, requestedBy, incident, breakGlass }: Run, id: string) {
  const flow = engine.flows().get(REVIEW);
  if (flow === undefined) throw errors.notFound('flow', REVIEW);
  const { by = '', reason = '' } = breakGlass ?? {};
  const plan = await planFlow(engine, flow, { run: number, by, requester: requestedBy, reason });
  await startRun(engine, { ...plan, ...(incident === undefined ? {} : { incident }) }, 'vigia', id);
}

async function close(engine: Engine, { id }: Run, done: Run): Promise<void> {
  const answers = (await readJournal(engine, done.id)).filter(({ entry }) => entry === 'answered');
  const by = answers[0]?.by ?? 'unknown';
  await append(engine, id, { entry: 'reviewed', by, data: { review: done.number } });
  const at = new Date(engine.now()).toISOString();
  await changeRun(engine, id, 'reviewed', (run) =>
    run.breakGlass === undefined || run.breakGlass.review !== undefined
      ? run
      : { ...run, breakGlass: { ...run.breakGlass, review: { by, at, run: done.number } } },
  );
}
