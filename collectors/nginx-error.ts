/**
 * The error log of nginx becomes ECS events. Delivery: at least once from files, ids by position. What the client sent is
 * taken apart like a request of the access log, so that the same rules look at it; how it was answered is not in this log.
 */
import { isIP } from 'node:net';
import type { Draft } from '../core/event.ts';
import { isoOf } from '../core/iso-time.ts';
import { collector, type NormaliseContext, type Normalised, reject } from './collector.ts';
import { errorKind } from './nginx/error-kind.ts';
import { type ErrorRecord, errorRecord, startsErrorRecord } from './nginx/error-record.ts';
import { byteLength, decodedUrl } from './nginx/escapes.ts';
import { requestLine } from './nginx/request.ts';
import { maskLine } from './nginx/secrets.ts';
import { urlFields } from './nginx/url.ts';
import { isoTime, type SyslogTime } from './syslog/time.ts';

const utf8 = new TextDecoder('utf-8');
/** Time, level and process stand at the start of a line. */
const HEAD_BYTES = 128;

function toEvent(record: ErrorRecord, original: string, time: SyslogTime, context: NormaliseContext): Draft {
  const { client, message, level } = record;
  const { user, ...kind } = errorKind(message, level);
  const isAddress = client !== undefined && isIP(client) > 0;
  const { method, url, protocol, line } = record.request === undefined ? {} : requestLine(record.request);
  const [, name, port] = /^(.*?)(?::(\d{1,5}))?$/s.exec(record.host ?? record.server ?? '') ?? [];
  const fields = urlFields({
    ...(url === undefined ? {} : { url }),
    ...(name === undefined || name === '' ? {} : { host: name }),
    ...(port === undefined ? {} : { serverPort: port }),
  });
  const hosts = [...new Set([context.host, fields?.domain])].filter((one) => one !== undefined);
  return {
    '@timestamp': isoOf(time.ms),
    event: {
      kind: 'event',
      module: 'nginx',
      dataset: 'nginx.error',
      provider: 'nginx',
      ...kind,
      category: [...kind.category],
      type: [...kind.type],
      original,
    },
    message,
    log: { level },
    process: { pid: record.pid },
    service: { type: 'nginx' },
    ...(context.host === undefined ? {} : { host: { name: context.host } }),
    ...(client === undefined ? {} : { source: { address: client, ...(isAddress ? { ip: client } : {}) } }),
    ...(user === undefined ? {} : { user: { name: user } }),
    ...(fields === undefined ? {} : { url: fields }),
    ...(method === undefined && record.referrer === undefined
      ? {}
      : {
          http: {
            ...(protocol === undefined ? {} : { version: protocol.slice(5) }),
            request: {
              ...(method === undefined ? {} : { method }),
              ...(record.referrer === undefined ? {} : { referrer: record.referrer }),
            },
          },
        }),
    related: {
      ...(user === undefined ? {} : { user: [user] }),
      ...(isAddress ? { ip: [client] } : {}),
      ...(hosts.length > 0 ? { hosts } : {}),
    },
    vigia: {
      logsource: { product: 'nginx', category: 'webserver', service: 'nginx' },
      ...(time.assumed.length > 0 ? { clock: time.assumed } : {}),
      nginx: {
        ...(url === undefined ? {} : { decoded: decodedUrl(url), url_bytes: byteLength(url) }),
        ...(line === undefined ? {} : { request: line }),
        ...(record.connection === undefined ? {} : { connection: record.connection }),
        ...(record.upstream === undefined ? {} : { upstream: record.upstream }),
        ...(record.isAmbiguous ? { ambiguous: true } : {}),
      },
    },
  };
}

function normalise(raw: Uint8Array, context: NormaliseContext): Normalised {
  const text = maskLine(utf8.decode(raw));
  const record = errorRecord(text);
  if (typeof record === 'string') return reject(record);
  const time = isoTime(record.time.replace('/', '-').replace('/', '-'), context);
  if (time === undefined) return reject('there is no such time');
  return { event: toEvent(record, text, time, context) };
}

export const nginxError = collector({
  id: 'nginx-error',
  title: 'nginx error log',
  summary:
    'Reads the error log of nginx at any level: refused logins and requests, invalid requests, failures of the servers behind it. ' +
    'Times carry no zone: the source’s zone is assumed and flagged.',
  guarantee:
    'Files: nothing lost, nothing doubled. A record waits for the next one, or a second of silence. nginx escapes nothing in this log: ' +
    'a client that sends quotes or line breaks in a path can forge fields of its own record (flagged vigia.nginx.ambiguous) and, by ' +
    'line breaks, records.',
  datasets: ['nginx.error'],
  framing: {
    kind: 'lines',
    continues: (line: Uint8Array) => !startsErrorRecord(utf8.decode(line.subarray(0, HEAD_BYTES))),
  },
  normalise,
  /** For dead letters: the same bytes with secrets hidden. */
  mask: (raw: Uint8Array): Uint8Array => new TextEncoder().encode(maskLine(utf8.decode(raw))),
});
