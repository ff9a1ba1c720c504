/** A person takes back what a run did, with a reason. */
import type { Run } from '../../core/documents.ts';
import { errors } from '../../core/errors.ts';
import { expectRole, type Person } from './approve.ts';
import { takeBack } from './compensate.ts';
import type { Engine } from './engine.ts';
import { holding } from './lease.ts';
import { expectReason } from './reasons.ts';
import { readRun } from './runs.ts';

export async function undoRun(engine: Engine, id: string, person: Person & { reason: string }): Promise<Run> {
  expectReason(person.reason);
  return await holding(engine, id, async (engine, lease) => {
    const run = await readRun(engine, id);
    expectRole(run, person, engine.policies().undoRole);
    if (['waiting', 'refused', 'undone'].includes(run.state))
      throw errors.refused(`run ${run.number} is ${run.state}; there is nothing to undo`);
    return await takeBack(engine, run, lease, person);
  });
}
