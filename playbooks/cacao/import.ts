/** A CACAO 2.0 playbook as a flow: ours come back exactly, of others what a person can be asked to do; the rest is refused by name. */
import { errors, type Problem } from '../../core/errors.ts';
import type { WrittenFlow } from '../engine/check-flow.ts';
import type { FlowInput, WrittenItem, WrittenStep } from '../engine/flow.ts';
import { type CacaoStep, EXTENSION } from './model.ts';

type Json = Readonly<Record<string, unknown>>;
const isMap = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const MAX_BYTES = 5_242_880;

/** Throws `errors.invalid` with everything that it cannot take, each by the name and id of its step. */
export function fromCacao(text: string, path: string): WrittenFlow {
  const problems: Problem[] = [];
  const say = (message: string, hint?: string) =>
    void problems.push({ path, message, ...(hint === undefined ? {} : { hint }) });
  const playbook = parsed(text, path);
  const workflow = isMap(playbook['workflow']) ? playbook['workflow'] : {};

  const seen = new Set<string>();
  /** Steps from `id` to the end of its branch. */
  function walk(id: unknown): WrittenItem[] {
    const items: WrittenItem[] = [];
    for (let at = id; at !== undefined; ) {
      const step = typeof at === 'string' ? workflow[at] : undefined;
      if (typeof at !== 'string' || !isMap(step)) {
        say(`refers to a step that does not exist: ${JSON.stringify(at)}`);
        return items;
      }
      if (seen.has(at) && step['type'] !== 'end') {
        say(`${nameOf(at, step)} is reached twice`, 'loops and joined branches cannot be imported');
        return items;
      }
      seen.add(at);
      if (step['type'] === 'end') return items;
      items.push(...itemOf(at, step as unknown as CacaoStep));
      at = step['on_completion'] ?? step['on_success'];
    }
    return items;
  }
  function itemOf(id: string, step: CacaoStep): WrittenItem[] {
    const own = step.step_extensions?.[EXTENSION];
    if (step.type === 'start') return [];
    if (step.type === 'parallel') return [{ parallel: (step.next_steps ?? []).map(branchOf) }];
    if (step.type === 'if-condition' && own?.['vigia_condition'] !== undefined) return walk(step.on_true);
    if (step.type !== 'action') {
      say(`${nameOf(id, step)}: steps of type ${JSON.stringify(step.type)} cannot be run here`);
      return [];
    }
    if (typeof step.on_failure === 'string') expectEnd(id, step);
    if (isMap(own?.['vigia_step'])) return [own['vigia_step'] as unknown as WrittenStep];
    return foreignStep(id, step, say);
  }
  function branchOf(id: string): WrittenStep[] {
    return walk(id).filter((item): item is WrittenStep => {
      if (!('parallel' in item)) return true;
      say(`branch ${id} branches again`, 'branches inside branches cannot be run here');
      return false;
    });
  }
  function expectEnd(id: string, step: CacaoStep): void {
    const target = workflow[step.on_failure!];
    seen.add(step.on_failure!);
    if (!isMap(target) || target['type'] !== 'end')
      say(
        `${nameOf(id, step)}: what follows its failure cannot be run here`,
        'let on_failure point to an end',
      );
  }

  const steps = walk(playbook['workflow_start']);
  for (const [id, step] of Object.entries(workflow))
    if (!seen.has(id) && isMap(step) && step['type'] !== 'end') say(`${nameOf(id, step)} is never reached`);
  if (steps.length === 0 && problems.length === 0) say('asks for nothing');
  if (problems.length > 0) throw errors.invalid('playbook', problems);
  return { ...aboutFlow(playbook), steps };
}

function parsed(text: string, path: string): Json {
  const refuse = (message: string): never => {
    throw errors.invalid('playbook', [{ path, message }]);
  };
  if (text.length > MAX_BYTES) refuse(`is larger than ${MAX_BYTES} bytes`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own message shows a piece of the file.
    refuse('is no JSON');
  }
  if (!isMap(value) || value['type'] !== 'playbook' || value['spec_version'] !== 'cacao-2.0')
    return refuse('is no CACAO 2.0 playbook: its type is "playbook" and its spec_version "cacao-2.0"');
  return value;
}

const nameOf = (id: string, step: { readonly name?: unknown }): string =>
  `step ${JSON.stringify(String(step.name ?? ''))} (${id})`;

/** Ours says how it was called; others get an id from their name. */
function aboutFlow(playbook: Json): Omit<WrittenFlow, 'steps'> {
  const extensions = playbook['playbook_extensions'];
  const extension = isMap(extensions) ? extensions[EXTENSION] : undefined;
  const own: Json = isMap(extension) ? extension : {};
  const title = String(playbook['name'] ?? '').trim() || 'Imported playbook';
  const slug = title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '')
    .slice(0, 60);
  return {
    id: typeof own['vigia_id'] === 'string' ? own['vigia_id'] : `imported-${slug || 'playbook'}`.slice(0, 64),
    title,
    description: String(playbook['description'] ?? title),
    ...(own['vigia_safe'] === true ? { safe: true } : {}),
    ...(isMap(own['vigia_input']) ? { input: own['vigia_input'] as Record<string, FlowInput> } : {}),
  };
}

/** Of another tool only what it asks people to do: a command for a machine is not run because a file says so. */
function foreignStep(
  id: string,
  step: CacaoStep,
  say: (message: string, hint?: string) => void,
): WrittenStep[] {
  const commands = step.commands ?? [];
  const foreign = commands.filter(({ type, command }) => type !== 'manual' || typeof command !== 'string');
  for (const { type } of foreign)
    say(
      `${nameOf(id, step)}: a command of type ${JSON.stringify(type)} cannot be run here`,
      'replace it by a step with one of our actions',
    );
  if (foreign.length > 0 || commands.length === 0) return [];
  return [
    {
      name: step.name ?? id,
      action: 'person.do',
      with: {
        system: 'as the playbook says',
        subject: step.name ?? id,
        task: commands.map(({ command }) => command).join('\n'),
        evidence: 'what shows that it is done',
      },
      on_failure: step.on_completion === undefined ? 'stop' : 'continue',
    },
  ];
}
