/** Reads the policy files of incidents and reports every mistake with its place. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { networkMistake } from '../core/conditions/network.ts';
import { errors, type Problem } from '../core/errors.ts';
import { checkSchema } from '../core/schema.ts';
import { parseYaml, type YamlDocument } from '../core/yaml.ts';
import type { ClockPolicy, EntityPolicy, IncidentPolicies } from './policies.ts';
import { policySchemas } from './policy-schemas.ts';

type PolicyName = keyof typeof policySchemas;

/** What a schema cannot say; called for documents that fit theirs. */
const meaning: Partial<Record<PolicyName, (document: YamlDocument) => Problem[]>> = {
  entity(document) {
    const { ignored } = document.value as EntityPolicy;
    return (ignored.address ?? []).flatMap((network, index): Problem[] => {
      const mistake = networkMistake(network);
      if (mistake === undefined) return [];
      const message = `${JSON.stringify(network)} is no network: ${mistake}`;
      return [{ path: document.path, ...document.at(['ignored', 'address', index]), message }];
    });
  },
  clocks(document) {
    const { zone, steps } = document.value as ClockPolicy;
    const problem = (pointer: (string | number)[], message: string, hint: string): Problem => ({
      path: document.path,
      ...document.at(pointer),
      message,
      hint,
    });
    const problems: Problem[] = [];
    if (!isZone(zone))
      problems.push(
        problem(['zone'], `${JSON.stringify(zone)} is no time zone`, 'write it as Europe/Lisbon'),
      );
    const earlier = new Set<string>();
    for (const [index, step] of steps.entries()) {
      if (earlier.has(step.id))
        problems.push(
          problem(
            ['steps', index, 'id'],
            `the step ${JSON.stringify(step.id)} stands here twice`,
            'keep one',
          ),
        );
      if (typeof step.starts === 'object' && !earlier.has(step.starts.sent)) {
        const message = `no step before this one is called ${JSON.stringify(step.starts.sent)}`;
        problems.push(
          problem(['steps', index, 'starts', 'sent'], message, `write one of: ${[...earlier].join(', ')}`),
        );
      }
      earlier.add(step.id);
    }
    return problems;
  },
};

function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }) !== undefined;
  } catch {
    // That it throws is the answer.
    return false;
  }
}

/** Reads `grouping.yml`, `entity.yml`, `severity.yml` and `clocks.yml`; every mistake of all four is in one error. */
export async function loadIncidentPolicies(folder: string): Promise<IncidentPolicies> {
  const problems: Problem[] = [];
  const read = async (name: PolicyName): Promise<unknown> => {
    const path = join(folder, `${name}.yml`);
    const content = await readFile(path, 'utf8').catch((cause) => {
      problems.push({ path, message: `cannot be read: ${(cause as Error).message}` });
    });
    if (content === undefined) return undefined;
    const parsed = parseYaml(content, path);
    problems.push(...parsed.problems);
    const document = parsed.documents[0];
    if (document === undefined) problems.push({ path, message: 'is empty' });
    else {
      const mistakes = checkSchema(policySchemas[name], document);
      problems.push(...mistakes, ...(mistakes.length === 0 ? (meaning[name]?.(document) ?? []) : []));
    }
    return document?.value;
  };
  const [grouping, entity, severity, clocks] = [
    await read('grouping'),
    await read('entity'),
    await read('severity'),
    await read('clocks'),
  ];
  if (problems.length > 0) throw errors.invalid('incident policies', problems);
  // The schemas are what makes this cast true.
  return { grouping, entity, severity, clocks } as IncidentPolicies;
}
