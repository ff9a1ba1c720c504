/** Runs one step when its turn has come: plan again, mark as started, act, keep the receipt, verify. After a crash it verifies and never acts again. */
import type { JournalEntry, PlannedStep, Run, StepOutcome } from '../../core/documents.ts';
import { errors, VigiaError } from '../../core/errors.ts';
import type { ChangeCalls } from '../../targets/calls.ts';
import { keepingDeeds } from '../../targets/deeds.ts';
import type { Action } from '../action.ts';
import { isLate } from './approve.ts';
import { differences, exceeded, planHashOf, widened } from './bound.ts';
import { doorsOf } from './doors.ts';
import { contextOf, type Engine, findAction, write } from './engine.ts';
import { append, readJournal } from './journal.ts';
import { expectNotStopped, heldByStop } from './kill-switch.ts';
import { type Held, isLeaseLost } from './lease.ts';
import { patiently } from './patience.ts';
import { planStep, type StepAsPlanned } from './planner.ts';
import type { Policies } from './policies.ts';
import { ask, askedBefore } from './question.ts';
import { timeLimit } from './time-limit.ts';
import { holdsAtItsTurn, openSteps } from './turn.ts';
import { isOpen, nextOpening, notBeforeMs } from './windows.ts';

export type StepResult =
  | { readonly outcome: StepOutcome; readonly detail: string }
  /** The run must not go on as approved. */
  | { readonly ends: 'void' | 'expired'; readonly reason: string }
  /** It cannot go on now. */
  | { readonly held: NonNullable<Run['held']> };

export interface Work {
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
export const guarded = (
  engine: Engine,
  { run, step, lease }: Pick<Work, 'run' | 'step' | 'lease'>,
  expect?: () => Promise<void>,
): ChangeCalls =>
  keepingDeeds(engine, `${run.number}/${step.index}`, {
    async before(call) {
      await engine.cut(`before ${call}`);
      await expect?.();
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
  if (marker !== undefined) {
    const before = marker.body.data['before'];
    return work.action.asks ? await askedBefore(work, before) : await afterCrash(work, before);
  }
  // The document itself must say what was approved, the flow's version with it.
  if (planHashOf(run) !== run.planHash)
    return { ends: 'void', reason: 'the stored plan is not the one that was approved' };
  if (step.when !== undefined) {
    const open = openSteps(run, step.when);
    if (open.length > 0)
      return { held: { step: step.index, why: 'question', detail: `waits for ${open.join(', ')}` } };
    if (!(await holdsAtItsTurn(engine, run, step.when))) return await leaveOut(work);
  }
  if (isLate(engine, run)) return { ends: 'expired', reason: `the approval ended at ${run.expires}` };
  const held = closedWindow(work) ?? (await heldByStop(engine, step.index));
  if (held !== undefined) return { held };
  const again = await planAgain(work);
  if (!('before' in again)) return again;
  return work.action.asks ? await ask(work, again.before) : await act(work, again.before);
}

async function leaveOut({ engine, run, step, key, by }: Work): Promise<StepResult> {
  const detail = `left out, because this does not hold: ${step.when}`;
  await append(engine, run.id, { entry: 'skipped', by, step: step.index, key, data: { reason: detail } });
  return { outcome: 'skipped', detail };
}

/** Approvals end by the clock also while a window is closed: who approved a Tuesday night did not approve a Thursday. */
function closedWindow({ engine, step, policies: { windows } }: Work): Run['held'] {
  const soonest = notBeforeMs(step, engine.now());
  if (step.window === undefined) {
    if (soonest <= engine.now()) return undefined;
    return { step: step.index, why: 'window', detail: 'it does not begin yet', until: step.notBefore! };
  }
  const window = windows.windows.find(({ id }) => id === step.window);
  if (window === undefined)
    return { step: step.index, why: 'window', detail: `policies/windows.yml has no window ${step.window}` };
  if (soonest <= engine.now() && isOpen(windows, window, engine.now())) return undefined;
  const until = nextOpening(windows, window, soonest);
  const detail = `the window ${window.id} (${window.title}) is closed`;
  return { step: step.index, why: 'window', detail, ...(until === undefined ? {} : { until }) };
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
  const changed = [...differences(step, again.step), ...exceeded(again.step), ...widened(step, again.step)];
  return changed.length === 0 ? again : { ends: 'void', reason: changed.join('; ') };
}

/** Created before anything is sent, so that no second process and no restart does it again. */
export async function mark({ engine, run, step, key, by }: Work, before: unknown): Promise<void> {
  const at = new Date(engine.now()).toISOString();
  const marked = await write(engine, 'marker started', () =>
    engine.store.documents.create('marker', startedId(key), { at, by, data: { before } }),
  );
  if (marked === 'exists')
    throw errors.conflict(`run ${run.number}`, 'another process started this step; look again in a minute');
  await append(engine, run.id, { entry: 'step-started', by, step: step.index, key, data: { before } });
}

async function act(work: Work, before: unknown): Promise<StepResult> {
  const { engine, run, step, action, key, lease, by, policies } = work;
  await lease.check();
  await mark(work, before);
  const calls = guarded(engine, work, () => expectNotStopped(engine));
  const limit = timeLimit(step.limitMs, calls, engine.wait);
  let receipt: unknown;
  let failure: string | undefined;
  try {
    const ctx = contextOf(engine, policies, doorsOf(engine, work), limit.calls);
    receipt = await lease.during(() =>
      limit.race(action.act({ input: step.input, plan: step.plan, before }, ctx)),
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

/** For a process that stopped between the marker and the journal; returns what the journal has of the step. */
export async function appendStartedOnce(
  { engine, run, step, key, by }: Work,
  before: unknown,
): Promise<JournalEntry[]> {
  const entries = (await readJournal(engine, run.id)).filter((entry) => entry.key === key);
  const data = { before, recovered: true };
  if (!entries.some(({ entry }) => entry === 'step-started'))
    await append(engine, run.id, { entry: 'step-started', by, step: step.index, key, data });
  return entries;
}

/** Started before: what happened is unknown until the target is asked. */
async function afterCrash(work: Work, before: unknown): Promise<StepResult> {
  const { engine, run, step, key, by } = work;
  const entries = await appendStartedOnce(work, before);
  const started = { by, step: step.index, key };
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
    // Without an answer it is not known that anything is on its way.
    const patienceMs = receipt === undefined ? 0 : (action.patienceMs ?? 0);
    const proof = await lease.during(() =>
      patiently(engine, patienceMs, () =>
        action.verify(asked, contextOf(engine, policies, doorsOf(engine, work))),
      ),
    );
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
