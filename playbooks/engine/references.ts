/** `{{input.account}}` in a flow: whole values only, looked up, never evaluated. */

const WHOLE = /^\{\{\s*(input|incident)\.([A-Za-z][A-Za-z0-9_]*)\s*\}\}$/;
const INCIDENT = ['id', 'number', 'title', 'severity'];

export type Scope = Readonly<Record<'input' | 'incident', Readonly<Record<string, unknown>>>>;

/** Copies `value` with every reference replaced; one that has no value is left out. */
export function resolve(value: unknown, scope: Scope): unknown {
  if (typeof value === 'string') {
    const [, root, name] = WHOLE.exec(value) ?? [];
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

/** References that can never have a value, with their place. */
export function referenceMistakes(
  value: unknown,
  inputs: readonly string[],
  pointer: readonly (string | number)[],
): ReferenceMistake[] {
  if (typeof value === 'string') {
    if (!value.includes('{{')) return [];
    const [, root, name] = WHOLE.exec(value) ?? [];
    if (root === undefined || name === undefined)
      return [
        {
          pointer,
          message: `${JSON.stringify(value)} is not a reference`,
          hint: "write only '{{input.name}}' or '{{incident.number}}'",
        },
      ];
    const known = root === 'input' ? inputs : INCIDENT;
    if (known.includes(name)) return [];
    return [
      { pointer, message: `${root} has no ${JSON.stringify(name)}`, hint: `known: ${known.join(', ')}` },
    ];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => referenceMistakes(inner, inputs, [...pointer, key]));
}
