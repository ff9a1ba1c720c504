/**
 * Web requests that nginx served become ECS `web` events. Delivery: at least once from files, ids by position. Lost:
 * requests that nginx does not log (`access_log off`), and what it still buffers (`buffer=`) when it is killed.
 *
 * | nginx logs | Event |
 * | --- | --- |
 * | request line or `$request_uri` | `url.original`, `.path`, `.query`, `.extension`; with escapes undone `vigia.nginx.decoded` |
 * | `$host` or virtual host | `url.domain`, `url.port`: what the client asked for, which is the client's to choose |
 * | `$remote_addr`, `$http_x_forwarded_for` | `source.ip`, `network.forwarded_ip`: the latter is the client's to write |
 * | a request that is no HTTP | `vigia.nginx.request`: its bytes, escapes undone |
 */
import { isIP } from 'node:net';
import type { Draft } from '../core/event.ts';
import { isoOf } from '../core/iso-time.ts';
import { collector, type NormaliseContext, type Normalised, reject } from './collector.ts';
import { byteLength, decodedUrl } from './nginx/escapes.ts';
import { type WebRequest, webRequest } from './nginx/request.ts';
import { maskLine } from './nginx/secrets.ts';
import { requestTime } from './nginx/time.ts';
import { urlFields } from './nginx/url.ts';

const utf8 = new TextDecoder('utf-8');

function httpFields(request: WebRequest): Draft['http'] {
  const { method, referrer, id, protocol } = request;
  const fields = {
    ...(method === undefined ? {} : { method }),
    ...(referrer === undefined ? {} : { referrer }),
    ...(id === undefined ? {} : { id }),
    ...(request.requestBytes === undefined ? {} : { bytes: request.requestBytes }),
  };
  return {
    ...(protocol === undefined ? {} : { version: protocol.slice(5) }),
    ...(Object.keys(fields).length === 0 ? {} : { request: fields }),
    response: {
      status_code: request.status,
      ...(request.bytes === undefined ? {} : { body: { bytes: request.bytes } }),
    },
  };
}

/** The first address that a proxy before us says it forwards for. */
const forwardedFor = (text: string | undefined): string | undefined =>
  text
    ?.split(',')
    .map((one) => one.trim().replace(/^\[|\]$/g, ''))
    .find((one) => isIP(one) > 0);

function factsOf(request: WebRequest): Record<string, unknown> {
  const { url, line, upstreamSeconds } = request;
  return {
    ...(url === undefined ? {} : { decoded: decodedUrl(url) }),
    // Over-long addresses are told by their length, which stays when the text is too long to be indexed.
    ...(url === undefined ? {} : { url_bytes: byteLength(url) }),
    ...(line === undefined ? {} : { request: line }),
    ...(upstreamSeconds === undefined ? {} : { upstream_response_time: upstreamSeconds }),
  };
}

function toEvent(request: WebRequest, original: string, ms: number, context: NormaliseContext): Draft {
  const { address, user, tls, status } = request;
  const isAddress = address !== undefined && isIP(address) > 0;
  const port = Number(request.port);
  const url = urlFields(request);
  const forwarded = forwardedFor(request.forwarded);
  const addresses = [...new Set([isAddress ? address : undefined, forwarded])].filter(
    (one): one is string => one !== undefined,
  );
  const hosts = [...new Set([context.host, url?.domain])].filter((one): one is string => one !== undefined);
  const what =
    request.method === undefined ? 'unreadable request' : `${request.method} ${request.url ?? '-'}`;
  return {
    '@timestamp': isoOf(ms),
    event: {
      kind: 'event',
      module: 'nginx',
      dataset: 'nginx.access',
      provider: 'nginx',
      category: ['web'],
      type: status >= 500 ? ['access', 'error'] : ['access'],
      action: 'http-request',
      outcome: status < 400 ? 'success' : 'failure',
      ...(request.seconds === undefined ? {} : { duration: Math.round(request.seconds * 1e9) }),
      original,
    },
    message: `${what} ${status}`,
    service: { type: 'nginx' },
    ...(context.host === undefined ? {} : { host: { name: context.host } }),
    ...(address === undefined
      ? {}
      : {
          source: {
            address,
            ...(isAddress ? { ip: address } : {}),
            ...(request.port !== undefined && port <= 65_535 ? { port } : {}),
          },
        }),
    ...(forwarded === undefined ? {} : { network: { forwarded_ip: forwarded } }),
    ...(user === undefined ? {} : { user: { name: user } }),
    ...(url === undefined ? {} : { url }),
    http: httpFields(request)!,
    ...(request.agent === undefined ? {} : { user_agent: { original: request.agent } }),
    ...(tls === undefined
      ? {}
      : {
          tls: {
            version: tls.replace(/^TLSv/, ''),
            version_protocol: tls.startsWith('TLS') ? 'tls' : 'ssl',
            ...(request.cipher === undefined ? {} : { cipher: request.cipher }),
          },
        }),
    related: {
      ...(user === undefined ? {} : { user: [user] }),
      ...(addresses.length > 0 ? { ip: addresses } : {}),
      ...(hosts.length > 0 ? { hosts } : {}),
    },
    vigia: {
      logsource: { product: 'nginx', category: 'webserver', service: 'nginx' },
      nginx: factsOf(request),
    },
  };
}

function normalise(raw: Uint8Array, context: NormaliseContext): Normalised {
  const line = maskLine(utf8.decode(raw));
  const request = webRequest(line);
  if (typeof request === 'string') return reject(request);
  const time = requestTime(request.time, context);
  if (time === undefined) return reject('the time is none of $msec, $time_iso8601, $time_local');
  return { event: toEvent(request, line, time.ms, context) };
}

export const nginxAccess = collector({
  id: 'nginx-access',
  title: 'nginx access log',
  summary:
    'Reads the access log of nginx: a JSON format (log_format … escape=json, keys named like the variables), the combined format, ' +
    'and combined behind the virtual host. Only JSON tells an empty value from a dash, and milliseconds.',
  guarantee:
    'Files: nothing lost, nothing doubled. Two requests alike in the same second stay two events. What nginx buffers (buffer=, gzip=) reaches the file late.',
  datasets: ['nginx.access'],
  framing: { kind: 'lines' },
  normalise,
  /** For dead letters: the same bytes with secrets hidden. */
  mask: (raw: Uint8Array): Uint8Array => new TextEncoder().encode(maskLine(utf8.decode(raw))),
});
