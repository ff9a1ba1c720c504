/** A flow as a CACAO 2.0 playbook: readable for other tools, and exact for ours through an extension. */
import { parseQuery } from '../../core/conditions/query-line.ts';
import type { Action } from '../action.ts';
import { durationMs, type Flow, type FlowStep } from '../engine/flow.ts';
import { conditionText, variableOf } from './condition-text.ts';
import { type CacaoPlaybook, type CacaoStep, EXTENSION, uuidFrom, VIGIA_IDENTITY } from './model.ts';

/** `at`: time of the export (ISO, UTC, milliseconds). */
export function toCacao(flow: Flow, actions: readonly Action[], at: string): CacaoPlaybook {
  const workflow: Record<string, CacaoStep> = {};
  const idOf = (type: CacaoStep['type'], what: string) =>
    `${type}--${uuidFrom(`${flow.id}/${type}/${what}`)}`;
  const agent = `organization--${uuidFrom(`${flow.id}/vigia`)}`;
  const end = (what: string): string => {
    const id = idOf('end', what);
    workflow[id] = { type: 'end' };
    return id;
  };

  /** The step, with its condition around it; returns the id with which it begins. */
  function addStep(step: FlowStep, next: string): string {
    const id = idOf('action', step.name);
    const condition = step.when === undefined ? undefined : idOf('if-condition', step.name);
    const behind = condition === undefined ? next : end(`behind ${step.name}`);
    const goesOn = step.on_failure === 'continue';
    workflow[id] = {
      type: 'action',
      name: step.name,
      description: actions.find((action) => action.id === step.action)?.title ?? step.action,
      ...(goesOn
        ? { on_completion: behind }
        : { on_success: behind, on_failure: end(`failed ${step.name}`) }),
      ...(step.time_limit === undefined ? {} : { timeout: durationMs(step.time_limit) }),
      commands: [{ type: 'manual', command: commandText(step, actions) }],
      agent,
      step_extensions: { [EXTENSION]: { vigia_step: written(step) } },
    };
    if (condition === undefined || step.when === undefined) return id;
    workflow[condition] = {
      type: 'if-condition',
      name: `Only if: ${step.when}`,
      condition: conditionText(parseQuery(step.when)),
      on_true: id,
      on_completion: next,
      step_extensions: { [EXTENSION]: { vigia_condition: step.when } },
    };
    return condition;
  }
  const addChain = (steps: readonly FlowStep[], next: string): string =>
    steps.reduceRight((behind, step) => addStep(step, behind), next);
  function addGroup(steps: readonly FlowStep[], next: string): string {
    if (steps[0]?.branch === undefined) return addChain(steps, next);
    const { group } = steps[0].branch;
    const id = idOf('parallel', String(group));
    const branches = [...Map.groupBy(steps, ({ branch }) => branch?.number).entries()];
    workflow[id] = {
      type: 'parallel',
      name: `Beside each other: ${branches.length} branches`,
      next_steps: branches.map(([number, branch]) => addChain(branch, end(`branch ${group}/${number}`))),
      on_completion: next,
    };
    return id;
  }

  const groups = [
    ...Map.groupBy(flow.steps, ({ branch, name }) => (branch ? `g${branch.group}` : `s${name}`)).values(),
  ];
  const first = groups.reduceRight((next, group) => addGroup(group, next), end('flow'));
  const start = idOf('start', 'flow');
  workflow[start] = { type: 'start', on_completion: first };
  return {
    type: 'playbook',
    spec_version: 'cacao-2.0',
    id: `playbook--${uuidFrom(flow.id)}`,
    name: flow.title,
    description: flow.description,
    created_by: VIGIA_IDENTITY,
    created: at,
    modified: at,
    playbook_variables: Object.fromEntries(
      Object.entries(flow.input).map(([name, { type, description }]) => [
        variableOf(`input.${name}`),
        { type: TYPES[type], description, external: true },
      ]),
    ),
    workflow_start: start,
    workflow,
    playbook_extensions: {
      [EXTENSION]: { vigia_id: flow.id, ...(flow.safe ? { vigia_safe: true } : {}), vigia_input: flow.input },
    },
    agent_definitions: { [agent]: { type: 'organization', name: 'Security operations' } },
    extension_definitions: {
      [EXTENSION]: {
        type: 'extension-definition',
        name: 'Vigia flow',
        created_by: VIGIA_IDENTITY,
        schema:
          'vigia_step holds a step, vigia_input the inputs, as in the flow files of Vigia (docs/playbooks.md)',
        version: '1.0.0',
      },
    },
  };
}

/** CACAO has no lists and no booleans of its own: a list is written as a dictionary. */
const TYPES = { string: 'string', number: 'float', boolean: 'bool', array: 'dictionary' } as const;

/** As the file has it: where it stands is told by the workflow. */
const written = ({ branch: _, ...step }: FlowStep) => step;

function commandText(
  { action: id, for_each, with: given = {} }: FlowStep,
  actions: readonly Action[],
): string {
  const title = actions.find((action) => action.id === id)?.title ?? id;
  const values = Object.entries(given).map(([name, value]) => `${name} = ${shown(value)}`);
  const each = for_each === undefined ? '' : ` For each item of ${shown(for_each)}.`;
  return `${title}.${each}${values.length > 0 ? ` ${values.join('; ')}` : ''}`;
}

/** References become CACAO's own: `{{input.account}}` is `__account__:value`. */
const shown = (value: unknown): string =>
  (typeof value === 'string' ? value : JSON.stringify(value)).replace(
    /\{\{\s*([\w.]+)\s*\}\}/g,
    (_, field: string) => `${variableOf(field)}:value`,
  );
