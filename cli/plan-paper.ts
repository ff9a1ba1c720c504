/** A plan as a page to print: what would be done, room for signatures, and for what was done by hand (docs/out-of-band.md). */
import { visible } from '../core/visible.ts';
import type { PlannedFlow } from '../playbooks/index.ts';
import { planText } from './plan-text.ts';
import { facts } from './print.ts';

const LINE = '_'.repeat(28);
const SIGNED = `${LINE}  at ${'_'.repeat(16)} UTC   signature ${LINE}`;

/** `without` says what could not be looked up when the plan was made. */
export function planPaper(plan: PlannedFlow, made: string, without: readonly string[]): string {
  const { flow, steps, planHash, approvals, input, left } = plan;
  const { needed, role, hours, of } = approvals;
  const who =
    of === undefined ? `with the role ${role}` : `among ${of.map((name) => visible(name)).join(', ')}`;
  const given = Object.entries(input).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return [
    `PLAN ON PAPER: ${visible(flow.title)} (${flow.id})`,
    '',
    facts([
      ['made', made],
      ['version', flow.hash],
      ['plan hash', planHash],
      ['input', given.join('  ')],
      [
        'approvals',
        `${needed} by people ${who}, none of them the one who asks; they hold for ${hours} hours`,
      ],
    ]),
    ...without.map((what) => `NOT LOOKED UP: ${what}`),
    '',
    planText(steps),
    ...left.map((name) => `Left out: ${visible(name)}`),
    '',
    'CONSENT. Read the plan above, compare the first 8 characters of the plan hash aloud, write them down, and sign.',
    '',
    `asked by     ${SIGNED}`,
    ...Array.from(
      { length: Math.max(needed, 1) },
      (_, at) => `approved ${at + 1}   hash ________  ${SIGNED}`,
    ),
    '',
    'WHAT WAS DONE. One line for each step, at once after it; keep what shows it, and number it.',
    '',
    ...steps.map(
      ({ index, name }) =>
        `${index + 1}  ${visible(name)}\n   by ${LINE}  at ${'_'.repeat(16)} UTC   seen ${LINE}  evidence ______`,
    ),
  ].join('\n');
}
