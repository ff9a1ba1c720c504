/** Plans a flow, or one step of it again: reads targets, changes nothing, refuses what is protected. */
import type { PlannedStep, Risk, Run } from '../../core/documents.ts';
import { planHashOf } from './bound.ts';
import { contextOf, type Engine, findAction, type IncidentRef, protectorsOf } from './engine.ts';
import { type Flow, inputSchema } from './flow.ts';
import { checkInput } from './input.ts';
import { type Ordered, orderOf, turnsOf } from './order.ts';
import type { ApprovalRule, Policies } from './policies.ts';
import { protect } from './protected.ts';

export interface PlannedFlow {
  readonly flow: Run['flow'];
  readonly incident?: string;
  readonly input: Record<string, unknown>;
  readonly steps: PlannedStep[];
  /** Steps whose condition does not hold. */
  readonly left: readonly string[];
  readonly planHash: string;
  readonly approvals: ApprovalRule;
}

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
  const steps: PlannedStep[] = [];
  let needed = 0;
  for (const [index, { step, ordered, input: given }] of turns.entries()) {
    const planned = await planStep(engine, policies, ordered, index, given);
    steps.push(planned.step);
    needed = Math.max(needed, step.approve ?? 0, planned.approvals);
  }
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
  };
}

export interface StepAsPlanned {
  readonly step: PlannedStep;
  /** What undo would restore. */
  readonly before: unknown;
  readonly approvals: number;
}

export async function planStep(
  engine: Engine,
  policies: Policies,
  step: Ordered,
  index: number,
  given: Readonly<Record<string, unknown>>,
): Promise<StepAsPlanned> {
  const { name, action: id } = step;
  const action = findAction(engine, id);
  const input = checkInput(`step ${JSON.stringify(name)}`, action.input, given);
  const { plan, subjects, before } = await action.plan(input, contextOf(engine, policies));
  const { decisions, approvals } = protect(
    subjects,
    policies.protected,
    await protectorsOf(engine, policies),
  );
  const planned = {
    ...orderOf(step),
    index,
    name,
    action: id,
    risk: action.risk,
    input,
    plan,
    ...(decisions.length > 0 ? { protection: decisions } : {}),
  };
  return { step: planned, before, approvals };
}
