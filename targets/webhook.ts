/** Tells another system by a signed HTTP call: the receiver knows who sent it, that it is whole, and that it is not an old one. */
import { createHmac } from 'node:crypto';
import type { ChangeCalls } from './calls.ts';
import { withHttp } from './http.ts';
import { readSecret, type WebhookSettings } from './settings.ts';

export interface Webhook {
  readonly server: string;
  /** The status of the answer. */
  send(id: string, seconds: number, body: string): Promise<number>;
}

/** `t=1764321000,v1=…`: HMAC-SHA-256 over the time, a dot and the very bytes of the body. */
export const signatureOf = (secret: string, seconds: number, body: string): string =>
  `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`;

export const webhookOf = (system: string, settings: WebhookSettings, calls: ChangeCalls): Webhook => ({
  server: new URL(settings.url).host,
  async send(id, seconds, body) {
    const secret = readSecret(system, settings);
    const headers = { 'x-vigia-id': id, 'x-vigia-signature': signatureOf(secret, seconds, body) };
    return await withHttp(system, { ...settings, kind: 'http', auth: 'none' }, calls, async (http) => {
      const answer = await http.change('webhook', { method: 'POST', path: '', headers, body });
      return answer.status;
    });
  },
});
