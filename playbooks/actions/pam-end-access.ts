/** Ends the privileged access that Vigia gave somebody for a time, before its time, and says what each target showed. */
import type { Access } from '../../core/documents.ts';
import { errors } from '../../core/errors.ts';
import { changing } from '../../targets/calls.ts';
import { action, type Proof, said } from '../action.ts';
import { atMost } from '../inputs.ts';
import { type HolderInput, holderInput, holderSubject, isOpen, openOf, together } from '../pam.ts';

interface Input extends HolderInput {
  readonly maxAccess: number;
}

interface Before {
  readonly ids: readonly string[];
}

export const pamEndAccess = action<Input, Before, { asked: string[] }>({
  id: 'pam.end-access',
  title: 'End privileged access that Vigia gave for a time',
  risk: 'destructive',
  input: {
    type: 'object',
    required: ['account'],
    additionalProperties: false,
    properties: {
      ...holderInput,
      maxAccess: atMost('privileges', 20, 1_000),
    },
  },
  async plan(input, ctx) {
    const open = await openOf(input, ctx);
    return {
      plan: {
        targets: open.map(({ system, id, role, account: holder }) => ({
          system,
          identity: id,
          name: `${role} of ${holder}`,
        })),
        changes: open.map(
          ({ id, state, role, account: holder, system }) =>
            `- ${id} (${state}): ${said(holder)} has ${said(role)} on ${said(system)} no longer, and what is open there is ended`,
        ),
        stays: [
          ...(open.length === 0 ? ['Vigia gave nothing that is not over'] : []),
          'privileges for good (pam.expire-standing); access that is asked for anew',
        ],
        undo: 'impossible: access is asked for and approved anew',
        proof: 'asks each target for the right and for open sessions',
        bounds: { access: input.maxAccess },
        observed: { access: open.length },
      },
      subjects: open.map(holderSubject),
      before: { ids: open.map(({ id }) => id) },
    };
  },
  async act({ before, plan }, ctx) {
    if (before.ids.length > (plan.bounds['access'] ?? 0))
      throw errors.refused('there is more access than approved');
    const asked: string[] = [];
    for (const id of before.ids)
      if (isOpen(await ctx.access.get(id))) {
        await changing(ctx.calls, `access end ${id}`, () => ctx.access.end(id));
        asked.push(id);
      }
    return { asked };
  },
  async verify({ before }, ctx) {
    const all = await Promise.all(before.ids.map((id) => ctx.access.get(id)));
    return together(all.map(proofOf));
  },
  undo: 'access is asked for and approved anew',
});

/** The weakest of the two questions: a right that is gone ends no session. */
function proofOf(access: Access): Proof {
  const { id, state, ended, trouble } = access;
  if (ended !== undefined) {
    const { right, sessions } = ended.proof;
    const outcomes = [right.outcome, sessions.outcome];
    const outcome = outcomes.includes('not-proven')
      ? 'not-proven'
      : outcomes.includes('unknown')
        ? 'unknown'
        : 'proven';
    return { outcome, detail: `${id}: ${right.detail}; ${sessions.detail}` };
  }
  if (isOpen(access))
    return {
      outcome: 'not-proven',
      detail: `${id} is still ${state}${trouble === undefined ? '' : ` (${trouble.detail})`}; Vigia goes on trying, resume the run to look again`,
    };
  return { outcome: 'proven', detail: `${id} was never given (${state})` };
}
