/** What may be sent to a source: addresses, who may send, certificates. Types and JSON Schema. */

import type { ReceiverTls } from '../collectors/receiving/tls.ts';
import { object, text } from './schema-words.ts';

/** One address of an HTTP receiver. */
export interface HttpListenSettings {
  address: string;
  /** Lines `name:secret`; without them everybody who reaches the address may send. */
  credentialsFile?: string;
  credentialsEnv?: string;
  tls?: ReceiverTls;
}

export interface ListenSettings {
  tcp?: string;
  udp?: string;
  /** Syslog over TLS. */
  tls?: { address: string } & ReceiverTls;
  bulk?: HttpListenSettings & { field?: string };
  otlp?: HttpListenSettings;
  alertmanager?: HttpListenSettings;
  /** On disk, not yet delivered. */
  spoolMegabytes?: number;
}

/** Receivers over HTTP, by their key under `listen`. */
export const HTTP_KINDS = ['bulk', 'otlp', 'alertmanager'] as const satisfies (keyof ListenSettings)[];

const certificate = {
  certFile: text('PEM', '/etc/vigia/receive.pem'),
  keyFile: text('PEM', '/etc/vigia/receive.key'),
  clientCaFile: text(
    'Authority of client certificates (PEM): a sender without one of them is refused',
    '/etc/vigia/senders-ca.pem',
  ),
};
const tls = object('Certificate of this address', ['certFile', 'keyFile'], certificate);

const http = (description: string, example: string, more: Record<string, object> = {}) =>
  object(description, ['address'], {
    address: text('Address and port; anything but loopback needs tls', example),
    credentialsFile: text(
      'File with a line "name:secret" for each sender: Basic, API key (id:key) or bearer token',
      '/run/secrets/vigia-senders',
    ),
    credentialsEnv: text('Environment variable that holds such lines', 'VIGIA_SENDERS'),
    tls,
    ...more,
  });

export const listenSchema = object('Addresses that records are sent to', [], {
  tcp: text('Syslog over TCP: address and port', '127.0.0.1:5514'),
  udp: text('Syslog over UDP: address and port', '127.0.0.1:5514'),
  tls: object('Syslog over TLS (RFC 5425)', ['address', 'certFile', 'keyFile'], {
    address: text('Address and port', '10.0.0.5:6514'),
    ...certificate,
  }),
  bulk: http('Documents of shippers that speak to Elasticsearch (_bulk)', '127.0.0.1:9200', {
    field: text(
      'Field whose text is the record, where shippers wrap lines into documents; the whole document when left out',
      'message',
    ),
  }),
  otlp: http('Logs of OpenTelemetry over HTTP (POST /v1/logs); collector otlp-logs', '127.0.0.1:4318'),
  alertmanager: http('Webhook of Alertmanager; collector alertmanager', '127.0.0.1:9094'),
  spoolMegabytes: {
    type: 'integer',
    minimum: 256,
    maximum: 1_048_576,
    description:
      'How much may wait on disk for the store; then senders wait or are refused (429). 4096 when left out',
    examples: [4096],
  },
});
