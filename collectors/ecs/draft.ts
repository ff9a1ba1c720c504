/** Finishes the event of a record: what the record does not state is left out, and who and where come together in `related`. */
import type { Draft } from '../../core/event.ts';

/** A draft in which anything may be missing. */
export type Loose<T> = unknown extends T
  ? T
  : T extends string | number | boolean | readonly unknown[]
    ? T
    : { [K in keyof T]?: Loose<T[K]> | undefined };

/** `draftOf({user: {name: undefined}, source: {ip: '192.0.2.5'}, …})` has no `user`, and `related.ip`. */
export function draftOf(loose: Loose<Draft>): Draft {
  const { user, source, destination, client, host, url } = loose as Draft;
  const related = {
    user: distinct([user?.name, user?.target?.name, user?.effective?.name, user?.changes?.name]),
    ip: distinct([source?.ip, client?.ip, destination?.ip]),
    hosts: distinct([host?.name, source?.domain, destination?.domain, url?.domain]),
  };
  // Every collector states dataset and kind; what is dropped below is only what was undefined or empty.
  return stated({ ...loose, related: { ...related, ...loose.related } }) as Draft;
}

const distinct = (values: readonly unknown[]): string[] => [
  ...new Set(values.flat().filter((value): value is string => typeof value === 'string' && value !== '')),
];

function stated(value: unknown): unknown {
  if (value === '' || value === null) return undefined;
  if (Array.isArray(value)) return value.length === 0 ? undefined : value;
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value)
    .map(([key, inner]): [string, unknown] => [key, stated(inner)])
    .filter(([, inner]) => inner !== undefined);
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}
