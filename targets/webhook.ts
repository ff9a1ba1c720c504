/** Tells another system by a signed HTTP call: the receiver knows who sent it, that it is whole, and that it is not an old one. */
import { createHmac } from 'node:crypto';
import type { ChangeCalls } from './calls.ts';
import { type Http, type HttpAnswer, type HttpRequest, withHttp } from './http.ts';
import { readSecret, type WebhookSettings } from './settings.ts';

export interface Webhook {
  readonly server: string;
  send(id: string, seconds: number, body: string): Promise<HttpAnswer>;
  /** Says that it is only a trial, which no receiver may show to a person; a change of nothing. */
  ping(id: string, seconds: number): Promise<HttpAnswer>;
}

/** `t=1764321000,v1=…`: HMAC-SHA-256 over the time, a dot and the very bytes of the body. */
export const signatureOf = (secret: string, seconds: number, body: string): string =>
  `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`;

export function webhookOf(system: string, settings: WebhookSettings, calls: ChangeCalls): Webhook {
  const signed = <T>(
    id: string,
    seconds: number,
    body: string,
    use: (http: Http, request: HttpRequest) => Promise<T>,
  ): Promise<T> => {
    const secret = readSecret(system, settings);
    const headers = { 'x-vigia-id': id, 'x-vigia-signature': signatureOf(secret, seconds, body) };
    return withHttp(system, { ...settings, kind: 'http', auth: 'none' }, calls, (http) =>
      use(http, { method: 'POST', path: '', headers, body }),
    );
  };
  return {
    server: new URL(settings.url).host,
    send: (id, seconds, body) =>
      signed(id, seconds, body, (http, request) => http.change('webhook', request)),
    ping(id, seconds) {
      const body = JSON.stringify({ id, at: new Date(seconds * 1_000).toISOString(), kind: 'ping' });
      return signed(id, seconds, body, (http, request) => http.read('ping', request));
    },
  };
}
