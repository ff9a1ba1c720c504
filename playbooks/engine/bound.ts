/** What an approval binds (design section 7.5): everything that decides what happens, and nothing that merely was observed. */

import { canonical, hashOf } from '../../core/canonical.ts';
import type { PlannedStep, PlannedTarget, Run } from '../../core/documents.ts';
import { orderOf } from './order.ts';

const identityOf = ({ system, identity }: PlannedTarget) => `${system}:${identity}`;

/** Names and observations are shown, not bound: a rename changes nothing, nor does a session that came or went. */
const boundStep = ({
  index,
  name,
  action,
  risk,
  input,
  plan,
  radius,
  protection = [],
  ...step
}: PlannedStep) => ({
  index,
  name,
  action,
  risk,
  input,
  targets: plan.targets.map(identityOf).sort(),
  protection,
  bounds: plan.bounds,
  order: orderOf(step),
  ...(radius === undefined ? {} : { radius: countsOf(radius) }),
});

/** Names are shown, not bound. */
const countsOf = ({ foremost: _, ...counts }: NonNullable<PlannedStep['radius']>) => counts;

/** SHA-256 over flow, incident, input and every step. */
export const planHashOf = ({
  flow,
  incident,
  input,
  steps,
}: Pick<Run, 'flow' | 'incident' | 'input' | 'steps'>): string =>
  hashOf({
    flow: { id: flow.id, hash: flow.hash },
    incident: incident ?? null,
    input,
    steps: steps.map(boundStep),
  });

/** What changed between the approved step and the same step planned again; empty when nothing bound did. */
export function differences(approved: PlannedStep, again: PlannedStep): string[] {
  const [was, is] = [boundStep(approved), boundStep(again)];
  const where = `step ${JSON.stringify(approved.name)}`;
  const found = (['action', 'risk', 'input', 'protection', 'bounds', 'order'] as const)
    .filter((part) => canonical(was[part]) !== canonical(is[part]))
    .map((part) => `${where}: ${part} was ${canonical(was[part])}, is ${canonical(is[part])}`);
  const name = (step: PlannedStep, key: string) =>
    JSON.stringify(step.plan.targets.find((each) => identityOf(each) === key)?.name ?? key);
  const gone = was.targets
    .filter((key) => !is.targets.includes(key))
    .map((key) => `${where}: ${name(approved, key)} is no longer a target`);
  const added = is.targets
    .filter((key) => !was.targets.includes(key))
    .map((key) => `${where}: ${name(again, key)} would be a new target`);
  return [...found, ...gone, ...added];
}

/** Where more would suffer by now than the approver saw; less is no reason to stop. */
export function widened(approved: PlannedStep, again: PlannedStep): string[] {
  if (again.radius === undefined) return [];
  const was: Readonly<Record<string, number>> = approved.radius ? countsOf(approved.radius) : {};
  return Object.entries(countsOf(again.radius))
    .filter(([what, count]) => count > (was[what] ?? 0))
    .map(
      ([what, count]) =>
        `step ${JSON.stringify(again.name)}: ${count} ${what} would suffer by the inventory, ${was[what] ?? 0} were foreseen`,
    );
}

/** Bounds that the present state exceeds. */
export function exceeded({ name, plan }: PlannedStep): string[] {
  return Object.entries(plan.bounds)
    .filter(([what, most]) => Number(plan.observed[what] ?? 0) > most)
    .map(
      ([what, most]) =>
        `step ${JSON.stringify(name)}: ${String(plan.observed[what])} ${what}, at most ${most} were foreseen`,
    );
}
