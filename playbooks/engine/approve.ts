/** Starting a run, and the consent of a second person, bound to the hash of the plan that this person saw. */
import type { Role, Run } from '../../core/documents.ts';
import { errors } from '../../core/errors.ts';
import { type Engine, write } from './engine.ts';
import { append } from './journal.ts';
import type { PlannedFlow } from './planner.ts';
import type { ApprovalRule } from './policies.ts';
import { changeRun, doing, readRun, withState } from './runs.ts';
import { nextOpening, notBeforeMs } from './windows.ts';

export interface Person {
  readonly by: string;
  readonly roles: readonly Role[];
}

const HOUR_MS = 3_600_000;
export const same = (a: string, b: string) => a.trim().toLowerCase() === b.trim().toLowerCase();

/** With an `id` of the caller's, a second start of the same is none: the first run is returned. */
export async function startRun(
  engine: Engine,
  plan: PlannedFlow,
  by: string,
  id: string = engine.newId(),
): Promise<Run> {
  const now = engine.now();
  const year = new Date(now).getUTCFullYear();
  const number = await engine.store.documents.nextNumber(`run-${year}`);
  const run: Run = {
    id,
    number: `RUN-${year}-${String(number).padStart(6, '0')}`,
    flow: plan.flow,
    ...(plan.incident === undefined ? {} : { incident: plan.incident }),
    input: plan.input,
    requestedBy: by,
    requested: new Date(now).toISOString(),
    state: 'waiting',
    steps: plan.steps,
    planHash: plan.planHash,
    approvals: [],
    approvalsNeeded: plan.approvals.needed,
    expires: new Date(beginsMs(engine, plan, now) + plan.approvals.hours * HOUR_MS).toISOString(),
    history: [],
  };
  await append(engine, run.id, {
    entry: 'requested',
    by,
    data: { planHash: run.planHash, flow: run.flow, expires: run.expires },
  });
  const written = await write(engine, 'run requested', () =>
    engine.store.documents.create('run', run.id, run),
  );
  return written === 'exists' ? await readRun(engine, id) : run;
}

/** The hours of an approval count from the opening of the last window that the plan names, which the approver sees. */
function beginsMs(engine: Engine, { steps }: PlannedFlow, now: number): number {
  const { windows } = engine.policies();
  const openings = steps.flatMap((step) => {
    const soonest = notBeforeMs(step, now);
    const window = windows.windows.find(({ id }) => id === step.window);
    const opening = window && nextOpening(windows, window, soonest);
    return opening === undefined ? [soonest] : [Date.parse(opening)];
  });
  return Math.max(now, ...openings);
}

/** Approvals that count: of the plan as it is. */
export const approvalsOf = (run: Run) => run.approvals.filter(({ planHash }) => planHash === run.planHash);
export const isApproved = (run: Run): boolean =>
  approvalsOf(run).length >= run.approvalsNeeded || run.breakGlass?.planHash === run.planHash;
export const isLate = (engine: Engine, run: Run): boolean => engine.now() >= Date.parse(run.expires);

export async function approveRun(
  engine: Engine,
  id: string,
  person: Person & { planHash: string },
): Promise<Run> {
  const { by, planHash } = person;
  const run = await changeRun(engine, id, 'expired', (found) => expireIfLate(engine, found));
  if (run.state === 'expired') return run;
  const check = (found: Run): void => {
    expectWaiting(found, 'approved');
    expectSecondPerson(engine, found, person);
    if (planHash !== found.planHash)
      throw errors.refused(
        `run ${found.number} has another plan than the one you saw`,
        'look at the plan again',
      );
  };
  check(run);
  if (approvalsOf(run).some((approval) => same(approval.by, by))) return run;
  await append(engine, id, { entry: 'approved', by, data: { planHash } });
  return await changeRun(engine, id, 'approved', (found) => {
    check(found);
    if (approvalsOf(found).some((approval) => same(approval.by, by))) return found;
    return {
      ...found,
      approvals: [...found.approvals, { by, at: new Date(engine.now()).toISOString(), planHash }],
    };
  });
}

export async function refuseRun(
  engine: Engine,
  id: string,
  person: Person & { reason: string },
): Promise<Run> {
  const { by, reason } = person;
  const check = (found: Run): void => {
    expectWaiting(found, 'refused');
    expectRole(found, person, approvalRole(engine, found));
  };
  check(await readRun(engine, id));
  await append(engine, id, { entry: 'refused', by, data: { reason } });
  return await changeRun(engine, id, 'refused', (found) => {
    check(found);
    const when = doing(engine, by, reason);
    return { ...withState(found, 'refused', when), refusal: { by, at: when.at, reason } };
  });
}

export const expireIfLate = (engine: Engine, run: Run): Run =>
  run.state === 'waiting' && isLate(engine, run)
    ? withState(run, 'expired', doing(engine, 'vigia', `not approved and begun before ${run.expires}`))
    : run;

function expectWaiting(run: Run, what: string): void {
  if (run.state !== 'waiting')
    throw errors.refused(`run ${run.number} is ${run.state}; only a waiting run can be ${what}`);
}

function expectSecondPerson(engine: Engine, run: Run, person: Person): void {
  if (same(person.by, run.requestedBy))
    throw errors.refused(
      `${person.by} asked for run ${run.number} and cannot approve it`,
      'a second person must approve',
    );
  const rule = ruleOf(engine, run);
  expectRole(run, person, rule.role);
  if (rule.of === undefined) return;
  const counts = [...rule.of, ...(run.escalated?.tell ?? [])];
  if (!counts.some((name) => same(name, person.by)))
    throw errors.refused(
      `${person.by} is not among those whose approval counts for ${rule.risk} steps`,
      `ask one of: ${counts.join(', ')}`,
    );
}

/** Of the riskiest step. */
export function ruleOf(engine: Engine, run: Run): ApprovalRule {
  const risks = run.steps.map(({ risk }) => risk);
  const risk = risks.includes('destructive')
    ? 'destructive'
    : risks.includes('reversible')
      ? 'reversible'
      : 'read';
  // Loading the policies has checked that each risk stands there once.
  return engine.policies().approvals.find((rule) => rule.risk === risk)!;
}

const approvalRole = (engine: Engine, run: Run): Role => ruleOf(engine, run).role;

export function expectRole(run: Run, { by, roles }: Person, role: Role): void {
  if (!roles.includes(role))
    throw errors.refused(`${by} lacks the role ${role}, which run ${run.number} asks for`);
}
