/** Takes back one step. Undoing compares first and writes only differences, so it may be repeated. */
import type { PlannedStep, Run } from '../../core/documents.ts';
import { VigiaError } from '../../core/errors.ts';
import type { Why } from './compensate.ts';
import { doorsOf } from './doors.ts';
import { contextOf, type Engine, findAction } from './engine.ts';
import { append, readJournal } from './journal.ts';
import { type Held, isLeaseLost } from './lease.ts';
import { guarded, keyOf, startedId } from './step.ts';

export interface Undone {
  readonly outcome: 'undone' | 'not-proven' | 'impossible';
  readonly detail: string;
}

/** Undefined when the step never started, or is undone already. */
export async function undoStep(
  engine: Engine,
  run: Run,
  step: PlannedStep & Run['steps'][number],
  lease: Held,
  { by, reason }: Why,
): Promise<Undone | undefined> {
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
  const undone = await restore(() =>
    lease.during(async () => {
      const proof = await undo(
        { input: step.input, before },
        contextOf(
          engine,
          engine.policies(),
          doorsOf(engine, { run, step, by }),
          guarded(engine, { run, step, lease }),
        ),
      );
      return { outcome: proof.outcome === 'proven' ? 'undone' : 'not-proven', detail: proof.detail };
    }),
  );
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
