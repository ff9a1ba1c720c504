/** Runs one step: plan again, mark as started, act, keep the receipt, verify. After a crash it verifies and never acts again. */
import type { PlannedStep, Run, StepOutcome } from '../../core/documents.ts';
import { errors, VigiaError } from '../../core/errors.ts';
import type { ChangeCalls } from '../../targets/calls.ts';
import type { Action } from '../action.ts';
import { isLate } from './approve.ts';
import { differences, exceeded, planHashOf } from './bound.ts';
import { contextOf, type Engine, findAction, write } from './engine.ts';
import { append, readJournal } from './journal.ts';
import { type Held, isLeaseLost } from './lease.ts';
import { planStep, type StepAsPlanned } from './planner.ts';
import type { Policies } from './policies.ts';

export type StepResult =
  | { readonly outcome: StepOutcome; readonly detail: string }
  /** The run must not go on as approved. */
  | { readonly ends: 'void' | 'expired'; readonly reason: string };

interface Work {
  readonly engine: Engine;
  readonly run: Run;
  readonly step: PlannedStep;
  readonly policies: Policies;
  readonly action: Action;
  readonly key: string;
  readonly lease: Held;
  readonly by: string;
}

export const keyOf = (run: Run, step: PlannedStep): string => `${run.id}/${step.index}/${run.planHash}`;
export const startedId = (key: string): string => `${key}/started`;

/** Checks the lease immediately before each call; the crash proof cuts before and after it. */
export const guarded = (engine: Engine, lease: Held): ChangeCalls => ({
  async before(call) {
    await engine.cut(`before ${call}`);
    await lease.check();
  },
  after: (call) => engine.cut(`after ${call}`),
});

export async function runStep(
  engine: Engine,
  run: Run,
  step: PlannedStep,
  lease: Held,
  by: string,
): Promise<StepResult> {
  const work: Work = {
    engine,
    run,
    step,
    policies: engine.policies(),
    action: findAction(engine, step.action),
    key: keyOf(run, step),
    lease,
    by,
  };
  await lease.check();
  const marker = await engine.store.documents.get('marker', startedId(work.key));
  if (marker !== undefined) return await afterCrash(work, marker.body.data['before']);
  if (isLate(engine, run)) return { ends: 'expired', reason: `the approval ended at ${run.expires}` };
  if (engine.flows().get(run.flow.id)?.hash !== run.flow.hash)
    return { ends: 'void', reason: `the flow ${run.flow.id} was changed since the plan` };
  // The document itself must say what was approved.
  if (planHashOf(run) !== run.planHash)
    return { ends: 'void', reason: 'the stored plan is not the one that was approved' };
  const again = await planAgain(work);
  return 'before' in again ? await act(work, again.before) : again;
}

/** The approval holds for what was seen; the target may have changed since. */
async function planAgain({ engine, step, policies }: Work): Promise<StepAsPlanned | StepResult> {
  let again: StepAsPlanned;
  try {
    again = await planStep(engine, policies, step, step.index, step.input);
  } catch (cause) {
    if (!(cause instanceof VigiaError)) throw cause;
    if (!['refused', 'not-found', 'invalid'].includes(cause.code))
      return { outcome: 'failed', detail: `not started, nothing was changed: ${cause.message}` };
    return {
      ends: 'void',
      reason: `step ${JSON.stringify(step.name)} can no longer be planned: ${cause.message}`,
    };
  }
  const changed = [...differences(step, again.step), ...exceeded(again.step)];
  return changed.length === 0 ? again : { ends: 'void', reason: changed.join('; ') };
}

async function act(work: Work, before: unknown): Promise<StepResult> {
  const { engine, run, step, action, key, lease, by, policies } = work;
  const at = new Date(engine.now()).toISOString();
  await lease.check();
  const marked = await write(engine, 'marker started', () =>
    engine.store.documents.create('marker', startedId(key), { at, by, data: { before } }),
  );
  if (marked === 'exists')
    throw errors.conflict(`run ${run.number}`, 'another process started this step; look again in a minute');
  await append(engine, run.id, { entry: 'step-started', by, step: step.index, key, data: { before } });
  let receipt: unknown;
  let failure: string | undefined;
  try {
    receipt = await action.act(
      { input: step.input, plan: step.plan, before },
      contextOf(engine, policies, guarded(engine, lease)),
    );
  } catch (cause) {
    if (isLeaseLost(cause)) throw cause;
    // The call may have reached the target all the same: only asking it tells.
    failure = cause instanceof Error ? cause.message : String(cause);
  }
  const data = failure === undefined ? { receipt } : { failure };
  await append(engine, run.id, { entry: 'receipt', by, step: step.index, key, data });
  return await prove(work, before, receipt, failure);
}

/** Started before: what happened is unknown until the target is asked. */
async function afterCrash(work: Work, before: unknown): Promise<StepResult> {
  const { engine, run, step, key, by } = work;
  const entries = (await readJournal(engine, run.id)).filter((entry) => entry.key === key);
  const started = { by, step: step.index, key };
  if (!entries.some(({ entry }) => entry === 'step-started'))
    await append(engine, run.id, { entry: 'step-started', ...started, data: { before, recovered: true } });
  const receipt = entries.find(({ entry }) => entry === 'receipt');
  if (receipt !== undefined)
    return await prove(work, before, receipt.data['receipt'], receipt.data['failure'] as string | undefined);
  const failure = 'Vigia stopped before the answer came; the call was not repeated';
  await append(engine, run.id, { entry: 'receipt', ...started, data: { failure, recovered: true } });
  return await prove(work, before, undefined, failure);
}

async function prove(
  work: Work,
  before: unknown,
  receipt: unknown,
  failure: string | undefined,
): Promise<StepResult> {
  const { engine, run, step, action, key, by, policies, lease } = work;
  await lease.check();
  let outcome: StepOutcome;
  let detail: string;
  try {
    const asked = { input: step.input, before, ...(receipt === undefined ? {} : { receipt }) };
    const proof = await action.verify(asked, contextOf(engine, policies));
    outcome = proof.outcome;
    detail = failure === undefined ? proof.detail : `${failure}; asked again: ${proof.detail}`;
  } catch (cause) {
    if (!(cause instanceof VigiaError)) throw cause;
    outcome = 'unknown';
    detail = `${failure === undefined ? '' : `${failure}; `}the target could not be asked: ${cause.message}; resume the run to ask again`;
  }
  await append(engine, run.id, { entry: 'verified', by, step: step.index, key, data: { outcome, detail } });
  return { outcome, detail };
}
