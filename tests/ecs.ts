/** Judges an event against the published ECS field list and allowed values (`reference/` beside the corpus). */
import { existsSync, readFileSync } from 'node:fs';
import { corpusPath } from './corpus.ts';

const reference = (name: string) => corpusPath('..', 'reference', name);
export const hasEcsReference = (): boolean => existsSync(reference('ecs-fields.csv'));

interface Allowed {
  name: string;
  'event.type'?: string[];
}

/** Fields that hold what ECS lacks: ours and the one Winlogbeat adds. */
const outsideEcs = ['vigia', 'winlog'];

/** What is wrong with an event, as sentences; empty when it conforms. */
export function ecsProblems(): (event: object) => string[] {
  const fields = new Map(
    readFileSync(reference('ecs-fields.csv'), 'utf8')
      .split('\n')
      .slice(1)
      .map((line) => line.split(','))
      .map(([name, type]): [string, string] => [name ?? '', type ?? '']),
  );
  const allowed: Record<string, { values: Allowed[] }> = JSON.parse(
    readFileSync(reference('ecs-allowed-values.json'), 'utf8'),
  );
  const typesOf = new Map(
    (allowed['event.category']?.values ?? []).map((one) => [one.name, one['event.type'] ?? []]),
  );

  const parents = new Set(
    [...fields.keys()].flatMap((name) => name.split('.').map((_, n, parts) => parts.slice(0, n).join('.'))),
  );
  /** Below a field that holds whatever it is given (labels, structured data) every name is allowed. */
  const freeForm = (path: string): string | undefined => {
    for (let end = path.lastIndexOf('.'); end > 0; end = path.lastIndexOf('.', end - 1)) {
      const above = fields.get(path.slice(0, end));
      const isFree = above === 'flattened' || (above === 'object' && !parents.has(path.slice(0, end)));
      if (isFree) return 'any';
    }
    return undefined;
  };

  return (event) => {
    const problems: string[] = [];
    const values = new Map<string, unknown[]>();
    for (const [path, value] of leaves(event, '')) {
      if (outsideEcs.includes(path.split('.')[0]!)) continue;
      values.set(path, [...(values.get(path) ?? []), value]);
      const type = fields.get(path) ?? freeForm(path);
      if (type === undefined) problems.push(`${path} is no ECS field`);
      else if (!fits(type, value)) problems.push(`${path} is ${type}, not ${JSON.stringify(value)}`);
    }
    for (const [path, { values: names }] of Object.entries(allowed)) {
      for (const value of values.get(path) ?? []) {
        if (!names.some((one) => one.name === value))
          problems.push(`${path} may not be ${JSON.stringify(value)}`);
      }
    }
    const types = (values.get('event.category') ?? []).flatMap((name) => typesOf.get(String(name)) ?? []);
    for (const type of values.get('event.type') ?? []) {
      if (!types.includes(String(type)))
        problems.push(`event.type ${JSON.stringify(type)} does not go with its category`);
    }
    return problems;
  };
}

function* leaves(value: unknown, path: string): Generator<[string, unknown]> {
  if (Array.isArray(value)) for (const one of value) yield* leaves(one, path);
  else if (typeof value === 'object' && value !== null) {
    for (const [name, inner] of Object.entries(value))
      yield* leaves(inner, path === '' ? name : `${path}.${name}`);
  } else yield [path, value];
}

function fits(type: string, value: unknown): boolean {
  if (type === 'any') return typeof value !== 'object';
  if (type === 'long' || type === 'float') return typeof value === 'number';
  if (type === 'boolean') return typeof value === 'boolean';
  if (type === 'date') return typeof value === 'string' && !Number.isNaN(Date.parse(value));
  return typeof value === 'string';
}
