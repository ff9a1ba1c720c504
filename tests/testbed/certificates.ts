/** A throw-away certificate authority and one certificate for a server or a client, with names and addresses in it. */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { command } from './command.ts';

export interface Certificate {
  /** The authority's certificate, as a file and as PEM text. */
  readonly caFile: string;
  readonly ca: string;
  readonly certFile: string;
  readonly keyFile: string;
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

/** `subjects` in OpenSSL's form: `DNS:dc1.example.test`, `IP:127.0.0.1`. Key files are readable by root alone. */
export async function issueCertificate(
  folder: string,
  commonName: string,
  subjects: readonly string[],
): Promise<Certificate> {
  mkdirSync(folder, { recursive: true });
  const [caFile, caKey] = [join(folder, 'ca.pem'), join(folder, 'ca.key')];
  const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  const authority = ['-subj', '/CN=Vigia test authority', '-keyout', caKey, '-out', caFile];
  await command('openssl', ['req', '-x509', ...newKey, '-days', '2', ...authority]);
  await command('openssl', [
    ...['req', '-x509', ...newKey, '-days', '2', '-CA', caFile, '-CAkey', caKey],
    ...['-subj', `/CN=${commonName}`, '-addext', `subjectAltName=${subjects.join(',')}`],
    ...['-addext', 'basicConstraints=critical,CA:FALSE', '-addext', 'extendedKeyUsage=serverAuth,clientAuth'],
    ...['-keyout', keyFile, '-out', certFile],
  ]);
  return { caFile, ca: readFileSync(caFile, 'utf8'), certFile, keyFile };
}
