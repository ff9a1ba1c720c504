/** A record of SQL Server's audit becomes an ECS event, the same whether it was asked for or found in the Windows event log. */
import { isIP } from 'node:net';
import type { Draft } from '../../core/event.ts';
import { isoOf } from '../../core/iso-time.ts';
import { type NormaliseContext, type Normalised, reject } from '../collector.ts';
import { maskStatement, plainStatement } from '../statement/mask.ts';
import { isoTime } from '../syslog/time.ts';
import { kindOf } from './actions.ts';

/** Columns of sys.fn_get_audit_file by name; values as text. */
export type AuditFields = Readonly<Record<string, string>>;

const KEPT: Readonly<Record<string, string>> = {
  action_id: 'action_id',
  class_type: 'class_type',
  session_id: 'session_id',
  database_name: 'database',
  schema_name: 'schema',
  object_name: 'object',
  application_name: 'program',
  host_name: 'client_host',
  server_principal_name: 'login',
  database_principal_name: 'database_user',
  session_server_principal_name: 'session_login',
  affected_rows: 'rows',
  additional_information: 'additional_information',
  server_instance_name: 'instance',
};

const given = (value: string | undefined, key: string) =>
  value === undefined || value === '' ? {} : { [key]: value };
/** `local machine`, `named pipe`, or an address. */
const sourceOf = (address: string | undefined): Draft['source'] =>
  address === undefined || address === ''
    ? undefined
    : { address, ...(isIP(address) > 0 ? { ip: address } : {}) };
const isTrue = (value: string | undefined) => value === '1' || /^true$/i.test(value ?? '');

/** More than this of one statement goes on in further records, with higher sequence numbers. */
const MOST_TEXT = 4_000;

function statementOf({ statement = '', sequence = '1' }: AuditFields): Record<string, unknown> {
  if (statement === '') return {};
  const isPart = statement.length >= MOST_TEXT || Number(sequence) > 1;
  return {
    statement,
    query: plainStatement(statement),
    ...(isPart ? { statement_truncated: true, sequence: Number(sequence) } : {}),
  };
}

export function auditEvent(fields: AuditFields, original: string, context: NormaliseContext): Normalised {
  const time = isoTime(`${(fields['at'] ?? '').replace(/Z$/, '')}Z`, context);
  const id = fields['action_id'] ?? '';
  if (time === undefined) return reject('record has no time');
  if (id === '') return reject('record names no action_id');
  const kind = kindOf(id, fields['class_type'] ?? '');
  const succeeded = fields['succeeded'];
  const outcome = succeeded === undefined ? 'unknown' : isTrue(succeeded) ? 'success' : 'failure';
  const isDenied = outcome === 'failure' && kind.record === 'statement';
  const user = fields['session_server_principal_name'] || fields['server_principal_name'] || '';
  const target = fields['target_server_principal_name'] || fields['target_database_principal_name'] || '';
  const named = /-(?:login|user)$/.test(kind.action) ? fields['object_name'] || target : target;
  const source = sourceOf(fields['client_ip']);
  const host = fields['server_instance_name']?.split('\\')[0] || context.host;
  const users = [user, named ?? ''].filter((name) => name !== '');
  const kept = Object.entries(KEPT).map(([column, name]) => given(fields[column], name));
  return {
    event: {
      '@timestamp': isoOf(time.ms),
      event: {
        kind: 'event',
        module: 'mssql',
        dataset: 'sqlserver.audit',
        provider: 'sqlserver_audit',
        category: isDenied ? ['database'] : kind.category,
        type: isDenied ? ['error'] : kind.type,
        action: isDenied ? 'permission-denied' : kind.action,
        outcome,
        code: id.trim(),
        original,
      },
      message: [id.trim(), fields['database_name'], fields['object_name'], fields['statement']]
        .filter(Boolean)
        .join(' '),
      service: { type: 'mssql' },
      ...(host === undefined ? {} : { host: { name: host } }),
      ...(users.length === 0
        ? {}
        : { user: { ...given(user, 'name'), ...(named ? { target: { name: named } } : {}) } }),
      ...(source === undefined ? {} : { source }),
      related: {
        ...(users.length > 0 ? { user: [...new Set(users)] } : {}),
        ...(source?.ip === undefined ? {} : { ip: [source.ip] }),
        ...(host === undefined ? {} : { hosts: [host] }),
      },
      vigia: {
        logsource: { product: 'mssql', category: 'database' },
        sqlserver: Object.assign(
          { record: kind.record, attempted: kind.action },
          ...kept,
          statementOf(fields),
        ),
      },
    },
  };
}

/** Masks the columns that hold SQL. */
export const maskFields = (fields: AuditFields): AuditFields => ({
  ...fields,
  ...(fields['statement'] ? { statement: maskStatement(fields['statement']) } : {}),
  ...(fields['additional_information']
    ? { additional_information: maskStatement(fields['additional_information']) }
    : {}),
});
