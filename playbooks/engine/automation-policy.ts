/** What `automation.yml` says, and what its schema cannot check. */
import { parseQuery } from '../../core/conditions/query-line.ts';
import { type Problem, VigiaError } from '../../core/errors.ts';
import type { YamlDocument } from '../../core/yaml.ts';
import { fieldsOf } from './turn.ts';

/** A flow that starts by itself for the incidents that its condition names. */
export interface AutomaticStart {
  readonly id: string;
  readonly flow: string;
  /** The query line over the fields of the incident. */
  readonly when: string;
  readonly input?: Readonly<Record<string, unknown>>;
}

export interface Automation {
  readonly watch: { readonly stuck_minutes: number; readonly unanswered_hours: number };
  readonly limit: { readonly starts: number; readonly minutes: number };
  readonly storm: { readonly incidents: number; readonly minutes: number };
  readonly fresh_minutes: number;
  readonly starts: readonly AutomaticStart[];
}

/** What the input of a start may name, as `{{incident.hosts}}`. */
export const START_FIELDS: readonly string[] = [
  'id',
  'number',
  'title',
  'severity',
  'users',
  'hosts',
  'addresses',
];

export function startMistakes(document: YamlDocument, starts: readonly AutomaticStart[]): Problem[] {
  return starts.flatMap(({ id, when, input = {} }, index) => {
    const problem = (key: string, message: string, hint?: string): Problem => ({
      path: document.path,
      ...document.at(['starts', index, key]),
      message,
      ...(hint === undefined ? {} : { hint }),
    });
    const problems = conditionMistakes(when).map((message) => problem('when', message));
    if (starts.findIndex((other) => other.id === id) !== index)
      problems.push(problem('id', `two starts have the id ${id}`));
    for (const [, name] of JSON.stringify(input).matchAll(/\{\{\s*([^}]*?)\s*\}\}/g))
      if (!START_FIELDS.some((field) => name === `incident.${field}`))
        problems.push(
          problem(
            'input',
            `a start cannot refer to ${JSON.stringify(name)}`,
            `known: ${START_FIELDS.map((field) => `incident.${field}`).join(', ')}`,
          ),
        );
    return problems;
  });
}

function conditionMistakes(when: string): string[] {
  try {
    return fieldsOf(parseQuery(when))
      .filter((field) => !field.startsWith('incident.'))
      .map(
        (field) =>
          `a condition cannot read ${JSON.stringify(field)}; it reads fields of the incident, as incident.severity`,
      );
  } catch (cause) {
    if (!(cause instanceof VigiaError)) throw cause;
    return cause.problems.map(({ message, column }) => `column ${column} of the condition: ${message}`);
  }
}
