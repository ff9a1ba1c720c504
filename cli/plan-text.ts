/** A plan as a person reads it before deciding. */
import type { PlannedStep } from '../core/documents.ts';
import { visible } from '../core/visible.ts';

export function planText(steps: readonly PlannedStep[]): string {
  return steps
    .map(({ index, name, action, risk, plan, radius, ...step }) =>
      [
        `Step ${index + 1}: ${visible(name)}  (${action}, ${risk})`,
        `  targets  ${plan.targets.map((target) => `${target.system}: ${visible(target.name)}`).join(', ') || 'none'}`,
        ...plan.changes.map((change) => `  change   ${visible(change)}`),
        ...plan.stays.map((stay) => `  stays    ${visible(stay)}`),
        ...Object.entries(plan.bounds).map(([what, most]) => `  at most  ${most} ${visible(what)}`),
        ...(radius === undefined ? [] : [`  suffers  ${radiusText(radius)}`]),
        ...orderLines(step),
        `  undo     ${visible(plan.undo)}`,
        `  proof    ${visible(plan.proof)}`,
      ].join('\n'),
    )
    .join('\n');
}

/** By the inventory. */
const radiusText = ({ users, services, hosts, dependants, foremost }: NonNullable<PlannedStep['radius']>) =>
  `${services} services with ${users} users, ${hosts} hosts; ${dependants} things need it${
    foremost.length === 0
      ? ''
      : `: ${foremost.map((name) => visible(name)).join(', ')}${dependants > foremost.length ? ', …' : ''}`
  }`;

/** When a step runs, and what its failure leads to; what every step does when nothing is said is not said. */
const orderLines = ({
  when,
  branch,
  window,
  limitMs,
  onFailure,
}: Pick<PlannedStep, 'when' | 'branch' | 'window' | 'limitMs' | 'onFailure'>): string[] => [
  ...(when === undefined ? [] : [`  only if  ${visible(when)}`]),
  ...(branch === undefined ? [] : [`  beside   the other branches; this is branch ${branch.number + 1}`]),
  ...(window === undefined ? [] : [`  window   ${visible(window)}`]),
  ...(limitMs === undefined ? [] : [`  limit    ${limitMs / 1_000} s, then nothing more is sent`]),
  ...(onFailure === 'stop' ? [] : [`  if not   ${FAILURES[onFailure]}`]),
];
const FAILURES = {
  continue: 'proven, the run goes on',
  compensate: 'proven, what the run did is taken back, last step first',
} as const;
