/** Reads and changes the document of a run; every change carries the version that was read. */
import { isIn } from '../../core/conditions/tree.ts';
import type { Change, Run, RunState, StepOutcome } from '../../core/documents.ts';
import { errors, isConflict } from '../../core/errors.ts';
import { isApproved, isLate } from './approve.ts';
import { type Engine, write } from './engine.ts';
import { stopped } from './kill-switch.ts';

export async function readRun(engine: Engine, id: string): Promise<Run> {
  const stored = await engine.store.documents.get('run', id);
  if (stored === undefined) throw errors.notFound('run', id);
  return stored.body;
}

/** A conflict means that somebody else changed the run: `change` looks at the new content and decides again. */
const ATTEMPTS = 10;

/** `change` may throw to refuse. Returning the same object writes nothing. */
export async function changeRun(
  engine: Engine,
  id: string,
  point: string,
  change: (run: Run) => Run,
): Promise<Run> {
  for (let attempt = 1; ; attempt += 1) {
    const stored = await engine.store.documents.get('run', id);
    if (stored === undefined) throw errors.notFound('run', id);
    const changed = change(stored.body);
    if (changed === stored.body) return changed;
    try {
      await write(engine, `run ${point}`, () =>
        engine.store.documents.update('run', id, changed, stored.version),
      );
      return changed;
    } catch (cause) {
      if (!isConflict(cause) || attempt === ATTEMPTS) throw cause;
    }
  }
}

export interface Doing {
  readonly by: string;
  readonly at: string;
  readonly reason?: string;
}

export const doing = (engine: Engine, by: string, reason?: string): Doing => ({
  by,
  at: new Date(engine.now()).toISOString(),
  ...(reason === undefined ? {} : { reason }),
});

export function withState(run: Run, state: RunState, { by, at, reason }: Doing): Run {
  const change: Change = {
    at,
    by,
    field: 'state',
    from: run.state,
    to: state,
    ...(reason === undefined ? {} : { reason }),
  };
  return run.state === state ? run : { ...run, state, history: [...run.history, change] };
}

/** Without an outcome the step is open again. */
export function withOutcome(
  run: Run,
  index: number,
  outcome: StepOutcome | undefined,
  detail: string | undefined,
  { by, at, reason }: Doing,
): Run {
  const from = run.steps.find((step) => step.index === index)?.outcome;
  const change: Change = {
    at,
    by,
    field: `steps.${index}.outcome`,
    from: from ?? null,
    to: outcome ?? null,
    ...(reason === undefined ? {} : { reason }),
  };
  const steps = run.steps.map((step) => {
    if (step.index !== index) return step;
    const { outcome: _, detail: __, ...bare } = step;
    return {
      ...bare,
      ...(outcome === undefined ? {} : { outcome }),
      ...(detail === undefined ? {} : { detail }),
    };
  });
  return { ...run, steps, history: from === outcome ? run.history : [...run.history, change] };
}

/** The state of a run whose steps are as they are; undefined while some are open. */
export function settledState(run: Run): RunState | undefined {
  const outcomes = run.steps.map(({ outcome }) => outcome);
  if (outcomes.includes(undefined)) return undefined;
  if (outcomes.includes('failed') || outcomes.includes('refused')) return 'failed';
  if (outcomes.includes('not-proven') || outcomes.includes('unknown')) return 'not-proven';
  return 'done';
}

export async function unfinishedRuns(engine: Engine): Promise<Run[]> {
  const runs: Run[] = [];
  let after: string | undefined;
  do {
    const where = isIn('state', ['waiting', 'running', 'compensating']);
    const page = await engine.store.documents.find('run', {
      where,
      ...(after === undefined ? {} : { after }),
    });
    runs.push(...page.found.map(({ body }) => body));
    after = page.next;
  } while (after !== undefined);
  const isStopped = (await stopped(engine)) !== undefined;
  return runs.filter((run) => canMove(engine, run) && (!isStopped || isLate(engine, run)));
}

function canMove(engine: Engine, run: Run): boolean {
  if (run.state === 'waiting') return isApproved(run) || isLate(engine, run);
  if (run.held === undefined) return true;
  if (run.held.why === 'stopped') return true;
  const { why, until } = run.held;
  // An answer moves the run by itself; until then the next of a chain is called.
  return (
    (why !== 'question' && isLate(engine, run)) || (until !== undefined && engine.now() >= Date.parse(until))
  );
}
