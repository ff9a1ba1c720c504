/** `vigia playbooks …`: what can be done, and what it would do. */
import type { PlannedStep, Run } from '../../core/documents.ts';
import { errors } from '../../core/errors.ts';
import { type Command, command } from '../command.ts';
import { planText } from '../plan-text.ts';
import { table } from '../print.ts';

interface Flow {
  id: string;
  title: string;
  input: Record<string, { type: string; description: string; required?: boolean }>;
}

const list = command({
  name: 'playbooks list',
  summary: 'playbooks and their inputs',
  async run(_args, _options, context) {
    const { flows } = await (await context.api()).get<{ flows: Flow[] }>('/api/v1/flows');
    const rows = flows.map((flow) => [
      flow.id,
      Object.entries(flow.input ?? {})
        .map(([name, one]) => (one.required ? name : `[${name}]`))
        .join(' '),
      flow.title,
    ]);
    return { data: { flows }, text: table(['PLAYBOOK', 'INPUT', 'TITLE'], rows) };
  },
});

const options = [
  { flags: '--input <name=value>', summary: 'an input; repeat for more', many: true },
  { flags: '--incident <incident>', summary: 'the incident it answers' },
];

/** `account=dave` pairs as the body of a request. */
function asked(flow: string, given: Readonly<Record<string, unknown>>) {
  const pairs = ((given['input'] as string[] | undefined) ?? []).map((pair) => {
    const at = pair.indexOf('=');
    if (at < 1) throw errors.usage(`--input ${pair} is no name=value`);
    return [pair.slice(0, at), pair.slice(at + 1)];
  });
  return {
    flow,
    input: Object.fromEntries(pairs) as Record<string, string>,
    ...(given['incident'] ? { incident: given['incident'] } : {}),
  };
}

const plan = command({
  name: 'playbooks plan',
  summary: 'what a playbook would do: targets, changes, what stays, undo; changes nothing',
  arguments: '<playbook>',
  options,
  example: 'vigia playbooks plan contain-account --input account=dave',
  async run([flow], given, context) {
    const planned = await (await context.api()).post<{ steps: PlannedStep[]; planHash: string }>(
      '/api/v1/runs/plan',
      asked(flow!, given),
    );
    return { data: planned, text: `${planText(planned.steps)}\nplan hash ${planned.planHash}` };
  },
});

const start = command({
  name: 'playbooks start',
  summary: 'ask for a run; it waits until somebody else approves',
  arguments: '<playbook>',
  options,
  async run([flow], given, context) {
    const { run } = await (await context.api()).post<{ run: Run }>('/api/v1/runs', asked(flow!, given));
    return {
      data: { run },
      text: `${planText(run.steps)}\n${run.number} is ${run.state}; another person reads it with "vigia runs show ${run.number}" and approves or refuses.`,
    };
  },
});

export const playbookCommands: readonly Command[] = [list, plan, start];
