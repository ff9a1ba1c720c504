/** `{{input.account}}` in a flow: whole values only, looked up, never evaluated. */

const WHOLE = /^\{\{\s*(?:(input|incident)\.([A-Za-z][A-Za-z0-9_]*)|(item))\s*\}\}$/;
export const INCIDENT_FIELDS: readonly string[] = ['id', 'number', 'title', 'severity'];

export interface Scope {
  readonly input: Readonly<Record<string, unknown>>;
  readonly incident: Readonly<Record<string, unknown>>;
  /** Of the list that `for_each` goes through. */
  readonly item?: unknown;
}

/** Copies `value` with every reference replaced; one that has no value is left out. */
export function resolve(value: unknown, scope: Scope): unknown {
  if (typeof value === 'string') {
    const [, root, name, item] = WHOLE.exec(value) ?? [];
    if (item !== undefined) return scope.item;
    if (root === undefined || name === undefined) return value;
    const from = scope[root as 'input' | 'incident'];
    return Object.hasOwn(from, name) ? from[name] : undefined;
  }
  if (Array.isArray(value))
    return value.map((each) => resolve(each, scope)).filter((each) => each !== undefined);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, resolve(inner, scope)] as const);
  return Object.fromEntries(entries.filter(([, inner]) => inner !== undefined));
}

export interface ReferenceMistake {
  readonly pointer: readonly (string | number)[];
  readonly message: string;
  readonly hint: string;
}

/** What references may mean at one place of a flow. */
export interface Referable {
  readonly inputs: readonly string[];
  /** Inside a step with `for_each`. */
  readonly item: boolean;
}

/** References that can never have a value, with their place. */
export function referenceMistakes(
  value: unknown,
  known: Referable,
  pointer: readonly (string | number)[],
): ReferenceMistake[] {
  if (typeof value === 'string') return value.includes('{{') ? mistakesOf(value, known, pointer) : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => referenceMistakes(inner, known, [...pointer, key]));
}

function mistakesOf(
  value: string,
  { inputs, item: hasItem }: Referable,
  pointer: readonly (string | number)[],
): ReferenceMistake[] {
  const [, root, name, item] = WHOLE.exec(value) ?? [];
  if (item !== undefined)
    return hasItem
      ? []
      : [{ pointer, message: 'there is no item here', hint: 'only a step with for_each has {{item}}' }];
  if (root === undefined || name === undefined)
    return [
      {
        pointer,
        message: `${JSON.stringify(value)} is not a reference`,
        hint: "write only '{{input.name}}', '{{incident.number}}' or '{{item}}'",
      },
    ];
  const known = root === 'input' ? inputs : INCIDENT_FIELDS;
  if (known.includes(name)) return [];
  return [{ pointer, message: `${root} has no ${JSON.stringify(name)}`, hint: `known: ${known.join(', ')}` }];
}
