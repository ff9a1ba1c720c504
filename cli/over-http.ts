/** Calls of a server over HTTP or HTTPS. A server of this machine is known by its very certificate, whatever name that has. */
import { request as plain, type RequestOptions } from 'node:http';
import { request as encrypted } from 'node:https';
import { buffer } from 'node:stream/consumers';
import { errors } from '../core/errors.ts';
import type { Answer, Call } from './api.ts';

const TIMEOUT_MS = 60_000;

export interface Server {
  url: string;
  token: string | undefined;
  signal: AbortSignal;
  /** PEM; only a server with this certificate is spoken to. */
  certificate?: string;
}

export function overHttp({ url, token, signal, certificate }: Server): Call {
  const base = addressOf(url);
  return async (method, path, body) => {
    const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const options: RequestOptions = {
      method,
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
      headers: {
        ...(payload ? { 'content-type': 'application/json', 'content-length': payload.length } : {}),
        ...(token ? { authorization: `Bearer ${token}` } : {}),
      },
      ...(certificate ? { ca: certificate, checkServerIdentity: () => undefined } : {}),
    };
    return exchange(new URL(path, base), options, payload).catch((cause: Error) => {
      if (signal.aborted) throw errors.usage('interrupted');
      const late = cause.name === 'TimeoutError' || cause.name === 'AbortError';
      const why = late ? new Error(`no answer in ${TIMEOUT_MS / 1_000} s`) : cause;
      throw errors.remote('vigia server', `${method} ${base.origin}`, why, 'is "vigia serve" running there?');
    });
  };
}

function addressOf(url: string): URL {
  const base = URL.canParse(url) ? new URL(url) : undefined;
  if (base?.protocol === 'http:' || base?.protocol === 'https:') return base;
  throw errors.usage(`${url} is no address of a server`, 'write http://127.0.0.1:7788 or https://…');
}

function exchange(url: URL, options: RequestOptions, payload: Buffer | undefined): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const start = url.protocol === 'https:' ? encrypted : plain;
    const call = start(url, options, (answer) => {
      buffer(answer).then(
        (body) =>
          resolve({
            status: answer.statusCode ?? 0,
            headers: answer.headers as Record<string, string>,
            body,
          }),
        reject,
      );
    });
    // System errors of both address families come together, with an empty message.
    call.on('error', (cause) => reject(cause instanceof AggregateError ? cause.errors[0] : cause));
    call.end(payload);
  });
}
