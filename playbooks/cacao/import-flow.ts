/** The text of a flow file from a CACAO playbook, checked like any other flow file before anybody gets it. */
import { stringify } from 'yaml';
import { errors } from '../../core/errors.ts';
import { checkSchema } from '../../core/schema.ts';
import { parseYaml } from '../../core/yaml.ts';
import type { Action } from '../action.ts';
import { checkFlow } from '../engine/check-flow.ts';
import { flowSchema } from '../engine/flow.ts';
import { fromCacao } from './import.ts';

/** Places in messages are those of the flow that the playbook would become. */
export function importFlow(text: string, path: string, actions: readonly Action[]): string {
  const flow = stringify(fromCacao(text, path), { lineWidth: 120 });
  const { documents, problems } = parseYaml(flow, `${path} (as a flow)`);
  for (const document of documents) {
    const mistakes = checkSchema(flowSchema, document);
    problems.push(...(mistakes.length > 0 ? mistakes : checkFlow(document, actions)));
  }
  if (problems.length > 0) throw errors.invalid('playbook', problems);
  return flow;
}
