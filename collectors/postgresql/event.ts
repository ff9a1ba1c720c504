/** A log record of PostgreSQL becomes an ECS event, the same whatever format it was written in. */
import { isIP } from 'node:net';
import type { Draft } from '../../core/event.ts';
import { type NormaliseContext, type Normalised, reject } from '../collector.ts';
import { isoTime, type SyslogTime } from '../syslog/time.ts';
import { durationOf, factsOf, given, tlsOf } from './facts.ts';
import { kindOf } from './kind.ts';
import { type LogRecord, logRecord, maskLine, type ParseLine } from './record.ts';
import { statementFacts } from './statement.ts';

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
    : { ms: (isoTime(`${wall}Z`, context)?.ms ?? Number.NaN) - minutes * 60_000, assumed: [] };
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
      postgresql: factsOf(record, kind, statement),
    },
  };
}

/** What a collector of one format needs beside its framing. */
export function reading(parse: ParseLine) {
  return {
    normalise(raw: Uint8Array, context: NormaliseContext): Normalised {
      const line = parse(utf8.decode(raw));
      if (typeof line === 'string') return reject(line);
      const record = logRecord(line);
      const time = recordTime(record.fields['timestamp']!, context);
      if (time === undefined || Number.isNaN(time.ms))
        return reject('"timestamp" is no time of the form "2026-11-21 19:58:20.687 UTC"');
      return { event: toEvent(record, context, time) };
    },
    /** For dead letters: the same bytes with secrets hidden, also when the line is no record. */
    mask: (raw: Uint8Array): Uint8Array => new TextEncoder().encode(maskLine(utf8.decode(raw), parse)),
  };
}
