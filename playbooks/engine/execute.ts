/** Executes an approved run; called again after a crash, a closed window or an answer it goes on where the journal ends. */
import type { PlannedStep, Run } from '../../core/documents.ts';
import { errors } from '../../core/errors.ts';
import { approvalsOf, expireIfLate, isApproved } from './approve.ts';
import { compensate } from './compensate.ts';
import type { Engine } from './engine.ts';
import { append } from './journal.ts';
import { type Held, holding } from './lease.ts';
import { changeRun, doing, readRun, settledState, withOutcome, withState } from './runs.ts';
import { runStep } from './step.ts';

export async function executeRun(engine: Engine, id: string, by: string): Promise<Run> {
  return await holding(engine, id, async (engine, lease) =>
    work(engine, await begin(engine, id, by), lease, by),
  );
}

/** From here on the caller holds the lease. */
async function work(engine: Engine, begun: Run, lease: Held, by: string): Promise<Run> {
  if (begun.state === 'running')
    for (const branches of groupsOf(begun.steps)) {
      const ended = await Promise.allSettled(
        branches.map((branch) => runBranch(engine, begun.id, branch, lease, by)),
      );
      // Only when no branch works any more: the lease is given back behind us.
      for (const one of ended) if (one.status === 'rejected') throw one.reason;
      if (ended.some((one) => one.status === 'fulfilled' && one.value === 'blocked')) break;
    }
  const run = await readRun(engine, begun.id);
  if (run.state === 'compensating') return await compensate(engine, run, lease);
  const settled = settledState(run);
  return settled === undefined || run.state !== 'running'
    ? run
    : await end(engine, run.id, settled, undefined, by);
}

/** Steps in order; those of one parallel group together, each branch a list of its own. */
function groupsOf(steps: readonly PlannedStep[]): PlannedStep[][][] {
  const groups = Map.groupBy(steps, ({ index, branch }) => (branch ? `g${branch.group}` : `s${index}`));
  return [...groups.values()].map((group) => [
    ...Map.groupBy(group, ({ branch }) => branch?.number ?? 0).values(),
  ]);
}

/** Blocked when the run stops, whoever stopped it, and when a step has to wait that the steps behind it depend on. */
async function runBranch(
  engine: Engine,
  id: string,
  branch: readonly PlannedStep[],
  lease: Held,
  by: string,
): Promise<'done' | 'blocked'> {
  for (const { index } of branch) {
    const run = await readRun(engine, id);
    const step = run.steps.find((each) => each.index === index);
    if (run.state !== 'running') return 'blocked';
    if (step === undefined || step.outcome !== undefined) continue;
    const result = await runStep(engine, run, step, lease, by);
    if ('ends' in result) {
      await end(engine, id, result.ends, result.reason, by);
      return 'blocked';
    }
    if ('held' in result) {
      await changeRun(engine, id, 'held', (found) => withHold(found, result.held));
      // Other people can be asked meanwhile, where the answer would not stop the run anyway.
      if (result.held.why === 'question' && step.onFailure === 'continue') continue;
      return 'blocked';
    }
    await changeRun(engine, id, `step ${result.outcome}`, (found) => {
      const changed = withOutcome(found, index, result.outcome, result.detail, doing(engine, by));
      const next = stateAfter(step, result.outcome);
      // In one write with the outcome, so that a crash in between cannot carry the run past a step that stops it.
      return next === undefined
        ? changed
        : withState(changed, next, doing(engine, by, `step ${JSON.stringify(step.name)}: ${result.detail}`));
    });
  }
  return 'done';
}

/** Undefined when the run goes on. */
export function stateAfter({ onFailure }: PlannedStep, outcome: string): Run['state'] | undefined {
  if (outcome === 'proven' || outcome === 'skipped' || onFailure === 'continue') return undefined;
  if (onFailure === 'compensate') return 'compensating';
  return outcome === 'failed' ? 'failed' : 'not-proven';
}

/** The first question stays shown; what ends without an answer goes before, because somebody must look then. */
function withHold(run: Run, held: NonNullable<Run['held']>): Run {
  if (run.held === undefined || (run.held.why === 'question' && held.why !== 'question'))
    return { ...run, held };
  // Whoever is called next is called in time, whatever is shown.
  const until = [run.held.until, held.until].filter((one) => one !== undefined).sort()[0];
  return until === undefined || until === run.held.until ? run : { ...run, held: { ...run.held, until } };
}

async function begin(engine: Engine, id: string, by: string): Promise<Run> {
  return await changeRun(engine, id, 'begun', (found) => {
    const { held, ...run } = expireIfLate(engine, found);
    // Done is done: a second call changes nothing.
    if (['running', 'compensating', 'done'].includes(run.state)) return held === undefined ? found : run;
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
