/** Reads every flow of a folder; all mistakes of all files are reported at once, each with its place. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseQuery } from '../../core/conditions/query-line.ts';
import { errors, type Problem, VigiaError } from '../../core/errors.ts';
import { checkSchema } from '../../core/schema.ts';
import { didYouMean } from '../../core/suggest.ts';
import { parseYaml, type YamlDocument } from '../../core/yaml.ts';
import type { Action } from '../action.ts';
import { hashOf } from './canonical.ts';
import { type Flow, type FlowStep, flowSchema } from './flow.ts';
import { referenceMistakes } from './references.ts';

interface Written extends Omit<Flow, 'steps' | 'hash' | 'input'> {
  readonly input?: Flow['input'];
  readonly steps: readonly {
    readonly name: string;
    readonly action: string;
    readonly with?: Readonly<Record<string, unknown>>;
    readonly when?: string;
    readonly approve?: number;
    readonly on_failure?: 'stop' | 'continue';
  }[];
}

/** Flows by id. Throws `errors.invalid` when any file has a mistake. */
export function loadFlows(folder: string, actions: readonly Action[]): Map<string, Flow> {
  const flows = new Map<string, Flow>();
  const problems: Problem[] = [];
  for (const name of readdirSync(folder)
    .filter((each) => /\.ya?ml$/.test(each))
    .sort()) {
    const path = join(folder, name);
    const parsed = parseYaml(readFileSync(path, 'utf8'), path);
    problems.push(...parsed.problems);
    for (const document of parsed.documents) {
      const mistakes = checkSchema(flowSchema, document);
      if (mistakes.length === 0) mistakes.push(...checkFlow(document, actions, flows));
      problems.push(...mistakes);
      if (mistakes.length === 0) {
        const flow = flowOf(document);
        flows.set(flow.id, flow);
      }
    }
  }
  if (problems.length > 0) throw errors.invalid('flows', problems);
  return flows;
}

// Every caller has checked the document against the schema.
const written = (document: YamlDocument) => document.value as Written;

function flowOf(document: YamlDocument): Flow {
  const { id, title, description, input = {}, steps } = written(document);
  const step = (each: Written['steps'][number]): FlowStep => ({
    name: each.name,
    action: each.action,
    with: each.with ?? {},
    ...(each.when === undefined ? {} : { when: parseQuery(each.when) }),
    approve: each.approve ?? 0,
    onFailure: each.on_failure ?? 'stop',
  });
  return { id, title, description, input, steps: steps.map(step), hash: hashOf(document.value) };
}

function checkFlow(
  document: YamlDocument,
  actions: readonly Action[],
  others: ReadonlyMap<string, Flow>,
): Problem[] {
  const { id, input = {}, steps } = written(document);
  const problem = (pointer: readonly (string | number)[], message: string, hint?: string): Problem => ({
    path: document.path,
    ...document.at(pointer),
    message,
    ...(hint ? { hint } : {}),
  });
  const problems = others.has(id) ? [problem(['id'], `another flow has the id ${id}`)] : [];
  steps.forEach((step, index) => {
    const at = ['steps', index];
    if (steps.findIndex(({ name }) => name === step.name) !== index)
      problems.push(
        problem(
          [...at, 'name'],
          `two steps are called ${JSON.stringify(step.name)}`,
          'give each step its own name',
        ),
      );
    const action = actions.find(({ id: known }) => known === step.action);
    if (action === undefined) {
      const known = actions.map(({ id: each }) => each);
      problems.push(
        problem(
          [...at, 'action'],
          `unknown action ${JSON.stringify(step.action)}`,
          didYouMean(step.action, known) ?? `known: ${known.join(', ')}`,
        ),
      );
    } else {
      const { properties = {}, required = [] } = action.input as {
        properties?: object;
        required?: readonly string[];
      };
      const [known, given] = [Object.keys(properties), Object.keys(step.with ?? {})];
      for (const key of given.filter((each) => !known.includes(each)))
        problems.push(
          problem(
            [...at, 'with', key],
            `${action.id} takes no ${JSON.stringify(key)}`,
            didYouMean(key, known) ?? `known: ${known.join(', ')}`,
          ),
        );
      for (const key of required.filter((each) => !given.includes(each)))
        problems.push(
          problem([...at, 'action'], `${action.id} needs ${JSON.stringify(key)}`, `add it under "with"`),
        );
    }
    for (const { pointer, message, hint } of referenceMistakes(step.with ?? {}, Object.keys(input), [
      ...at,
      'with',
    ]))
      problems.push(problem(pointer, message, hint));
    problems.push(...queryProblems(step.when, (message) => problem([...at, 'when'], message)));
  });
  return problems;
}

function queryProblems(when: string | undefined, problem: (message: string) => Problem): Problem[] {
  try {
    if (when !== undefined) parseQuery(when);
    return [];
  } catch (cause) {
    if (cause instanceof VigiaError)
      return cause.problems.map(({ message, column }) =>
        problem(`column ${column} of the condition: ${message}`),
      );
    throw cause;
  }
}
