/** From an incident to a run: choose a playbook, give its input, look at the plan, ask; then decide, resume, undo. */
import type { Incident, Run } from '../../../core/documents.ts';
import type { MessageKey } from '../../../core/i18n/catalogue.ts';
import { type Shown, visible } from '../../../core/visible.ts';
import type { Flow } from '../../../playbooks/engine/flow.ts';
import type { PlannedFlow } from '../../../playbooks/engine/planner.ts';
import { ask, type Console, reasonOf } from '../store/console.ts';
import { type ApproveDialog, DEAF_MS, type PlanDialog, wordOf } from '../store/dialog.ts';
import { fieldOf, textOf } from '../store/field.ts';
import { refreshRuns } from '../store/refresh.ts';
import { openForm } from './form.ts';
import { targets } from './incident.ts';
import { openRun } from './navigate.ts';
import { APPROVERS, RESPONDERS, whyNot } from './rights.ts';

export function choosePlaybook(c: Console) {
  const row = targets(c)[0];
  if (!row) return c.tell('info', c.say('why.nothing'));
  c.run(
    ask(c, () => c.api.get<{ flows: Flow[] }>('/api/v1/flows')).then(({ flows }) => {
      c.set({
        flows,
        dialog: {
          kind: 'choose',
          title: c.say('playbook.choose', { id: row.number }),
          selected: 0,
          options: flows.map((flow) => ({
            id: flow.id,
            label: visible(flow.title),
            about: visible(flow.description.trim()),
          })),
          choose: (id) => givenInput(c, flows.find((flow) => flow.id === id)!, row),
        },
      });
    }),
  );
}

/** The account is filled in from the incident: its user, and the addresses it was seen from. */
export function prefill(name: string, incident: Pick<Incident, 'entities'>): string | undefined {
  const of = (type: string) =>
    incident.entities.filter((entity) => entity.type === type).map((entity) => entity.name);
  if (name === 'account' || name === 'user') return of('user')[0];
  if (name === 'host') return of('host')[0];
  if (name === 'addresses') return of('address').join(' ');
  return undefined;
}

function givenInput(c: Console, flow: Flow, incident: Incident) {
  openForm(c, {
    draft: `plan ${flow.id} ${incident.id}`,
    title: visible(flow.title),
    fields: Object.entries(flow.input).map(([name, input]) => ({
      name,
      label: visible(name),
      about: aboutInput(c, name, input.description, incident),
      required: input.required ?? false,
      value:
        prefill(name, incident) ??
        (input.default === undefined
          ? ''
          : Array.isArray(input.default)
            ? input.default.join(' ')
            : String(input.default)),
      ...(input.type === 'boolean'
        ? {
            options: [
              { value: 'false', label: c.say('no') },
              { value: 'true', label: c.say('yes') },
            ],
          }
        : {}),
    })),
    async submit(values) {
      const input = inputOf(flow, values);
      const plan = await ask(c, () =>
        c.api.post<PlannedFlow>('/api/v1/runs/plan', { flow: flow.id, input, incident: incident.id }),
      );
      c.set({
        dialog: {
          kind: 'plan',
          flow,
          plan,
          incident: { id: incident.id, number: incident.number },
          top: 0,
          openedAt: c.now(),
          busy: false,
        },
      });
    },
  });
}

/** The first user is a guess; the others are named beside it. */
function aboutInput(c: Console, name: string, description: string, { entities }: Incident): Shown {
  const users = entities.filter(({ type }) => type === 'user').map((user) => user.name);
  return name === 'account' && users.length > 1
    ? visible(`${description} ${c.say('playbook.users', { users: users.join(', ') })}`)
    : visible(description);
}

/** Empty fields are left out, so that the flow's defaults hold. */
export function inputOf(flow: Flow, values: Readonly<Record<string, string>>): Record<string, unknown> {
  const read = {
    string: (text: string) => text,
    number: Number,
    boolean: (text: string) => text === 'true',
    array: (text: string) => text.split(/[\s,]+/).filter(Boolean),
  };
  return Object.fromEntries(
    Object.entries(flow.input).flatMap(([name, { type }]) =>
      values[name] ? [[name, read[type](values[name])]] : [],
    ),
  );
}

/** The request carries the hash of the plan on the screen: a plan that changed meanwhile is refused. */
export function askForRun(c: Console, dialog: PlanDialog) {
  if (dialog.busy || c.now() - dialog.openedAt < DEAF_MS) return;
  const busy = { ...dialog, busy: true };
  c.set({ dialog: busy });
  const { flow, plan, incident } = dialog;
  const body = {
    flow: flow.id,
    input: plan.input,
    seen: plan.planHash,
    ...(incident ? { incident: incident.id } : {}),
  };
  c.run(
    c.api
      .post<{ run: Run }>('/api/v1/runs', body)
      .then(async ({ run }) => {
        if (c.state.dialog === busy) c.set({ dialog: undefined });
        c.tell('done', c.say('done.asked', { run: run.number, expires: run.expires }));
        await openRun(c, run.id);
      })
      .catch((cause: unknown) => {
        if (c.state.dialog === busy) c.set({ dialog: { ...dialog, busy: false } });
        throw cause;
      }),
  );
}

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

type Verb = 'refuse' | 'abandon' | 'undo' | 'skip' | 'resume';

/** A run that waits for nobody's approval is done through here: each verb with its reason. */
export function reasoned(c: Console, verb: Verb, run: Run | undefined = selectedRun(c)) {
  if (!run) return;
  const why = whyNot(c, verb === 'refuse' || verb === 'undo' ? APPROVERS : RESPONDERS);
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
      await c.api.post(path, { reason, ...(verb === 'skip' ? { step: Number(step) - 1 } : {}) });
      await finished();
    },
  });
}
