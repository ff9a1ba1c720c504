/** A run that nobody approved in its first hours is made known to more people, who may approve it as well; then it expires. */
import { equals } from '../../core/conditions/tree.ts';
import type { Run } from '../../core/documents.ts';
import { findAll } from '../../core/find-all.ts';
import { isApproved, isLate, ruleOf } from './approve.ts';
import type { Engine } from './engine.ts';
import { append } from './journal.ts';
import { changeRun } from './runs.ts';

const HOUR_MS = 3_600_000;

/** Safe to repeat, and beside other processes: at worst the journal says it twice. */
export async function escalateDue(engine: Engine): Promise<void> {
  for (const { body } of await findAll(engine.store.documents, 'run', {
    where: equals('state', 'waiting'),
  })) {
    const tell = toTell(engine, body);
    if (tell === undefined) continue;
    await append(engine, body.id, { entry: 'escalated', by: 'vigia', data: { tell } });
    await changeRun(engine, body.id, 'escalated', (run) =>
      toTell(engine, run) === undefined
        ? run
        : { ...run, escalated: { at: new Date(engine.now()).toISOString(), tell: [...tell] } },
    );
  }
}

/** Undefined when it is too early, too late, or not needed. */
function toTell(engine: Engine, run: Run): readonly string[] | undefined {
  if (run.state !== 'waiting' || run.escalated !== undefined || isApproved(run) || isLate(engine, run))
    return undefined;
  const { escalate, hours } = ruleOf(engine, run);
  if (escalate === undefined) return undefined;
  // Counted back from the end, which a maintenance window may have moved.
  const due = Date.parse(run.expires) - (hours - escalate.after_hours) * HOUR_MS;
  return engine.now() >= due ? escalate.tell : undefined;
}
