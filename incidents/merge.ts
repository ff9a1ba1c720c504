/** Merge is a relation: the merged incident keeps its alerts and points to the other, so that a split undoes it exactly. */
import type { Incident, IncidentState, Verdict } from '../core/documents.ts';
import { errors } from '../core/errors.ts';
import type { Stored, Version } from '../core/store.ts';
import { type By, log, set } from './changes.ts';
import { type Context, isoNow, updateIncident } from './context.ts';
import { required } from './inputs.ts';
import { recount, rootOf } from './recount.ts';
import { VIGIA } from './summary.ts';

interface Why {
  by: string;
  reason: string;
}

/** Merges the first incident (id) into the second; repeating it only counts again. Returns the second. */
export async function mergeInto(
  context: Context,
  id: string,
  into: string,
  why: Why,
  expected?: Version,
): Promise<Stored<Incident>> {
  const reason = required(why.reason, 'a reason');
  if (id === into || (await rootOf(context, into)) === id)
    throw errors.usage('an incident cannot be merged into itself');
  const target = await context.documents.get('incident', into);
  if (!target) throw errors.notFound('incident', into);
  if (target.body.state === 'closed' && why.by !== VIGIA)
    throw errors.usage(`${target.body.number} is closed`, 'reopen it, or merge the other way round');
  await updateIncident(
    context,
    id,
    (incident) => {
      if (incident.mergedInto === into) return undefined;
      if (incident.mergedInto !== undefined)
        throw errors.usage(`${incident.number} is merged already`, 'undo that with split');
      const by: By = { by: why.by, at: isoNow(context) };
      const { wakeAt: _, ...pointing } = set(incident, 'mergedInto', into, by, reason);
      return set(set(pointing, 'verdict', 'duplicate', by, reason), 'state', 'closed', by, reason);
    },
    expected,
  );
  return recount(context, await rootOf(context, into));
}

/** Undoes a merge: the incident gets back the state and verdict it had, both are counted again. Returns it. */
export async function split(
  context: Context,
  id: string,
  why: Why,
  expected?: Version,
): Promise<Stored<Incident>> {
  const reason = required(why.reason, 'a reason');
  const root = await rootOf(context, id);
  await updateIncident(
    context,
    id,
    (incident) => {
      if (incident.mergedInto === undefined)
        throw errors.usage(`${incident.number} is not merged into another incident`);
      const by: By = { by: why.by, at: isoNow(context) };
      const merged = incident.history.findLastIndex((change) => change.field === 'mergedInto');
      const before = (field: string) =>
        incident.history.slice(merged).find((change) => change.field === field)?.from;
      const { mergedInto: _into, verdict: _verdict, ...rest } = incident;
      const verdict = before('verdict') as Verdict | null | undefined;
      const open = { ...rest, ...(verdict ? { verdict } : {}) };
      const logged = log(
        log(open, 'mergedInto', incident.mergedInto, null, by, reason),
        'verdict',
        incident.verdict,
        verdict,
        by,
        reason,
      );
      return set(logged, 'state', (before('state') ?? incident.state) as IncidentState, by, reason);
    },
    expected,
  );
  await recount(context, root);
  return recount(context, id);
}
