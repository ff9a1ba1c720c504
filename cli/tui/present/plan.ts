/** A plan as the person who decides reads it: targets, what changes, what stays, bounds, undo, proof. */
import type { PlannedStep } from '../../../core/documents.ts';
import type { Shown } from '../../../core/visible.ts';
import { cells, wrap } from './cells.ts';
import { type Line, piece, type Style, sign } from './line.ts';
import type { View } from './view.ts';

export function planLines(view: View, step: PlannedStep, width: number): Line[] {
  const { say, data } = view;
  const { plan, protection, radius } = step;
  const facts: [Shown, Shown, Style][] = [
    ...plan.targets.map(({ system, name }, at): [Shown, Shown, Style] => [
      at === 0 ? say('plan.targets') : sign(''),
      data(`${name}  (${system})`),
      'bold',
    ]),
    ...plan.changes.map((text, at): [Shown, Shown, Style] => [
      at === 0 ? say('plan.changes') : sign(''),
      data(text),
      'plain',
    ]),
    ...plan.stays.map((text, at): [Shown, Shown, Style] => [
      at === 0 ? say('plan.stays') : sign(''),
      data(text),
      'plain',
    ]),
    ...Object.entries(plan.bounds).map(([what, most]): [Shown, Shown, Style] => [
      say('plan.bound'),
      data(`${most} ${what}`),
      'plain',
    ]),
    ...(radius === undefined
      ? []
      : [[say('plan.suffers'), radiusText(view, radius), 'warn'] satisfies [Shown, Shown, Style]]),
    ...(protection ?? []).map((text): [Shown, Shown, Style] => [say('plan.protected'), data(text), 'warn']),
    ...orderFacts(view, step),
    [say('plan.undo'), data(plan.undo), 'plain'],
    [say('plan.proof'), data(plan.proof), 'plain'],
  ];
  const name = Math.max(...facts.map(([text]) => cells(text)));
  return facts.flatMap(([title, text, style]) =>
    wrap(text, Math.max(20, width - name - 6)).map(
      (part, at): Line => [
        piece(sign(`    ${at === 0 ? title : ''}`.padEnd(name + 6)), 'dim'),
        piece(part, style),
      ],
    ),
  );
}

/** By the inventory. */
const radiusText = ({ say }: View, radius: NonNullable<PlannedStep['radius']>): Shown =>
  say('plan.radius', { ...radius, foremost: radius.foremost.join(', ') });

/** When it runs, and what its failure leads to; what every step does when nothing is said is not said. */
function orderFacts({ say, data }: View, step: PlannedStep): [Shown, Shown, Style][] {
  const { when, branch, window, limitMs, onFailure } = step;
  const facts: [Shown, Shown | undefined][] = [
    [say('plan.when'), when === undefined ? undefined : data(when)],
    [say('plan.beside'), branch && say('plan.branch', { number: branch.number + 1 })],
    [say('plan.window'), window === undefined ? undefined : data(window)],
    [
      say('plan.limit'),
      limitMs === undefined ? undefined : say('plan.seconds', { seconds: limitMs / 1_000 }),
    ],
    [say('plan.failure'), onFailure === 'stop' ? undefined : say(`plan.failure.${onFailure}`)],
  ];
  return facts.flatMap(([title, text]) => (text === undefined ? [] : [[title, text, 'plain']]));
}

export const stepTitle = ({ data, say }: View, step: PlannedStep): Line => [
  piece(sign(`${step.index + 1}  `)),
  piece(data(step.name), 'bold'),
  piece(sign('  ')),
  piece(say(`risk.${step.risk}`), step.risk === 'destructive' ? 'fail' : 'plain'),
  piece(sign('  ')),
  piece(data(step.action), 'dim'),
];

/** Every step in full, as plain text: what a changed plan is compared with. */
export const planText = (view: View, steps: readonly PlannedStep[], width: number): Line[] =>
  steps.flatMap((step) => [stepTitle(view, step), ...planLines(view, step, width)]);
