/** The facts of a record for which ECS has no field, and the few that its message holds for ECS. */
import type { Kind } from './kind.ts';
import type { LogRecord } from './record.ts';
import type { StatementFacts } from './statement.ts';

/** Session length `1:02:03.004` in nanoseconds. */
export function durationOf(message: string): number | undefined {
  const [, hours, minutes, seconds] =
    /^disconnection: session time: (\d+):(\d+):([\d.]+)/.exec(message) ?? [];
  return hours === undefined
    ? undefined
    : Math.round(((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1e9);
}

/** The application names itself in the login line; in other records it is a field of its own. */
const applicationOf = ({ fields }: LogRecord): string | undefined =>
  fields['application_name'] ||
  / application_name=(.*?)(?: SSL enabled \(protocol=.*)?$/s.exec(fields['message']!)?.[1];

/** TLS of a login, from its message. */
export const tlsOf = (message: string) => {
  const [, version, cipher] = / SSL enabled \(protocol=TLSv([\d.]+), cipher=([\w-]+)/.exec(message) ?? [];
  return version === undefined ? {} : { tls: { version, version_protocol: 'tls', cipher: cipher! } };
};

const some = (list: readonly string[] | undefined, key: string) =>
  list === undefined || list.length === 0 ? {} : { [key]: [...new Set(list)] };
/** `{[key]: value}`, or nothing when there is no value. */
export const given = (value: string | number | undefined, key: string) =>
  value === undefined || value === '' ? {} : { [key]: value };

/** Everything ECS has no field for: `vigia.postgresql`. */
export function factsOf(
  record: LogRecord,
  kind: Kind,
  statement: StatementFacts | undefined,
): Record<string, unknown> {
  const { fields, audit } = record;
  return {
    record: kind.record,
    ...given(fields['dbname'], 'database'),
    ...given(applicationOf(record), 'application'),
    ...given(fields['backend_type'], 'backend_type'),
    ...given(fields['session_id'], 'session_id'),
    ...given(fields['query_id'] === '0' ? undefined : fields['query_id'], 'query_id'),
    ...given(fields['state_code'], 'sqlstate'),
    ...given(fields['detail'], 'detail'),
    ...given(audit?.kind, 'audit_kind'),
    ...given(audit?.class, 'class'),
    ...given(audit?.command, 'command'),
    ...given(audit?.objectType, 'object_type'),
    ...given(audit?.object, 'object'),
    ...given(audit?.parameter, 'parameter'),
    ...given(audit?.rows, 'rows'),
    ...given(record.sql, 'statement'),
    ...given(statement?.query, 'query'),
    ...some(statement?.roleAttributes, 'role_attributes'),
    // ECS has room for one target.
    ...some((statement?.targets.length ?? 0) > 1 ? statement?.targets : [], 'targets'),
    ...some(statement?.grantedRoles, 'granted_roles'),
    ...some(statement?.revokedRoles, 'revoked_roles'),
    ...(statement?.adminOption ? { admin_option: true } : {}),
    ...some(
      statement?.settings.map(({ name, value }) => `${name}=${value}`),
      'settings',
    ),
    ...some(
      statement?.settings.map(({ scope }) => scope),
      'setting_scopes',
    ),
    ...given(statement?.copy, 'copy'),
    ...given(statement?.copyTarget, 'copy_target'),
  };
}
