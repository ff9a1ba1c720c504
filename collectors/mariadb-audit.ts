/**
 * The file of MariaDB's audit plug-in (server_audit) becomes ECS events: logins, statements, tables touched. Delivery: at
 * least once from files, ids by position. Passwords that the plug-in leaves in the clear are masked before anything is kept.
 *
 * Not to be trusted: the plug-in writes the name of a refused login as the client sent it. A name with line breaks can
 * forge lines of this file; where such a line can be told, it becomes part of the refused login, otherwise it cannot.
 *
 * | The plug-in writes | Event |
 * | --- | --- |
 * | CONNECT, FAILED_CONNECT, DISCONNECT | `event.action` database-login (outcome), database-logout; `event.code` is the error |
 * | QUERY | `event.action` from its first words, `vigia.mariadb.query` without comments; a refusal is permission-denied |
 * | READ, WRITE, CREATE, ALTER, RENAME, DROP | `event.action` table-read, table-write …; `vigia.mariadb.table` |
 */
import { isIP } from 'node:net';
import type { Draft } from '../core/event.ts';
import { isoOf } from '../core/iso-time.ts';
import { collector, type NormaliseContext, type Normalised, reject } from './collector.ts';
import { kindOf } from './mariadb/kind.ts';
import { maskSql } from './mariadb/mask.ts';
import {
  type AuditLine,
  auditLine,
  beginsRecord,
  endsRecord,
  escapeStatement,
  standsAlone,
  unescapeStatement,
} from './mariadb/record.ts';
import { type StatementFacts, statementFacts } from './mariadb/statement.ts';
import { statementFields } from './mariadb/statement-fields.ts';
import { isoTime } from './syslog/time.ts';

const utf8 = new TextDecoder('utf-8');
const STATEMENT_AT = /,(?:QUERY\w*|EXECUTE|PREPARE),/;

/** The line with the statement masked; what is no statement is kept. */
function maskLine(line: string): string {
  const at = STATEMENT_AT.exec(line);
  const from = at === null ? -1 : line.indexOf(",'", at.index);
  if (from < 0) return line;
  const tail = /',\d{1,10}$/.exec(line);
  const text = unescapeStatement(line.slice(from + 2, tail?.index));
  const masked = maskSql(text);
  return masked === text
    ? line
    : `${line.slice(0, from + 2)}${escapeStatement(masked)}${tail === null ? '' : tail[0]}`;
}

/** Names that would not be there if nobody had tried to forge lines. */
const isOdd = (name: string) => /[\u0000-\u001f\u007f]|,\d+,\d+,[A-Z_]+,/.test(name);

const given = (value: string | undefined, key: string) =>
  value === undefined || value === '' ? {} : { [key]: value };

function factsOf(
  line: AuditLine,
  record: string,
  statement: StatementFacts | undefined,
): Record<string, unknown> {
  return {
    record,
    operation: line.operation,
    connection_id: line.connection,
    ...(line.query === '0' ? {} : { query_id: line.query }),
    ...given(line.database, 'database'),
    ...(record === 'table' ? given(line.object, 'table') : {}),
    ...(statement === undefined ? {} : { statement: line.object, ...statementFields(statement) }),
    ...(isOdd(line.user) ? { forged_name: true } : {}),
  };
}

function toEvent(line: AuditLine, original: string, ms: number, context: NormaliseContext): Draft {
  const statement =
    line.operation.startsWith('QUERY') || ['EXECUTE', 'PREPARE'].includes(line.operation)
      ? statementFacts(line.object)
      : undefined;
  const kind = kindOf(line, statement);
  const isAddress = isIP(line.host) > 0;
  const host = line.server || context.host;
  const users = [...new Set([line.user, ...(statement?.targets ?? [])])].filter((name) => name !== '');
  const target = statement?.targets[0];
  const file = statement?.writes[0] ?? statement?.reads[0];
  return {
    '@timestamp': isoOf(ms),
    event: {
      kind: 'event',
      module: 'mariadb',
      dataset: 'mariadb.audit',
      provider: 'server_audit',
      category: kind.category,
      type: kind.type,
      action: kind.action,
      outcome: kind.outcome,
      ...(kind.reason === undefined ? {} : { reason: kind.reason }),
      ...given(line.code, 'code'),
      original,
    },
    message: [line.operation, line.database, line.object, line.code].filter(Boolean).join(' '),
    service: { type: 'mariadb' },
    ...(host === undefined ? {} : { host: { name: host, hostname: host } }),
    ...(line.user === '' && target === undefined
      ? {}
      : {
          user: {
            ...given(line.user, 'name'),
            ...(target === undefined || target === '' ? {} : { target: { name: target } }),
          },
        }),
    ...(line.host === ''
      ? {}
      : { source: { address: line.host, ...(isAddress ? { ip: line.host } : { domain: line.host }) } }),
    ...(kind.reason === undefined ? {} : { error: { message: kind.reason, code: line.code } }),
    ...(file === undefined ? {} : { file: { path: file } }),
    related: {
      ...(users.length > 0 ? { user: users } : {}),
      ...(isAddress ? { ip: [line.host] } : {}),
      ...(host === undefined ? {} : { hosts: [host] }),
    },
    vigia: {
      logsource: { product: 'mariadb', category: 'database' },
      clock: ['assumed-zone'],
      mariadb: factsOf(line, kind.record, statement),
    },
  };
}

function normalise(raw: Uint8Array, context: NormaliseContext): Normalised {
  const original = maskLine(utf8.decode(raw));
  const line = auditLine(original);
  if (typeof line === 'string') return reject(line);
  const wall = line.time.replace(
    /^(\d{4})(\d{2})(\d{2}) (\d:)?/,
    (_all, y, m, d, h) => `${y}-${m}-${d} ${h ? `0${h}` : ''}`,
  );
  const time = isoTime(wall, context);
  if (time === undefined) return reject(`there is no such time: ${line.time}`);
  return { event: toEvent(line, original, time.ms, context) };
}

const text = (line: Uint8Array) => utf8.decode(line);

export const mariadbAudit = collector({
  id: 'mariadb-audit',
  title: 'MariaDB audit plug-in',
  summary:
    'Reads the file of server_audit (server_audit_output_type = file): logins, statements with their error codes, tables read and ' +
    'written. Times carry no zone: the source’s zone is assumed and flagged.',
  guarantee:
    'Files: nothing lost, nothing doubled. Statements longer than server_audit_query_log_limit are cut by the server. A login record ' +
    'waits for the next line, or a second of silence. The name of a refused login may hold line breaks and so forge lines.',
  datasets: ['mariadb.audit'],
  framing: {
    kind: 'lines',
    continues: (line: Uint8Array, before: Uint8Array) =>
      !beginsRecord(text(line)) || !endsRecord(text(before)),
    stands: (line: Uint8Array) => standsAlone(text(line)),
  },
  normalise,
  /** For dead letters: the same bytes with secrets hidden. */
  mask: (raw: Uint8Array): Uint8Array => new TextEncoder().encode(maskLine(utf8.decode(raw))),
});
