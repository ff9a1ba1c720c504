/** Starts safe flows for fresh incidents as `policies/automation.yml` says, within its limits; what it leaves to people it says. */

import { compileCondition } from '../../core/conditions/matcher.ts';
import { parseQuery } from '../../core/conditions/query-line.ts';
import { and, equals } from '../../core/conditions/tree.ts';
import type { Incident } from '../../core/documents.ts';
import { VigiaError } from '../../core/errors.ts';
import { hashId } from '../../core/ids.ts';
import { startRun } from './approve.ts';
import type { AutomaticStart } from './automation-policy.ts';
import type { Concern } from './concerns.ts';
import type { Engine } from './engine.ts';
import { stopped, stoppedText } from './kill-switch.ts';
import { planFlow } from './planner.ts';
import { resolve } from './references.ts';

/** Asks for runs in the place of a person; whoever approves is somebody else anyway. */
export const AUTOMATION = 'automation';
const MINUTE_MS = 60_000;

/** Once for each start and incident, whatever dies and however many processes look. `tell` is done before it is noted. */
export async function startFor(
  engine: Engine,
  incident: Incident,
  tell: (concern: Concern) => Promise<void>,
): Promise<void> {
  for (const start of engine.policies().automation.starts) {
    if (!compileCondition(parseQuery(start.when))({ incident: { ...incident } })) continue;
    const id = hashId('automatic', start.id, incident.id);
    if ((await engine.store.documents.get('run', id)) !== undefined) continue;
    if ((await engine.store.documents.get('marker', markerOf(id))) !== undefined) continue;
    const why = (await whyNot(engine)) ?? (await begin(engine, start, incident, id));
    if (why === undefined) continue;
    await tell(leftToPeople(engine, start, incident, id, why));
    const at = new Date(engine.now()).toISOString();
    await engine.store.documents.create('marker', markerOf(id), {
      at,
      by: AUTOMATION,
      data: { start: start.id, incident: incident.id, why },
    });
  }
}

const markerOf = (id: string): string => `automatic/${id}`;

/** Undefined when the run was asked for. */
async function begin(
  engine: Engine,
  start: AutomaticStart,
  incident: Incident,
  id: string,
): Promise<string | undefined> {
  const flow = engine.flows().get(start.flow);
  if (flow === undefined) return `there is no flow ${start.flow}`;
  if (!flow.safe) return `the flow ${flow.id} is not marked safe`;
  const names = (type: string) =>
    incident.entities.filter((entity) => entity.type === type).map(({ name }) => name);
  const { number, title, severity } = incident;
  const about = { id: incident.id, number, title, severity };
  const involved = { users: names('user'), hosts: names('host'), addresses: names('address') };
  const scope = { input: {}, incident: { ...about, ...involved } };
  try {
    // An object stays an object when its references are replaced.
    const input = resolve(start.input ?? {}, scope) as Record<string, unknown>;
    await startRun(engine, await planFlow(engine, flow, input, about), AUTOMATION, id);
    return undefined;
  } catch (cause) {
    // A target that does not answer now is asked again at the next look.
    if (!(cause instanceof VigiaError) || cause.code === 'remote') throw cause;
    return cause.message;
  }
}

/** Undefined when nothing speaks against a start now. */
async function whyNot(engine: Engine): Promise<string | undefined> {
  const stop = await stopped(engine);
  if (stop !== undefined) return stoppedText(stop);
  const { limit, storm } = engine.policies().automation;
  const since = (minutes: number) => new Date(engine.now() - minutes * MINUTE_MS).toISOString();
  const created = { op: 'range', field: 'created', gte: since(storm.minutes) } as const;
  const incidents = await count(engine, 'incident', created);
  if (incidents >= storm.incidents)
    return `a storm: ${incidents} new incidents in ${storm.minutes} minutes, ${storm.incidents} or more stop automation`;
  const requested = { op: 'range', field: 'requested', gte: since(limit.minutes) } as const;
  const starts = await count(engine, 'run', and(equals('requestedBy', AUTOMATION), requested));
  if (starts >= limit.starts)
    return `the limit: ${starts} automatic starts in ${limit.minutes} minutes, at most ${limit.starts} are allowed`;
  return undefined;
}

async function count(engine: Engine, kind: 'incident' | 'run', where: Parameters<typeof and>[0]) {
  const buckets = await engine.store.documents.aggregate(kind, {
    where,
    groupBy: ['state'],
    measure: { kind: 'count' },
  });
  return buckets.reduce((sum, { value }) => sum + value, 0);
}

const leftToPeople = (
  engine: Engine,
  start: AutomaticStart,
  incident: Incident,
  id: string,
  why: string,
): Concern => ({
  kind: 'not-started',
  key: id,
  level: 'medium',
  title: 'A playbook did not start by itself',
  detail: `${start.flow} for ${incident.number} (${start.id}): ${why}; start it by hand if it is needed`,
  since: new Date(engine.now()).toISOString(),
});
