/**
 * The general query log of MariaDB and MySQL (`log_output = FILE`) becomes ECS events: who connected and what they asked,
 * before the server decided about it, so that nothing in it tells success. Only for servers without the audit plug-in.
 */
import { isIP } from 'node:net';
import type { Draft } from '../core/event.ts';
import { isoOf } from '../core/iso-time.ts';
import { collector, type NormaliseContext, type Normalised, reject } from './collector.ts';
import { kindOfStatement } from './mariadb/kind.ts';
import { maskSql } from './mariadb/mask.ts';
import { serverMessage } from './mariadb/server-message.ts';
import { statementFacts } from './mariadb/statement.ts';
import { statementFields } from './mariadb/statement-fields.ts';
import { isoTime } from './syslog/time.ts';

const utf8 = new TextDecoder('utf-8');
/** `261121 19:59:35<tab>     5 Query<tab>…`; without time for the same second; MySQL 5.7 and later write an ISO time in each line. */
const COMMANDS =
  'Connect|Query|Quit|Init DB|Prepare|Execute|Close stmt|Reset stmt|Long Data|Change user|Field List|Statistics|Ping|Refresh|Kill|Shutdown|Debug|Sleep|Binlog Dump|Register Slave|Processlist|Fetch|Daemon|Error|Set option|Time|Create DB|Drop DB|Table Dump|Connect Out|Bulk_execute|Reset connection';
const LINE = new RegExp(
  String.raw`^(?:(\d{2})(\d{2})(\d{2}) {1,2}(\d{1,2}:\d{2}:\d{2})|(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}(?:Z|[+-]\d{2}:\d{2})))?\t{1,2} *(\d+) (${COMMANDS})(?:\t|$)`,
);
const TIME = /^\d{6} {1,2}\d{1,2}:\d{2}:\d{2}(?=\t)/;
const STARTED = /^\S{0,500}(?:mariadbd|mysqld)\S{0,100}, Version: /;
const ENDS: Readonly<Record<string, string>> = { Quit: 'database-logout', 'Change user': 'database-connect' };

/** `root@localhost on crm using SSL/TLS`; a name may hold anything, so the last `@` counts. */
const CONNECT = /^(.{0,600})@(\S{0,255}) (?:as \S{0,200} )?on (.{0,200}?)(?: using [\w/ ]{1,40})?$/s;

interface Line {
  command: string;
  argument: string;
  connection: string;
}

function kindOf({ command, argument }: Line) {
  if (command === 'Connect' && argument.startsWith('Access denied ')) return serverMessage(argument);
  if (command === 'Connect' || command === 'Change user') {
    const [, user, host, database] = CONNECT.exec(argument) ?? [];
    return {
      ...{ record: 'connection', action: 'database-connect', category: ['session'], type: ['start'] },
      outcome: 'unknown' as const,
      ...{ user, host, database },
    };
  }
  if (ENDS[command] !== undefined)
    return {
      record: 'logout',
      action: ENDS[command],
      category: ['session'],
      type: ['end'],
      outcome: 'unknown' as const,
    };
  return undefined;
}

function toEvent(
  line: Line,
  original: string,
  time: { ms: number; assumed: readonly string[] } | undefined,
  context: NormaliseContext,
): Draft {
  const known = kindOf(line);
  const statement = known === undefined && line.argument !== '' ? statementFacts(line.argument) : undefined;
  const kind = known ?? kindOfStatement(statement, line.command);
  const { user, host, database } =
    'user' in kind ? kind : { user: undefined, host: undefined, database: undefined };
  const isAddress = host !== undefined && isIP(host) > 0;
  const target = statement?.targets.find((name) => name !== '');
  const users = [...new Set([user, ...(statement?.targets ?? [])])].filter(
    (name) => name !== undefined && name !== '',
  );
  return {
    ...(time === undefined ? {} : { '@timestamp': isoOf(time.ms) }),
    event: {
      kind: 'event',
      module: 'mariadb',
      dataset: 'mariadb.general',
      provider: 'general_log',
      category: kind.category,
      type: kind.type,
      action: kind.action,
      outcome: kind.outcome,
      ...('reason' in kind && kind.reason !== undefined ? { reason: kind.reason } : {}),
      original,
    },
    message: `${line.command} ${line.argument}`.trim(),
    service: { type: 'mariadb' },
    ...(context.host === undefined ? {} : { host: { name: context.host, hostname: context.host } }),
    ...(users.length === 0
      ? {}
      : {
          user: {
            ...(user ? { name: user } : {}),
            ...(target === undefined ? {} : { target: { name: target } }),
          },
        }),
    ...(host ? { source: { address: host, ...(isAddress ? { ip: host } : { domain: host }) } } : {}),
    related: {
      ...(users.length > 0 ? { user: users as string[] } : {}),
      ...(isAddress ? { ip: [host] } : {}),
      ...(context.host === undefined ? {} : { hosts: [context.host] }),
    },
    vigia: {
      logsource: { product: 'mariadb', category: 'database' },
      ...(time !== undefined && time.assumed.length > 0 ? { clock: [...time.assumed] } : {}),
      mariadb: {
        record: kind.record,
        operation: line.command,
        connection_id: line.connection,
        ...(database ? { database } : {}),
        ...(statement === undefined ? {} : { statement: line.argument, ...statementFields(statement) }),
      },
    },
  };
}

const START: Draft['event'] = {
  kind: 'event',
  module: 'mariadb',
  dataset: 'mariadb.general',
  provider: 'general_log',
  category: ['database'],
  type: ['info'],
  action: 'server-started',
};

function normalise(raw: Uint8Array, context: NormaliseContext): Normalised {
  const text = maskSql(utf8.decode(raw));
  if (STARTED.test(text)) {
    const event = { ...START, original: text };
    return {
      event: { event, message: text, vigia: { logsource: { product: 'mariadb', category: 'database' } } },
    };
  }
  const found = LINE.exec(text);
  if (found === null)
    return reject(
      'line does not start with "261121 19:59:35", a tab and a connection: not the general log of MariaDB',
    );
  const [head, year, month, day, clock, iso, connection, command] = found;
  const wall = iso ?? (year && `20${year}-${month}-${day} ${clock!.replace(/^(\d):/, '0$1:')}`);
  const time = wall === undefined ? undefined : isoTime(wall, context);
  if (wall !== undefined && time === undefined) return reject(`there is no such time: ${wall}`);
  const line = { command: command!, argument: text.slice(head.length), connection: connection! };
  return { event: toEvent(line, text, time, context) };
}

const text = (line: Uint8Array) => utf8.decode(line);

export const mariadbGeneral = collector({
  id: 'mariadb-general',
  title: 'MariaDB general query log',
  summary:
    'Reads the general query log (general_log = ON, log_output = FILE): connections and every statement, without its outcome. The audit ' +
    'plug-in tells more; the two together count every statement twice.',
  guarantee:
    'Files: nothing lost, nothing doubled. A time is written once a second and handed on to the lines behind it. Statements and user ' +
    'names hold line breaks as they were sent: they may forge lines, and nothing in the file can tell.',
  datasets: ['mariadb.general'],
  framing: {
    kind: 'lines',
    continues: (line: Uint8Array) => !LINE.test(text(line)) && !STARTED.test(text(line)),
    carries: {
      from: (record: Uint8Array) => {
        const time = TIME.exec(text(record))?.[0];
        return time === undefined ? undefined : new TextEncoder().encode(time);
      },
      lacks: (record: Uint8Array) => record[0] === 9,
    },
  },
  normalise,
  mask: (raw: Uint8Array): Uint8Array => new TextEncoder().encode(maskSql(utf8.decode(raw))),
});
