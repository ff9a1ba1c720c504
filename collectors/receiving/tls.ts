/** Certificates of a receiver, and which client certificates it asks for. */
import { readFileSync } from 'node:fs';
import type { TlsOptions } from 'node:tls';
import { errors } from '../../core/errors.ts';

export interface ReceiverTls {
  certFile: string;
  keyFile: string;
  /** Senders must show a certificate of this authority (PEM). */
  clientCaFile?: string;
}

export function tlsOptions({ certFile, keyFile, clientCaFile }: ReceiverTls, what: string): TlsOptions {
  const read = (path: string) => {
    try {
      return readFileSync(path);
    } catch (cause) {
      throw errors.usage(`${what}: ${path} cannot be read: ${(cause as Error).message}`);
    }
  };
  return {
    cert: read(certFile),
    key: read(keyFile),
    minVersion: 'TLSv1.2',
    ...(clientCaFile === undefined
      ? {}
      : { ca: read(clientCaFile), requestCert: true, rejectUnauthorized: true }),
  };
}
