/** What a person does with a run that did not end well: resume, skip a step, or abandon it. Each with a reason. */
import type { Run, RunState, StepOutcome } from '../../core/documents.ts';
import { errors } from '../../core/errors.ts';
import type { Engine } from './engine.ts';
import { executeRun } from './execute.ts';
import { append } from './journal.ts';
import { holding } from './lease.ts';
import { expectReason, type Reasoned } from './reasons.ts';
import { changeRun, doing, readRun, settledState, withOutcome, withState } from './runs.ts';

const UNSETTLED: readonly (StepOutcome | undefined)[] = ['failed', 'unknown', 'not-proven', undefined];
const RESUMABLE: readonly RunState[] = ['running', 'not-proven', 'failed'];
const ABANDONABLE: readonly RunState[] = ['waiting', 'running', 'not-proven', 'failed'];

/** Steps that were never started are done; steps that were started are only verified again. */
export async function resumeRun(engine: Engine, id: string, by: string): Promise<Run> {
  await holding(engine, id, async (engine) => {
    const found = await readRun(engine, id);
    expectState(found, RESUMABLE, 'resumed');
    const steps = found.steps.filter(({ outcome }) => outcome !== undefined && UNSETTLED.includes(outcome));
    await append(engine, id, { entry: 'resumed', by, data: { steps: steps.map(({ index }) => index) } });
    await changeRun(engine, id, 'resumed', (run) => {
      expectState(run, RESUMABLE, 'resumed');
      const when = doing(engine, by);
      const open = run.steps.filter(({ outcome }) => UNSETTLED.includes(outcome));
      return withState(
        open.reduce((changed, { index }) => withOutcome(changed, index, undefined, undefined, when), run),
        'running',
        when,
      );
    });
  });
  return await executeRun(engine, id, by);
}

/** Goes on without a step: never started, or started and looked after by hand. */
export async function skipStep(
  engine: Engine,
  id: string,
  index: number,
  { by, reason }: Reasoned,
): Promise<Run> {
  expectReason(reason);
  const check = (run: Run): void => {
    expectState(run, RESUMABLE, 'changed');
    const step = run.steps.find((each) => each.index === index);
    if (step === undefined) throw errors.notFound(`step of run ${run.number}`, String(index));
    if (!UNSETTLED.includes(step.outcome))
      throw errors.refused(`step ${index} of run ${run.number} is ${step.outcome} already`);
  };
  return await holding(engine, id, async (engine) => {
    check(await readRun(engine, id));
    await append(engine, id, { entry: 'skipped', by, step: index, data: { reason } });
    return await changeRun(engine, id, 'step skipped', (run) => {
      check(run);
      const step = run.steps.find((each) => each.index === index);
      const was = step?.outcome === undefined ? 'never started' : `was ${step.outcome}: ${step.detail ?? ''}`;
      const changed = withOutcome(
        run,
        index,
        'skipped',
        `skipped by ${by}: ${reason} (${was})`,
        doing(engine, by, reason),
      );
      return withState(changed, settledState(changed) ?? run.state, doing(engine, by, reason));
    });
  });
}

export async function abandonRun(engine: Engine, id: string, { by, reason }: Reasoned): Promise<Run> {
  expectReason(reason);
  return await holding(engine, id, async (engine) => {
    expectState(await readRun(engine, id), ABANDONABLE, 'abandoned');
    await append(engine, id, { entry: 'abandoned', by, data: { reason } });
    return await changeRun(engine, id, 'abandoned', (run) => {
      expectState(run, ABANDONABLE, 'abandoned');
      return withState(run, 'abandoned', doing(engine, by, reason));
    });
  });
}

function expectState(run: Run, states: readonly RunState[], what: string): void {
  if (!states.includes(run.state))
    throw errors.refused(`run ${run.number} is ${run.state} and cannot be ${what}`);
}
