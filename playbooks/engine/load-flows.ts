/** Reads every flow of a folder; all mistakes of all files are reported at once, each with its place. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashOf } from '../../core/canonical.ts';
import { errors, type Problem } from '../../core/errors.ts';
import { checkSchema } from '../../core/schema.ts';
import { parseYaml, type YamlDocument } from '../../core/yaml.ts';
import type { Action } from '../action.ts';
import { checkFlow, type WrittenFlow } from './check-flow.ts';
import { type Flow, flowSchema, placedSteps } from './flow.ts';

/** Flows by id. Throws `errors.invalid` when any file has a mistake. */
export function loadFlows(
  folder: string,
  actions: readonly Action[],
  windows?: readonly string[],
): Map<string, Flow> {
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
      if (mistakes.length === 0) mistakes.push(...checkFlow(document, actions, windows));
      const flow = mistakes.length === 0 ? flowOf(document) : undefined;
      if (flow !== undefined && flows.has(flow.id))
        mistakes.push({ path, ...document.at(['id']), message: `another flow has the id ${flow.id}` });
      problems.push(...mistakes);
      if (flow !== undefined && !flows.has(flow.id)) flows.set(flow.id, flow);
    }
  }
  if (problems.length > 0) throw errors.invalid('flows', problems);
  return flows;
}

/** The document has passed every check. */
function flowOf(document: YamlDocument): Flow {
  const { id, title, description, safe, input = {}, steps } = document.value as WrittenFlow;
  const flat = placedSteps(steps).map(({ step }) => step);
  return {
    id,
    title,
    description,
    ...(safe ? { safe } : {}),
    input,
    steps: flat,
    hash: hashOf(document.value),
  };
}
