/** Executes an approved run step by step; called again after a crash it goes on where the journal ends. */
import type { Run } from '../../core/documents.ts';
import { errors } from '../../core/errors.ts';
import { approvalsOf, expireIfLate, isApproved } from './approve.ts';
import type { Engine } from './engine.ts';
import { append } from './journal.ts';
import { type Held, holdRun } from './lease.ts';
import { changeRun, doing, settledState, withOutcome, withState } from './runs.ts';
import { runStep } from './step.ts';

export async function executeRun(engine: Engine, id: string, by: string): Promise<Run> {
  const lease = await holdRun(engine, id);
  try {
    return await work(engine, await begin(engine, id, by), lease, by);
  } finally {
    await lease.release();
  }
}

/** From here on the caller holds the lease. */
export async function work(engine: Engine, begun: Run, lease: Held, by: string): Promise<Run> {
  let run = begun;
  const flow = engine.flows().get(run.flow.id);
  for (const { index, name, outcome } of begun.steps) {
    const step = run.steps.find((each) => each.index === index);
    if (run.state !== 'running') return run;
    if (outcome !== undefined || step === undefined) continue;
    const result = await runStep(engine, run, step, lease, by);
    if ('ends' in result) return await end(engine, run.id, result.ends, result.reason, by);
    const goOn =
      flow?.hash === run.flow.hash && flow.steps.find((each) => each.name === name)?.onFailure === 'continue';
    const good = result.outcome === 'proven';
    run = await changeRun(engine, run.id, `step ${result.outcome}`, (found) => {
      const changed = withOutcome(found, index, result.outcome, result.detail, doing(engine, by));
      // In one write with the outcome, so that a crash in between cannot carry the run past a step that stops it.
      const stopped = result.outcome === 'failed' ? 'failed' : 'not-proven';
      return good || goOn
        ? changed
        : withState(changed, stopped, doing(engine, by, `step ${JSON.stringify(name)}: ${result.detail}`));
    });
  }
  const settled = settledState(run);
  return settled === undefined || run.state !== 'running'
    ? run
    : await end(engine, run.id, settled, undefined, by);
}

async function begin(engine: Engine, id: string, by: string): Promise<Run> {
  return await changeRun(engine, id, 'begun', (found) => {
    const run = expireIfLate(engine, found);
    // Done is done: a second call changes nothing.
    if (run.state === 'running' || run.state === 'done') return run;
    if (run.state === 'expired' && found.state === 'waiting') return run;
    if (run.state !== 'waiting')
      throw errors.refused(`run ${run.number} is ${run.state} and cannot be executed`);
    if (!isApproved(run))
      throw errors.refused(
        `run ${run.number} has ${approvalsOf(run).length} of ${run.approvalsNeeded} approvals`,
        'a second person must approve the plan first',
      );
    return withState(run, 'running', doing(engine, by));
  });
}

async function end(
  engine: Engine,
  id: string,
  state: Run['state'],
  reason: string | undefined,
  by: string,
): Promise<Run> {
  await append(engine, id, {
    entry: 'finished',
    by,
    data: { state, ...(reason === undefined ? {} : { reason }) },
  });
  return await changeRun(engine, id, `finished ${state}`, (found) =>
    withState(found, state, doing(engine, by, reason)),
  );
}
