/** Takes back what a run did, last step first: because a person undoes it, or because a step failed whose flow says so. */
import type { Run } from '../../core/documents.ts';
import type { Engine } from './engine.ts';
import { append } from './journal.ts';
import type { Held } from './lease.ts';
import { changeRun, doing, withOutcome, withState } from './runs.ts';
import { undoStep } from './undo-step.ts';

export interface Why {
  readonly by: string;
  readonly reason: string;
}

/** After a crash it begins again: undoing compares and writes only differences. */
export async function compensate(engine: Engine, run: Run, lease: Held): Promise<Run> {
  const reason = run.history.findLast(({ field, to }) => field === 'state' && to === 'compensating')?.reason;
  const why = { by: 'vigia', reason: `taken back because of ${reason ?? 'a failed step'}` };
  await append(engine, run.id, { entry: 'compensating', by: why.by, data: { reason: why.reason } });
  return await takeBack(engine, run, lease, why);
}

/** The caller holds the lease. The run ends `undone`, or `not-proven` where something could not be taken back. */
export async function takeBack(engine: Engine, begun: Run, lease: Held, why: Why): Promise<Run> {
  const { by, reason } = why;
  let run = begun;
  let complete = true;
  for (const step of run.steps.toReversed()) {
    const undone = await undoStep(engine, run, step, lease, why);
    if (undone === undefined) continue;
    complete &&= undone.outcome !== 'not-proven';
    const outcome = undone.outcome === 'impossible' ? step.outcome : undone.outcome;
    run = await changeRun(engine, run.id, `step ${undone.outcome}`, (found) =>
      withOutcome(found, step.index, outcome, undone.detail, doing(engine, by, reason)),
    );
  }
  const state = complete ? 'undone' : 'not-proven';
  await append(engine, run.id, { entry: 'finished', by, data: { state, reason } });
  return await changeRun(engine, run.id, `finished ${state}`, (found) =>
    withState(found, state, doing(engine, by, reason)),
  );
}
