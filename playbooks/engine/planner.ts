/** Plans a flow, or one step of it again: reads targets, changes nothing, refuses what is protected. */
import type { PlannedStep, Risk, Run } from '../../core/documents.ts';
import { errors } from '../../core/errors.ts';
import type { Inventory } from '../../core/inventory.ts';
import type { ActionContext, Subject } from '../action.ts';
import { planHashOf } from './bound.ts';
import { doorsOf } from './doors.ts';
import { contextOf, type Engine, findAction, type IncidentRef, protectorsOf } from './engine.ts';
import { type Flow, inputSchema } from './flow.ts';
import { checkInput } from './input.ts';
import { type Ordered, orderOf, turnsOf } from './order.ts';
import type { ApprovalRule, Policies } from './policies.ts';
import { type Protectors, protect } from './protected.ts';
import { reusing } from './reusing.ts';

export interface PlannedFlow {
  readonly flow: Run['flow'];
  readonly incident?: string;
  readonly input: Record<string, unknown>;
  readonly steps: PlannedStep[];
  /** Steps whose condition does not hold. */
  readonly left: readonly string[];
  readonly planHash: string;
  readonly approvals: ApprovalRule;
  /** Questions put to the targets. */
  readonly reads: number;
}

/** Steps planned beside each other: enough to hide the way to a target, few enough for its patience. */
const AT_ONCE = 8;

const RISKS: readonly Risk[] = ['read', 'reversible', 'destructive'];

export async function planFlow(
  engine: Engine,
  flow: Flow,
  given: Readonly<Record<string, unknown>>,
  incident?: IncidentRef,
): Promise<PlannedFlow> {
  const policies = engine.policies();
  const input = checkInput(`input of ${flow.id}`, inputSchema(flow.input), given);
  const turns = turnsOf(flow, { input, incident: { ...incident } });
  for (const { ordered } of turns) expectTimes(ordered, policies);
  const protectors = await protectorsOf(engine, policies);
  const targets = reusing(contextOf(engine, policies, doorsOf(engine)));
  const planned: StepAsPlanned[] = [];
  try {
    for (let at = 0; at < turns.length; at += AT_ONCE)
      planned.push(
        ...(await Promise.all(
          turns
            .slice(at, at + AT_ONCE)
            .map(({ ordered, input: given }, more) =>
              planOne(engine, { policies, protectors, context: targets.context }, ordered, at + more, given),
            ),
        )),
      );
  } finally {
    await targets.close();
  }
  const steps = planned.map(({ step }) => step);
  const needed = turns.reduce(
    (most, { step }, at) => Math.max(most, step.approve ?? 0, planned[at]!.approvals),
    0,
  );
  const risk = RISKS.findLast((each) => steps.some((step) => step.risk === each)) ?? 'read';
  // Loading the policies has checked that each risk stands there once.
  const rule = policies.approvals.find((each) => each.risk === risk)!;
  const plan = {
    flow: { id: flow.id, title: flow.title, hash: flow.hash },
    ...(incident === undefined ? {} : { incident: incident.id }),
    input,
    steps,
  };
  return {
    ...plan,
    left: flow.steps.filter((step) => !turns.some((turn) => turn.step === step)).map(({ name }) => name),
    planHash: planHashOf(plan),
    approvals: { ...rule, needed: Math.max(rule.needed, needed) },
    reads: targets.reads(),
  };
}

/** A flow may name its window and its soonest time by an input; a run that could never begin is not made. */
function expectTimes({ name, window, notBefore }: Ordered, { windows: { windows } }: Policies): void {
  const where = `step ${JSON.stringify(name)}`;
  if (window !== undefined && !windows.some(({ id }) => id === window))
    throw errors.usage(
      `${where}: no window ${JSON.stringify(window)}`,
      `known: ${windows.map(({ id }) => id).join(', ')}`,
    );
  if (notBefore !== undefined && !ISO_TIME.test(notBefore))
    throw errors.usage(`${where}: ${JSON.stringify(notBefore)} is no time`, 'write 2026-12-01T22:00:00Z');
}

const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?Z$/;

export interface StepAsPlanned {
  readonly step: PlannedStep;
  /** What undo would restore. */
  readonly before: unknown;
  readonly approvals: number;
}

/** One step again, over connections of its own. */
export async function planStep(
  engine: Engine,
  policies: Policies,
  step: Ordered,
  index: number,
  given: Readonly<Record<string, unknown>>,
): Promise<StepAsPlanned> {
  const protectors = await protectorsOf(engine, policies);
  return await planOne(
    engine,
    { policies, protectors, context: contextOf(engine, policies, doorsOf(engine)) },
    step,
    index,
    given,
  );
}

interface Surroundings {
  readonly policies: Policies;
  readonly protectors: Protectors;
  readonly context: ActionContext;
}

async function planOne(
  engine: Engine,
  { policies, protectors, context }: Surroundings,
  step: Ordered,
  index: number,
  given: Readonly<Record<string, unknown>>,
): Promise<StepAsPlanned> {
  const { name, action: id } = step;
  const action = findAction(engine, id);
  const input = checkInput(`step ${JSON.stringify(name)}`, action.input, given);
  const { plan, subjects, before } = await action.plan(input, context);
  const { decisions, approvals } = protect(subjects, policies.protected, protectors);
  const radius = radiusOf(protectors.inventory, subjects);
  const planned = {
    ...orderOf(step),
    index,
    name,
    action: id,
    risk: action.risk,
    input,
    plan,
    ...(radius === undefined ? {} : { radius }),
    ...(decisions.length > 0 ? { protection: decisions } : {}),
  };
  return { step: planned, before, approvals };
}

/** A step that only looks harms nobody; the inventory is asked about all the same, because its plan is read. */
function radiusOf(inventory: Inventory, subjects: readonly Subject[]): PlannedStep['radius'] {
  const radius = inventory.radius(subjects.flatMap(({ names }) => names));
  return radius && { ...radius, foremost: [...radius.foremost] };
}
