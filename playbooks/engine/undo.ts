/** Takes back what a run did, last step first. Undoing compares first and writes only differences, so it may be repeated. */
import type { PlannedStep, Run } from '../../core/documents.ts';
import { errors, VigiaError } from '../../core/errors.ts';
import { expectRole, type Person } from './approve.ts';
import { contextOf, type Engine, findAction } from './engine.ts';
import { append, readJournal } from './journal.ts';
import { type Held, isLeaseLost } from './lease.ts';
import { changeRun, doing, readRun, withOutcome, withState } from './runs.ts';
import { expectReason, holding } from './settle.ts';
import { guarded, keyOf, startedId } from './step.ts';

interface Undone {
  readonly outcome: 'undone' | 'not-proven' | 'impossible';
  readonly detail: string;
}

export async function undoRun(engine: Engine, id: string, person: Person & { reason: string }): Promise<Run> {
  const { by, reason } = person;
  expectReason(reason);
  return await holding(engine, id, async (lease) => {
    let run = await readRun(engine, id);
    expectRole(run, person, engine.policies().undoRole);
    if (['waiting', 'refused', 'undone'].includes(run.state))
      throw errors.refused(`run ${run.number} is ${run.state}; there is nothing to undo`);
    let complete = true;
    for (const step of run.steps.toReversed()) {
      const undone = await undoStep(engine, run, step, lease, person);
      if (undone === undefined) continue;
      complete &&= undone.outcome !== 'not-proven';
      const outcome = undone.outcome === 'impossible' ? step.outcome : undone.outcome;
      run = await changeRun(engine, id, `step ${undone.outcome}`, (found) =>
        withOutcome(found, step.index, outcome, undone.detail, doing(engine, by, reason)),
      );
    }
    const state = complete ? 'undone' : 'not-proven';
    await append(engine, id, { entry: 'finished', by, data: { state, reason } });
    return await changeRun(engine, id, `finished ${state}`, (found) =>
      withState(found, state, doing(engine, by, reason)),
    );
  });
}

/** Undefined when the step never started, or is undone already. */
async function undoStep(
  engine: Engine,
  run: Run,
  step: PlannedStep & Run['steps'][number],
  lease: Held,
  person: Person & { reason: string },
): Promise<Undone | undefined> {
  const { by, reason } = person;
  const key = keyOf(run, step);
  const marker = await engine.store.documents.get('marker', startedId(key));
  if (marker === undefined || step.outcome === 'undone') return undefined;
  const { undo } = findAction(engine, step.action);
  const entry = { by, step: step.index, key };
  if (typeof undo === 'string')
    return { outcome: 'impossible', detail: `${step.detail ?? ''}; not undone: ${undo}` };
  const before = marker.body.data['before'];
  const started = (await readJournal(engine, run.id)).some(
    (each) => each.key === key && each.entry === 'undo-started',
  );
  if (!started) await append(engine, run.id, { entry: 'undo-started', ...entry, data: { before, reason } });
  const undone = await restore(async () => {
    const proof = await undo(
      { input: step.input, before },
      contextOf(engine, engine.policies(), guarded(engine, lease)),
    );
    return { outcome: proof.outcome === 'proven' ? 'undone' : 'not-proven', detail: proof.detail };
  });
  await append(engine, run.id, { entry: 'undo-receipt', ...entry, data: { ...undone } });
  return undone;
}

async function restore(run: () => Promise<Undone>): Promise<Undone> {
  try {
    return await run();
  } catch (cause) {
    if (isLeaseLost(cause) || !(cause instanceof VigiaError)) throw cause;
    return { outcome: 'not-proven', detail: `not undone: ${cause.message}; undo the run again` };
  }
}
