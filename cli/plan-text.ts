/** A plan as a person reads it before deciding. */
import type { PlannedStep } from '../core/documents.ts';
import { visible } from '../core/visible.ts';

export function planText(steps: readonly PlannedStep[]): string {
  return steps
    .map(({ index, name, action, risk, plan }) =>
      [
        `Step ${index + 1}: ${visible(name)}  (${action}, ${risk})`,
        `  targets  ${plan.targets.map((target) => `${target.system}: ${visible(target.name)}`).join(', ') || 'none'}`,
        ...plan.changes.map((change) => `  change   ${visible(change)}`),
        ...plan.stays.map((stay) => `  stays    ${visible(stay)}`),
        ...Object.entries(plan.bounds).map(([what, most]) => `  at most  ${most} ${visible(what)}`),
        `  undo     ${visible(plan.undo)}`,
        `  proof    ${visible(plan.proof)}`,
      ].join('\n'),
    )
    .join('\n');
}
