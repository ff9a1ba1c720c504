/**
 * The error log of MariaDB and MySQL becomes ECS events: refused logins, cut connections, starts, stops and crashes of the
 * server, and of its audit plug-in. Delivery: at least once from files, ids by position.
 */
import { isIP } from 'node:net';
import type { Draft } from '../core/event.ts';
import { isoOf } from '../core/iso-time.ts';
import { collector, type NormaliseContext, type Normalised, reject } from './collector.ts';
import { maskSql } from './mariadb/mask.ts';
import { serverMessage } from './mariadb/server-message.ts';
import { isoTime } from './syslog/time.ts';

const utf8 = new TextDecoder('utf-8');
/** `2026-11-21 19:59:35 7 [Warning] text`, MySQL's `2026-11-21T19:59:35.123456Z 7 [Warning] [MY-010055] [Server] text`, and `261121 19:59:35 text` of plug-ins. */
const HEAD =
  /^(?:(\d{4}-\d{2}-\d{2})[ T] ?(\d{1,2}:\d{2}:\d{2}(?:\.\d{1,6})?)(Z|[+-]\d{2}:\d{2})? (\d+) \[(\w+)\] (?:\[(MY-\d+)\] \[(\w+)\] )?|(\d{2})(\d{2})(\d{2}) {1,2}(\d{1,2}:\d{2}:\d{2}) )/;
const LEVELS: Readonly<Record<string, string>> = { Note: 'note', System: 'note' };

const twoDigits = (time: string) => time.replace(/^(\d):/, '0$1:');

function toEvent(
  text: string,
  head: RegExpExecArray,
  ms: number,
  assumed: readonly string[],
  context: NormaliseContext,
): Draft {
  const message = text.slice(head[0].length);
  const { user, host, database, connection, record, action, category, type, outcome, reason } =
    serverMessage(message);
  const [, , , , thread, level, code, subsystem] = head;
  const isAddress = host !== undefined && isIP(host) > 0;
  const id = connection ?? (thread === '0' ? undefined : thread);
  return {
    '@timestamp': isoOf(ms),
    event: {
      kind: 'event',
      module: 'mariadb',
      dataset: 'mariadb.error',
      provider: message.startsWith('server_audit: ') ? 'server_audit' : 'mariadbd',
      ...{ category, type, action, outcome },
      ...(reason === undefined ? {} : { reason }),
      ...(code === undefined ? {} : { code }),
      original: text,
    },
    message,
    log: { level: LEVELS[level ?? 'Note'] ?? level!.toLowerCase() },
    service: { type: 'mariadb' },
    ...(context.host === undefined ? {} : { host: { name: context.host, hostname: context.host } }),
    ...(user === undefined ? {} : { user: { name: user } }),
    ...(host === undefined
      ? {}
      : { source: { address: host, ...(isAddress ? { ip: host } : { domain: host }) } }),
    ...(reason === undefined ? {} : { error: { message: reason } }),
    related: {
      ...(user === undefined ? {} : { user: [user] }),
      ...(isAddress ? { ip: [host] } : {}),
      ...(context.host === undefined ? {} : { hosts: [context.host] }),
    },
    vigia: {
      logsource: { product: 'mariadb', category: 'database' },
      ...(assumed.length > 0 ? { clock: [...assumed] } : {}),
      mariadb: {
        record,
        ...(id === undefined ? {} : { connection_id: id }),
        ...(database === undefined ? {} : { database }),
        ...(subsystem === undefined ? {} : { subsystem }),
      },
    },
  };
}

function normalise(raw: Uint8Array, context: NormaliseContext): Normalised {
  const text = maskSql(utf8.decode(raw));
  const head = HEAD.exec(text);
  if (head === null)
    return reject(
      'line does not start with "2026-11-21 19:59:35 7 [Warning] ": not the error log of MariaDB',
    );
  const [, date, clock, zone, , , , , year, month, day, short] = head;
  const wall =
    date === undefined
      ? `20${year}-${month}-${day} ${twoDigits(short!)}`
      : `${date} ${twoDigits(clock!)}${zone ?? ''}`;
  const time = isoTime(wall, context);
  if (time === undefined) return reject(`there is no such time: ${wall}`);
  return { event: toEvent(text, head, time.ms, time.assumed, context) };
}

export const mariadbError = collector({
  id: 'mariadb-error',
  title: 'MariaDB error log',
  summary:
    'Reads the error log of MariaDB 10 or later (MySQL 5.7 and 8 write it alike): refused logins, starts, stops, crashes, the audit ' +
    'plug-in going on and off. Refused logins are in the audit plug-in’s file as well: rules that count them count both.',
  guarantee:
    'Files: nothing lost, nothing doubled. The last record waits for the next one, or a second of silence. User names are written ' +
    'as the client sent them: they may hold line breaks and so forge lines.',
  datasets: ['mariadb.error'],
  framing: { kind: 'lines', continues: (line: Uint8Array) => !HEAD.test(utf8.decode(line)) },
  normalise,
  mask: (raw: Uint8Array): Uint8Array => new TextEncoder().encode(maskSql(utf8.decode(raw))),
});
