/** A record of Oracle's audit trail becomes an ECS event, the same whether it was asked for or written to a file. */
import { isIP } from 'node:net';
import type { Draft } from '../../core/event.ts';
import { isoOf } from '../../core/iso-time.ts';
import { MASK } from '../../core/secrets.ts';
import { type NormaliseContext, type Normalised, reject } from '../collector.ts';
import { maskStatement, plainStatement, SECRET_WORD } from '../statement/mask.ts';
import { isoTime } from '../syslog/time.ts';
import { kindOf } from './actions.ts';

/** Columns of UNIFIED_AUDIT_TRAIL ("Database Reference") by their names in lower case; values as text. */
export type AuditFields = Readonly<Record<string, string>>;

/** Columns that keep their name under `vigia.oracle`. */
const KEPT: Readonly<Record<string, string>> = {
  action_name: 'action_name',
  audit_type: 'audit_type',
  sessionid: 'session_id',
  os_username: 'os_user',
  userhost: 'client_host',
  terminal: 'terminal',
  client_program_name: 'program',
  client_identifier: 'client_id',
  current_user: 'current_user',
  dbproxy_username: 'proxy_user',
  object_schema: 'schema',
  object_name: 'object',
  system_privilege: 'system_privilege',
  fga_policy_name: 'fga_policy',
  dp_text_parameters1: 'data_pump',
  rman_operation: 'rman_operation',
  pdb: 'container',
};
/** Columns that hold lists. */
const LISTS: Readonly<Record<string, string>> = {
  system_privilege_used: 'privileges_used',
  object_privileges: 'object_privileges',
  role: 'roles',
  unified_audit_policies: 'policies',
  audit_option: 'audit_options',
};

const named = (
  fields: AuditFields,
  names: Readonly<Record<string, string>>,
  of: (value: string) => unknown,
) =>
  Object.fromEntries(
    Object.entries(names).flatMap(([column, name]) => {
      const value = fields[column];
      return value === undefined || value === '' ? [] : [[name, of(value)]];
    }),
  );
const listOf = (text: string) => [...new Set(text.split(/\s*,\s*/).filter(Boolean))];

/** `(TYPE=(DATABASE));(CLIENT ADDRESS=((ADDRESS=(PROTOCOL=tcp)(HOST=192.0.2.5)(PORT=40000))));` */
function sourceOf({ authentication_type: from = '', userhost = '' }: AuditFields): Draft['source'] {
  const [, host] = /\(HOST=([^()]{1,255})\)/.exec(from) ?? [];
  const [, port] = /\(PORT=(\d{1,5})\)/.exec(from) ?? [];
  const address = host ?? userhost;
  if (address === '') return undefined;
  return {
    address,
    ...(isIP(address) > 0 ? { ip: address } : { domain: address }),
    ...(port === undefined ? {} : { port: Number(port) }),
  };
}

/** Whose account a statement is about; CREATE USER and its like name it as the object. */
const targetOf = ({ action_name: action = '', target_user: target, object_name: object }: AuditFields) =>
  target || (/ (?:USER|ROLE)$/.test(action) ? object : undefined) || undefined;

/** How the session proved who it is: `DATABASE`, `KERBEROS`, `OS`. */
const proofOf = ({ authentication_type: from = '' }: AuditFields) => /\(TYPE=\(([A-Z]+)/.exec(from)?.[1];

function statementOf(fields: AuditFields): Record<string, unknown> {
  const text = fields['sql_text'] ?? '';
  if (text === '') return {};
  const length = Number(fields['sql_length'] ?? text.length);
  const binds = fields['sql_binds'] ?? '';
  return {
    statement: text,
    query: plainStatement(text),
    ...(length > text.length ? { statement_truncated: true, statement_length: length } : {}),
    ...(binds === '' ? {} : { binds: SECRET_WORD.test(text) ? MASK : binds }),
  };
}

export function auditEvent(fields: AuditFields, original: string, context: NormaliseContext): Normalised {
  const time = isoTime(`${(fields['at'] ?? '').replace(/Z$/, '')}Z`, context);
  const action = fields['action_name'] ?? '';
  if (time === undefined) return reject('record has no time');
  if (action === '') return reject('record names no action');
  const code = fields['return_code'] ?? '';
  const kind = kindOf(action, code);
  const user = fields['dbusername'] ?? '';
  const target = targetOf(fields);
  const source = sourceOf(fields);
  const users = [user, target].filter((name): name is string => name !== undefined && name !== '');
  const proof = proofOf(fields);
  const event: Draft = {
    '@timestamp': isoOf(time.ms),
    event: {
      kind: 'event',
      module: 'oracle',
      dataset: 'oracle.audit',
      provider: 'unified_audit',
      category: kind.category,
      type: kind.type,
      action: kind.action,
      outcome: kind.outcome,
      ...(kind.reason === undefined ? {} : { reason: kind.reason }),
      ...(code === '' ? {} : { code }),
      original,
    },
    message: [action, fields['object_schema'], fields['object_name'], code].filter(Boolean).join(' '),
    service: { type: 'oracle' },
    ...(context.host === undefined ? {} : { host: { name: context.host } }),
    ...(users.length === 0
      ? {}
      : {
          user: { ...(user === '' ? {} : { name: user }), ...(target ? { target: { name: target } } : {}) },
        }),
    ...(source === undefined ? {} : { source }),
    ...(kind.reason === undefined ? {} : { error: { message: kind.reason, code } }),
    related: {
      ...(users.length > 0 ? { user: [...new Set(users)] } : {}),
      ...(source?.ip === undefined ? {} : { ip: [source.ip] }),
      ...(context.host === undefined ? {} : { hosts: [context.host] }),
    },
    vigia: {
      logsource: { product: 'oracle', category: 'database' },
      oracle: {
        record: kind.record,
        ...named(fields, KEPT, (value) => value),
        ...named(fields, LISTS, listOf),
        ...(proof === undefined ? {} : { authentication: proof }),
        ...statementOf(fields),
      },
    },
  };
  return { event };
}

/** Masks the columns that hold SQL. */
export function maskFields(fields: AuditFields): AuditFields {
  const sql = fields['sql_text'] ?? '';
  return {
    ...fields,
    ...(sql === '' ? {} : { sql_text: maskStatement(sql) }),
    ...(fields['sql_binds'] && SECRET_WORD.test(sql) ? { sql_binds: MASK } : {}),
    ...(fields['dp_text_parameters1']
      ? { dp_text_parameters1: maskStatement(fields['dp_text_parameters1']) }
      : {}),
  };
}
