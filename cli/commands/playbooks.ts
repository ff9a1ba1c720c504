/** `vigia playbooks …`: what can be done, and what it would do. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Run } from '../../core/documents.ts';
import { errors } from '../../core/errors.ts';
import { visible } from '../../core/visible.ts';
import type { Flow as PlannableFlow, PlannedFlow } from '../../playbooks/index.ts';
import type { Api } from '../api.ts';
import { type Command, command } from '../command.ts';
import { planPaper } from '../plan-paper.ts';
import { planText } from '../plan-text.ts';
import { table } from '../print.ts';
import { killSwitchCommands } from './kill-switch.ts';

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
  {
    flags: '--input <name=value>',
    summary: 'an input; repeat for more, and for more values of a list',
    many: true,
  },
  { flags: '--incident <incident>', summary: 'the incident it answers' },
];

/** The body of a request. */
async function asked(api: Api, flow: string, given: Readonly<Record<string, unknown>>) {
  const { flows } = await api.get<{ flows: Flow[] }>('/api/v1/flows');
  const input = inputFor(flows, flow, given);
  return { flow, input, ...(given['incident'] ? { incident: given['incident'] } : {}) };
}

/** `account=dave` pairs, each value of the type that the playbook declares. */
function inputFor(
  flows: readonly Pick<Flow, 'id' | 'input'>[],
  flow: string,
  given: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const types = flows.find(({ id }) => id === flow)?.input ?? {};
  const input: Record<string, unknown> = {};
  for (const pair of (given['input'] as string[] | undefined) ?? []) {
    const at = pair.indexOf('=');
    if (at < 1) throw errors.usage(`--input ${pair} is no name=value`);
    const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
    if (types[name]?.type === 'array') input[name] = [...((input[name] as string[]) ?? []), value];
    else input[name] = typed(value, types[name]?.type);
  }
  return input;
}

/** What is no number or truth value stays text, so that the playbook's own check names it. */
function typed(value: string, type: string | undefined): unknown {
  if (type === 'number' && value.trim() !== '' && Number.isFinite(Number(value))) return Number(value);
  return type === 'boolean' && (value === 'true' || value === 'false') ? value === 'true' : value;
}

const plan = command({
  name: 'playbooks plan',
  summary: 'what a playbook would do: targets, changes, what stays, undo; changes nothing',
  arguments: '<playbook>',
  options: [
    ...options,
    { flags: '--paper', summary: 'a page to print, with room for signatures and for what was done by hand' },
    { flags: '--offline', summary: 'without service and store, for when they are down; implies --paper' },
  ],
  example: 'vigia playbooks plan contain-account --input account=dave',
  async run([flow], given, context) {
    const made = new Date().toISOString();
    if (given['offline'] === true) {
      const planned = await planOffline(flow!, given, context.settingsFile);
      return { data: planned, text: planPaper(planned, made, UNKNOWN_OFFLINE) };
    }
    const api = await context.api();
    const planned = await api.post<PlannedFlow>('/api/v1/runs/plan', await asked(api, flow!, given));
    if (given['paper'] === true) return { data: planned, text: planPaper(planned, made, []) };
    return { data: planned, text: `${planText(planned.steps)}\nplan hash ${planned.planHash}` };
  },
});

const UNKNOWN_OFFLINE = [
  'people who may approve by a token are protected by the policy, but only the store knows them: make sure that no target is one of them',
];

async function planOffline(
  flow: string,
  given: Readonly<Record<string, unknown>>,
  settingsFile: string | undefined,
): Promise<PlannedFlow> {
  if (given['incident'] !== undefined)
    throw errors.usage('--incident needs the store', 'leave it out, and write the number on the page');
  const [{ offlinePlanner }, { readSettings }] = await Promise.all([
    import('../../server/offline-plan.ts'),
    import('../../server/settings.ts'),
  ]);
  const planner = offlinePlanner(readSettings(settingsFile));
  return await planner.plan(flow, inputFor(planner.flows(), flow, given));
}

const start = command({
  name: 'playbooks start',
  summary: 'ask for a run; it waits until somebody else approves',
  arguments: '<playbook>',
  options,
  async run([flow], given, context) {
    const api = await context.api();
    const { run } = await api.post<{ run: Run }>('/api/v1/runs', await asked(api, flow!, given));
    return {
      data: { run },
      text: `${planText(run.steps)}\n${run.number} is ${run.state}; another person reads it with "vigia runs show ${run.number}" and approves or refuses.`,
    };
  },
});

const toFile = { flags: '--out <file>', summary: 'where to write it; stdout when left out' };

const exported = command({
  name: 'playbooks export',
  summary: 'a playbook as CACAO 2.0 JSON, for other tools and partners',
  arguments: '<playbook>',
  options: [toFile],
  async run([id], { out }, context) {
    const { flows } = await (await context.api()).get<{ flows: PlannableFlow[] }>('/api/v1/flows');
    const flow = flows.find((one) => one.id === id);
    if (flow === undefined) throw errors.notFound('playbook', id!);
    const { actions, toCacao } = await import('../../playbooks/index.ts');
    const playbook = toCacao(flow, actions, new Date().toISOString());
    return written(out, `${JSON.stringify(playbook, undefined, 2)}\n`, playbook);
  },
});

const imported = command({
  name: 'playbooks import',
  summary: 'a CACAO 2.0 playbook as a flow file, checked; what cannot be run here is refused by name',
  arguments: '<file>',
  options: [toFile],
  example: 'vigia playbooks import partner.json --out playbooks/flows/partner.yml',
  async run([file], { out }) {
    const { actions, importFlow } = await import('../../playbooks/index.ts');
    const flow = importFlow(readText(file!), file!, actions);
    return written(out, flow, { flow });
  },
});

/** Nothing that lies there already is overwritten: a flow may be somebody's work. */
function written(out: unknown, content: string, data: unknown): { data: unknown; text: string } {
  if (out === undefined) return { data, text: content.trimEnd() };
  try {
    writeFileSync(String(out), content, { flag: 'wx' });
  } catch (cause) {
    throw errors.usage(`${String(out)} cannot be written: ${(cause as Error).message}`, 'name a new file');
  }
  return { data, text: `written to ${visible(String(out))}` };
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw errors.usage(`${file} cannot be read: ${(cause as Error).message}`);
  }
}

export const playbookCommands: readonly Command[] = [
  list,
  plan,
  start,
  ...killSwitchCommands,
  exported,
  imported,
];
