/** Client of a system with an HTTP API: one logon per use, bounded answers, no redirects, encrypted unless the system is this machine. */
import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { errors } from '../core/errors.ts';
import { type ChangeCalls, changing } from './calls.ts';
import { maskSent } from './mask-sent.ts';
import { type HttpSettings, readAuthority, readSecret } from './settings.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Behind the address of the target. Made with `pathOf`, so that a value stays one piece of it. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Statuses that are an answer; 2xx when left out. */
  readonly statuses?: readonly number[];
}

export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
  /** Undefined when the answer holds no JSON. */
  readonly json: unknown;
}

export interface Http {
  readonly server: string;
  read(operation: string, request: HttpRequest): Promise<HttpAnswer>;
  change(operation: string, request: HttpRequest): Promise<HttpAnswer>;
}

type Sent = Readonly<Record<string, string>>;

const DEFAULT_TIMEOUT_MS = 10_000;
/** More than this is refused, not cut: half an answer would be taken for a whole one. */
const MAX_ANSWER_BYTES = 8 * 1_048_576;
const MAX_COMPLAINT = 300;
const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** `pathOf`/users/${name}`: every value encoded, none able to become two pieces or a query. */
export const pathOf = (pieces: TemplateStringsArray, ...values: readonly string[]): string =>
  pieces.reduce(
    (path, piece, at) => `${path}${encodeURIComponent(values[at - 1] ?? '').replace(/^\.+$/, '')}${piece}`,
  );

/** Logs on where that takes a call, runs `use`, and logs off. The secret is read just in time. */
export async function withHttp<T>(
  system: string,
  settings: HttpSettings,
  calls: ChangeCalls,
  use: (http: Http) => Promise<T>,
): Promise<T> {
  const url = new URL(settings.url);
  if (url.protocol === 'http:' && !LOOPBACK.has(url.hostname))
    throw errors.usage(
      `target ${system}: ${url.host} is not this machine and the connection is not encrypted`,
      'write https://',
    );
  const secret = settings.auth === 'none' ? '' : readSecret(system, settings);
  const send = (headers: Sent, address: URL, request: HttpRequest) =>
    ask(system, settings, headers, address, request);
  const attempt = async (
    operation: string,
    address: URL,
    headers: Sent,
    request: HttpRequest,
  ): Promise<HttpAnswer> => {
    let answer: HttpAnswer;
    try {
      answer = await send(headers, address, request);
    } catch (cause) {
      throw errors.remote(`${system} (${url.host})`, operation, cause);
    }
    const { status, text } = answer;
    const good = request.statuses?.includes(status) ?? (status >= 200 && status < 300);
    if (good) return answer;
    const sent = [secret, ...Object.values(headers).map((header) => header.replace(/^\S+ /, ''))];
    const said = JSON.stringify(maskSent(text, sent).slice(0, MAX_COMPLAINT));
    throw errors.remote(
      `${system} (${url.host})`,
      operation,
      Object.assign(new Error(`it answered ${status}: ${said}`), { status }),
      hintFor(status),
    );
  };
  const session = await logOn(system, settings, secret, (address, request) =>
    attempt('logon', address, {}, request),
  );
  const run = (operation: string, request: HttpRequest) =>
    attempt(operation, new URL(`${url.href.replace(/\/$/, '')}${request.path}`), session, request);
  try {
    return await use({
      server: url.host,
      read: run,
      change: (operation, request) => changing(calls, `http ${operation}`, () => run(operation, request)),
    });
  } finally {
    // A session that is left open ends by itself; what was asked for is already known.
    if (settings.auth === 'a10')
      await run('logoff', { method: 'POST', path: '/axapi/v3/logoff' }).catch(() => undefined);
  }
}

type Logon = (address: URL, request: HttpRequest) => Promise<HttpAnswer>;

/** The headers that make us known. */
async function logOn(system: string, settings: HttpSettings, secret: string, send: Logon): Promise<Sent> {
  switch (settings.auth) {
    case 'none':
      return {};
    case 'bearer':
      return { authorization: `Bearer ${secret}` };
    case 'vault':
      return { 'x-vault-token': secret };
    case 'basic':
      return { authorization: `Basic ${Buffer.from(`${settings.user}:${secret}`).toString('base64')}` };
    case 'a10': {
      // aXAPI v3: the signature of the session goes with every call.
      const body = { credentials: { username: settings.user, password: secret } };
      const address = new URL(`${settings.url.replace(/\/$/, '')}/axapi/v3/auth`);
      const { json } = await send(address, { method: 'POST', path: '', body });
      const { authresponse } = (json ?? {}) as { authresponse?: { signature?: unknown } };
      return { authorization: `A10 ${tokenIn(system, authresponse?.signature)}` };
    }
    case 'client-credentials': {
      const form = new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: settings.user,
        client_secret: secret,
        scope: settings.scope,
      });
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      const { json } = await send(new URL(settings.tokenUrl), {
        method: 'POST',
        path: '',
        headers,
        body: form.toString(),
      });
      return {
        authorization: `Bearer ${tokenIn(system, (json as { access_token?: unknown } | undefined)?.access_token)}`,
      };
    }
  }
}

function tokenIn(system: string, token: unknown): string {
  if (typeof token === 'string' && token !== '') return token;
  throw errors.remote(`target ${system}`, 'logon', 'the answer holds no token');
}

function ask(
  system: string,
  settings: HttpSettings,
  headers: Sent,
  address: URL,
  request: HttpRequest,
): Promise<HttpAnswer> {
  const timeoutMs = settings.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const body =
    typeof request.body === 'string'
      ? request.body
      : request.body === undefined
        ? undefined
        : JSON.stringify(request.body);
  const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>();
  const send = address.protocol === 'http:' ? plainRequest : tlsRequest;
  const outgoing = send(address, {
    method: request.method,
    headers: {
      accept: 'application/json',
      'user-agent': 'vigia',
      ...(body === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
      ...request.headers,
      ...headers,
    },
    ...(settings.caFile === undefined ? {} : { ca: readAuthority(system, settings.caFile) }),
    signal: AbortSignal.timeout(timeoutMs),
  });
  outgoing.once('error', (cause) =>
    reject(
      cause.name === 'TimeoutError' || cause.name === 'AbortError'
        ? new Error(`no answer within ${timeoutMs} ms`)
        : cause,
    ),
  );
  outgoing.once('response', (incoming) => {
    const parts: Buffer[] = [];
    let size = 0;
    incoming.on('data', (part: Buffer) => {
      size += part.length;
      if (size > MAX_ANSWER_BYTES)
        outgoing.destroy(new Error(`the answer is longer than ${MAX_ANSWER_BYTES} bytes`));
      else parts.push(part);
    });
    incoming.once('error', reject);
    incoming.once('end', () => {
      const text = Buffer.concat(parts).toString();
      resolve({ status: incoming.statusCode ?? 0, text, json: jsonOf(text) });
    });
  });
  outgoing.end(body);
  return promise;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function hintFor(status: number): string | undefined {
  if (status === 401) return 'check the account or token of Vigia on that system';
  if (status === 403) return 'the account of Vigia lacks the right to do this';
  if (status === 429) return 'the system asks for fewer calls; resume the run later';
  return undefined;
}
