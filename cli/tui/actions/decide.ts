/** Deciding about a run: approve, refuse, resume, skip, abandon, undo, break-glass. The server checks all of it again. */
import type { Run } from '../../../core/documents.ts';
import type { MessageKey } from '../../../core/i18n/catalogue.ts';
import { type Console, reasonOf } from '../store/console.ts';
import { type ApproveDialog, wordOf } from '../store/dialog.ts';
import { fieldOf, textOf } from '../store/field.ts';
import { refreshRuns } from '../store/refresh.ts';
import { openForm } from './form.ts';
import { openRun } from './navigate.ts';
import { APPROVERS, RESPONDERS, whyNot } from './rights.ts';

export const selectedRun = (c: Console): Run | undefined => {
  const { screen, run, runs, incident } = c.state;
  if (run.id !== undefined && screen === 'runs') return run.value?.run;
  if (screen === 'runs') return runs.value?.find(({ id }) => id === runs.place.selected);
  return incident.value?.runs.find(({ id }) => id === incident.places.runs.selected);
};

export function decide(c: Console) {
  const run = selectedRun(c);
  if (!run) return;
  c.set({
    run: c.state.run.id === run.id ? c.state.run : { id: run.id, place: { top: 0 } },
    dialog: { kind: 'approve', opened: run, run, typed: fieldOf(), top: 0, openedAt: c.now(), busy: false },
  });
}

const same = (a: string, b: string) => a.trim().toLowerCase() === b.trim().toLowerCase();

/** Why this person cannot approve this run now; the server checks all of it again. */
export function whyNoApproval(c: Console, { run, opened }: ApproveDialog): ReturnType<typeof whyNot> {
  const { me } = c.state;
  if (run.state !== 'waiting') return c.say('approve.over', { state: c.say(`run.${run.state}`) });
  if (Date.parse(run.expires) <= c.now()) return c.say('approve.over', { state: c.say('run.expired') });
  if (run.planHash !== opened.planHash) return c.say('approve.changed');
  if (me && same(me.user, run.requestedBy)) return c.say('approve.requester', { user: me.user });
  if (me && run.approvals.some(({ by, planHash }) => same(by, me.user) && planHash === run.planHash))
    return c.say('approve.already');
  return whyNot(c, APPROVERS);
}

export const isTyped = (dialog: ApproveDialog): boolean =>
  textOf(dialog.typed).trim() === wordOf(dialog.run.steps);

export function approve(c: Console, dialog: ApproveDialog) {
  if (dialog.busy || !isTyped(dialog) || whyNoApproval(c, dialog)) return;
  const busy = { ...dialog, busy: true };
  c.set({ dialog: busy });
  const { run } = dialog;
  c.run(
    c.api
      .post<{ run: Run }>(`/api/v1/runs/${encodeURIComponent(run.id)}/approve`, {
        planHash: dialog.opened.planHash,
      })
      .then(async (answer) => {
        c.set({ dialog: undefined });
        const given = answer.run.approvals.length;
        c.tell(
          answer.run.state === 'expired' ? 'problem' : 'done',
          answer.run.state === 'expired'
            ? c.say('run.expired')
            : c.say('done.approved', { run: run.number, given, needed: run.approvalsNeeded }),
        );
        await openRun(c, run.id);
      })
      .catch((cause: unknown) => {
        if (c.state.dialog?.kind === 'approve')
          c.set({ dialog: { ...dialog, busy: false, typed: fieldOf(), problem: reasonOf(cause) } });
        else throw cause;
      }),
  );
}

type Verb = 'refuse' | 'abandon' | 'undo' | 'skip' | 'resume' | 'break-glass';

/** A run that waits for nobody's approval is done through here: each verb with its reason. */
export function reasoned(c: Console, verb: Verb, run: Run | undefined = selectedRun(c)) {
  if (!run) return;
  const why = whyNot(c, ['refuse', 'undo', 'break-glass'].includes(verb) ? APPROVERS : RESPONDERS);
  if (why) return c.tell('problem', why);
  const path = `/api/v1/runs/${encodeURIComponent(run.id)}/${verb}`;
  const finished = async () => {
    c.tell('done', c.say(`done.${verb}` as MessageKey, { run: run.number }));
    await refreshRuns(c);
  };
  if (verb === 'resume') {
    c.run(c.api.post(path).then(finished));
    return;
  }
  const open = run.steps.find(
    ({ outcome }) =>
      outcome === undefined || outcome === 'failed' || outcome === 'unknown' || outcome === 'not-proven',
  );
  openForm(c, {
    draft: `${verb} ${run.id}`,
    title: c.say(`${verb}.title` as MessageKey, { run: run.number }),
    fields: [
      ...(verb === 'skip'
        ? [{ name: 'step', label: c.say('skip.step'), required: true, value: String((open?.index ?? 0) + 1) }]
        : []),
      { name: 'reason', label: c.say('form.reason'), required: true },
    ],
    async submit({ reason, step }) {
      await c.api.post(path, {
        reason,
        ...(verb === 'skip' ? { step: Number(step) - 1 } : {}),
        // The plan that is on the screen, and no other.
        ...(verb === 'break-glass' ? { planHash: run.planHash } : {}),
      });
      await finished();
    },
  });
}
