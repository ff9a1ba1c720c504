/** From an incident to a run: choose a playbook, give its input, look at the plan, ask for it. */
import type { Incident, Run } from '../../../core/documents.ts';
import { type Shown, visible } from '../../../core/visible.ts';
import type { Flow } from '../../../playbooks/engine/flow.ts';
import type { PlannedFlow } from '../../../playbooks/engine/planner.ts';
import { ask, type Console } from '../store/console.ts';
import { DEAF_MS, type PlanDialog } from '../store/dialog.ts';
import { targets } from './change.ts';
import { openForm } from './form.ts';
import { openRun } from './navigate.ts';

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
