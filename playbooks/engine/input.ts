/** Checks values that did not come from a file: the input of a flow and of a step. */
import { errors, type Problem } from '../../core/errors.ts';
import { checkSchema } from '../../core/schema.ts';

interface Schema {
  readonly properties?: Readonly<Record<string, { readonly default?: unknown }>>;
}

/** The value with defaults filled in; throws `errors.invalid` with every mistake. */
export function checkInput(
  where: string,
  schema: object,
  value: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const properties = Object.entries((schema as Schema).properties ?? {});
  const defaults = properties.flatMap(([key, { default: fallback }]) =>
    fallback === undefined ? [] : [[key, fallback]],
  );
  const given = Object.entries(value).filter(([, each]) => each !== undefined && each !== null);
  const full = Object.fromEntries([...defaults, ...given]);
  const problems = checkSchema(schema, { path: where, value: full, at: () => ({ line: 1, column: 1 }) });
  if (problems.length === 0) return full;
  // There is no file, so a line and column would mislead.
  throw errors.invalid(
    where,
    problems.map(({ path, message, hint }): Problem => ({ path, message, ...(hint ? { hint } : {}) })),
  );
}
