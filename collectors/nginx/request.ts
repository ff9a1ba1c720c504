/** One request as nginx logs it, whatever the log format: JSON with the usual names, combined, combined behind the virtual host. */
import { unescapeNginx } from './escapes.ts';

/** What is known of a request; texts are as the client sent them (escapes undone), empty ones are left out. */
export interface WebRequest {
  time: string;
  address?: string;
  port?: string;
  user?: string;
  method?: string;
  /** Path and query, as requested. */
  url?: string;
  /** `HTTP/1.1`. */
  protocol?: string;
  /** The whole request line, where it cannot be taken apart. */
  line?: string;
  status: number;
  bytes?: number;
  requestBytes?: number;
  seconds?: number;
  host?: string;
  /** Port of the server, where the virtual host is logged with it. */
  serverPort?: string;
  referrer?: string;
  agent?: string;
  forwarded?: string;
  tls?: string;
  cipher?: string;
  id?: string;
  upstreamSeconds?: string;
}

/** Texts of a request that may hold secrets; they are masked before anything is kept. */
export const TEXTS = ['url', 'line', 'referrer', 'agent', 'user', 'host', 'forwarded'] as const;

/** `GET /a?b HTTP/1.1`; TLS bytes and other garbage stay a `line`. */
export function requestLine(line: string): Pick<WebRequest, 'method' | 'url' | 'protocol' | 'line'> {
  if (line === '' || line === '-') return {};
  const [, method, rest] = /^([A-Za-z][\w-]{0,31}) (.*)$/s.exec(line) ?? [];
  if (method === undefined || rest === undefined) return { line };
  const protocol = / (HTTP\/\d(?:\.\d)?)$/.exec(rest)?.[1];
  const url = protocol === undefined ? rest : rest.slice(0, -protocol.length - 1);
  return { method, ...(url === '' ? {} : { url }), ...(protocol === undefined ? {} : { protocol }) };
}

/** Names under which JSON formats keep a value: our proposal first, then nginx's own variables. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  time: ['time', 'msec', 'time_iso8601', 'timestamp', '@timestamp', 'time_local'],
  address: ['remote_addr', 'client', 'remote_ip', 'client_ip'],
  port: ['remote_port', 'client_port'],
  user: ['user', 'remote_user'],
  method: ['method', 'request_method'],
  url: ['uri', 'request_uri', 'url'],
  protocol: ['proto', 'server_protocol', 'protocol'],
  request: ['request'],
  status: ['status'],
  bytes: ['bytes', 'body_bytes_sent', 'bytes_sent'],
  requestBytes: ['req_len', 'request_length'],
  seconds: ['rt', 'request_time'],
  upstreamSeconds: ['urt', 'upstream_response_time'],
  host: ['host', 'http_host', 'server_name'],
  serverPort: ['server_port'],
  referrer: ['referer', 'http_referer', 'referrer'],
  agent: ['ua', 'http_user_agent', 'user_agent'],
  forwarded: ['xff', 'http_x_forwarded_for', 'x_forwarded_for'],
  tls: ['tls', 'ssl_protocol'],
  cipher: ['cipher', 'ssl_cipher'],
  id: ['req_id', 'request_id'],
};

const number = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,15}(?:\.\d{1,9})?$/.test(text) ? Number(text) : undefined;
const given = <T>(key: string, value: T | undefined) =>
  value === undefined || value === '' || value === '-' ? {} : { [key]: value };

/** The request of one JSON object, or a sentence that says what it lacks. */
function jsonRequest(line: string): WebRequest | string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return 'line starts with "{" but is no JSON: write the log_format with escape=json and quote what may be empty';
  }
  if (typeof parsed !== 'object' || parsed === null) return 'line is JSON, but no object';
  const record = parsed as Record<string, unknown>;
  const text = (name: string): string | undefined => {
    for (const key of KEYS[name]!) {
      const value = Object.hasOwn(record, key) ? record[key] : undefined;
      if ((typeof value === 'string' && value !== '') || typeof value === 'number') return String(value);
    }
    return undefined;
  };
  const time = text('time');
  const status = number(text('status'));
  if (time === undefined || status === undefined)
    return 'JSON object lacks "time" or "status": log at least time ($time_iso8601), status, remote_addr, method and uri';
  const pieces = text('url') === undefined ? requestLine(text('request') ?? '') : {};
  return {
    // Milliseconds, where the format has them, are worth more than the second.
    time: typeof record['msec'] === 'number' ? String(record['msec']) : time,
    status,
    ...pieces,
    ...Object.fromEntries(
      [
        ...([
          'address',
          'port',
          'user',
          'method',
          'url',
          'protocol',
          'host',
          'serverPort',
          'referrer',
        ] as const),
        ...(['agent', 'forwarded', 'tls', 'cipher', 'id', 'upstreamSeconds'] as const),
      ].flatMap((name) => Object.entries(given(name, text(name)))),
    ),
    ...given('bytes', number(text('bytes'))),
    ...given('requestBytes', number(text('requestBytes'))),
    ...given('seconds', number(text('seconds'))),
  };
}

/** nginx escapes quotes inside values, so the first plain quote ends one; a user name may hold blanks and brackets. */
const COMBINED =
  /^(?:(?<host>[^\s"]{1,255}) )?(?<address>[^\s"]{1,255}) - (?<user>[^"]{0,1024}?) \[(?<time>\d{2}\/[A-Za-z]{3}\/\d{4}:\d{2}:\d{2}:\d{2} [+-]\d{4})\] "(?<line>[^"]*)" (?<status>\d{3}) (?<bytes>\d{1,15}|-)(?: "(?<referrer>[^"]*)")?(?: "(?<agent>[^"]*)")?(?<rest>[^"]*)/;

function combinedRequest(line: string): WebRequest | string {
  const groups = COMBINED.exec(line)?.groups;
  if (groups === undefined)
    return 'line is neither JSON nor the combined format: address - user [time] "request" status bytes "referrer" "agent"';
  const plain = (name: string) => unescapeNginx(groups[name] ?? '');
  const [, host, serverPort] = /^(.*?)(?::(\d{1,5}))?$/s.exec(plain('host')) ?? [];
  return {
    time: groups['time']!,
    status: Number(groups['status']),
    ...requestLine(plain('line')),
    ...given('address', plain('address')),
    ...given('user', plain('user')),
    ...given('bytes', number(groups['bytes'])),
    ...given('referrer', plain('referrer')),
    ...given('agent', plain('agent')),
    ...given('host', host),
    ...given('serverPort', serverPort),
    ...given('seconds', number(/^ (\d+\.\d{3})\b/.exec(groups['rest'] ?? '')?.[1])),
  };
}

/** The request, or a sentence that says what is wrong with the line. */
export const webRequest = (line: string): WebRequest | string =>
  /^\s*\{/.test(line) ? jsonRequest(line) : combinedRequest(line);
