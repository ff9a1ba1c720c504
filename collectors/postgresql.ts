/**
 * PostgreSQL's `jsonlog` (15 or later), with pgAudit's text in it, becomes ECS events. Delivery: at least once from
 * files, ids by position. Lost: what the server itself drops when its log disk is full. `log_statement = ddl` writes
 * passwords in the clear: they are masked in every field, the original line included, before anything is kept.
 */
import { isIP } from 'node:net';
import type { Draft } from '../core/event.ts';
import { collector, type NormaliseContext, type Normalised, reject } from './collector.ts';
import { type Kind, kindOf } from './postgresql/kind.ts';
import { maskSql } from './postgresql/mask.ts';
import { type LogRecord, logRecord } from './postgresql/record.ts';
import { type StatementFacts, statementFacts } from './postgresql/statement.ts';
import { isoTime, type SyslogTime } from './syslog/time.ts';

const utf8 = new TextDecoder('utf-8');

/** Zone abbreviations that `log_timezone` may print, in minutes east of UTC; others fall back to the source's zone. */
const ZONES: Readonly<Record<string, number>> = {
  UTC: 0,
  GMT: 0,
  Z: 0,
  WET: 0,
  WEST: 60,
  WAT: 60,
  CET: 60,
  CEST: 120,
  EET: 120,
};

/** `2026-11-21 19:58:20.687 UTC`, `… +01`, `… -0330`. */
function recordTime(text: string, context: NormaliseContext): SyslogTime | undefined {
  const [, wall, zone] =
    /^(\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(?:\.\d{1,9})?)(?: (\S{1,40}))?$/.exec(text) ?? [];
  if (wall === undefined) return undefined;
  const offset = /^([+-]\d{2}):?(\d{2})?$/.exec(zone ?? '');
  if (offset !== null) return isoTime(`${wall}${offset[1]}${offset[2] ?? '00'}`, context);
  const minutes = zone === undefined ? undefined : ZONES[zone.toUpperCase()];
  return minutes === undefined
    ? isoTime(wall, context)
    : { ms: isoTime(`${wall}Z`, context)?.ms ?? Number.NaN, assumed: [] };
}

/** Session length `1:02:03.004` in nanoseconds. */
function durationOf(message: string): number | undefined {
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

const tlsOf = (message: string) => {
  const [, version, cipher] = / SSL enabled \(protocol=TLSv([\d.]+), cipher=([\w-]+)/.exec(message) ?? [];
  return version === undefined ? {} : { tls: { version, version_protocol: 'tls', cipher: cipher! } };
};

const some = (list: readonly string[] | undefined, key: string) =>
  list === undefined || list.length === 0 ? {} : { [key]: [...new Set(list)] };
const given = (value: string | number | undefined, key: string) =>
  value === undefined || value === '' ? {} : { [key]: value };

/** Everything ECS has no field for. */
function facts(
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

function toEvent(record: LogRecord, context: NormaliseContext, time: SyslogTime): Draft {
  const { fields } = record;
  const statement = record.sql === undefined ? undefined : statementFacts(record.sql);
  const kind = kindOf(record, statement);
  const address = fields['remote_host'];
  const port = fields['remote_port'] === undefined ? undefined : Number(fields['remote_port']);
  const isAddress = address !== undefined && isIP(address) > 0;
  const targets = statement?.targets ?? [];
  const users = [
    ...new Set(
      [fields['user'], ...targets].filter((name): name is string => name !== undefined && name !== ''),
    ),
  ];
  const isError = /^(?:ERROR|FATAL|PANIC)$/.test(fields['error_severity'] ?? '');
  const duration = durationOf(fields['message']!);
  const pid = Number(fields['pid']);
  return {
    '@timestamp': new Date(time.ms).toISOString(),
    event: {
      kind: 'event',
      module: 'postgresql',
      dataset: 'postgresql.log',
      provider: record.audit === undefined ? 'postgresql' : 'pgaudit',
      category: kind.category,
      type: kind.type,
      action: kind.action,
      ...(kind.outcome === undefined ? {} : { outcome: kind.outcome }),
      ...(kind.reason === undefined ? {} : { reason: kind.reason }),
      ...given(fields['state_code'], 'code'),
      ...(Number.isSafeInteger(Number(fields['line_num'])) ? { sequence: Number(fields['line_num']) } : {}),
      ...(duration === undefined ? {} : { duration }),
      original: record.original,
    },
    message: fields['message']!,
    log: { level: fields['error_severity'] ?? 'LOG' },
    service: { type: 'postgresql' },
    process: {
      name: 'postgres',
      ...(Number.isSafeInteger(pid) ? { pid } : {}),
      ...given(fields['ps'], 'title'),
    },
    ...(context.host === undefined ? {} : { host: { name: context.host } }),
    ...(users.length === 0
      ? {}
      : {
          user: {
            ...given(fields['user'], 'name'),
            ...(targets.length > 0 ? { target: { name: targets[0]! } } : {}),
          },
        }),
    ...(address === undefined
      ? {}
      : {
          source: {
            address,
            ...(isAddress ? { ip: address } : {}),
            ...(port !== undefined && port >= 0 && port <= 65_535 ? { port } : {}),
          },
        }),
    ...tlsOf(fields['message']!),
    ...(isError ? { error: { message: fields['message']!, ...given(fields['state_code'], 'code') } } : {}),
    ...(statement?.copy?.endsWith('-file') && statement.copyTarget !== undefined
      ? { file: { path: statement.copyTarget } }
      : {}),
    related: {
      ...(users.length > 0 ? { user: users } : {}),
      ...(isAddress ? { ip: [address] } : {}),
      ...(context.host === undefined ? {} : { hosts: [context.host] }),
    },
    vigia: {
      logsource: { product: 'postgresql', category: 'database' },
      ...(time.assumed.length > 0 ? { clock: time.assumed } : {}),
      postgresql: facts(record, kind, statement),
    },
  };
}

function normalise(raw: Uint8Array, context: NormaliseContext): Normalised {
  const record = logRecord(utf8.decode(raw));
  if (typeof record === 'string') return reject(record);
  const time = recordTime(record.fields['timestamp']!, context);
  if (time === undefined || Number.isNaN(time.ms))
    return reject('"timestamp" is no time of the form "2026-11-21 19:58:20.687 UTC"');
  return { event: toEvent(record, context, time) };
}

export const postgresql = collector({
  id: 'postgresql',
  title: 'PostgreSQL log with pgAudit',
  summary:
    'Reads the jsonlog files of PostgreSQL 15 or later: logins, statements, errors, settings, and pgAudit records.',
  guarantee: 'Files: nothing lost, nothing doubled. Lines cut by a crash of the server are dead-lettered.',
  datasets: ['postgresql.log'],
  framing: { kind: 'lines' },
  normalise,
  /** For dead letters: the same bytes with secrets hidden, also when the line is no JSON. */
  mask: (raw: Uint8Array): Uint8Array => new TextEncoder().encode(maskSql(utf8.decode(raw)).text),
});
