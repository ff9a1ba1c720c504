/** A real mail server that keeps what it takes: TLS, one account, and no recipient whose name begins with "gone". */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SMTPServer } from 'smtp-server';
import type { MailSettings } from '../../targets/settings.ts';
import { issueCertificate } from '../testbed/certificates.ts';

export interface TakenMail {
  readonly to: readonly string[];
  readonly text: string;
  readonly secure: boolean;
}

export interface MailSink {
  readonly settings: MailSettings;
  readonly password: string;
  readonly mails: TakenMail[];
  /** Which recipients it does not know from now on. */
  refuse(address: RegExp): void;
  close(): Promise<void>;
}

export async function mailSink(): Promise<MailSink> {
  const folder = mkdtempSync(join(tmpdir(), 'vigia-mail-'));
  const pki = await issueCertificate(join(folder, 'pki'), 'localhost', ['DNS:localhost', 'IP:127.0.0.1']);
  const password = 'Va1-mail-secret';
  writeFileSync(join(folder, 'password'), password, { mode: 0o600 });
  const mails: TakenMail[] = [];
  let unknown = /^gone@/;
  const sink = new SMTPServer({
    key: readFileSync(pki.keyFile),
    cert: readFileSync(pki.certFile),
    onAuth: (given, _session, done) =>
      given.username === 'vigia' && given.password === password
        ? done(null, { user: given.username })
        : // Servers may repeat what they were told.
          done(new Error(`${given.password} is wrong`)),
    onRcptTo: ({ address }, _session, done) =>
      unknown.test(address) ? done(new Error('no such user')) : done(),
    async onData(stream, { envelope, secure }, done) {
      const text = Buffer.concat(await Array.fromAsync(stream as AsyncIterable<Buffer>)).toString();
      mails.push({ to: envelope.rcptTo.map(({ address }) => address), text, secure });
      done();
    },
  });
  // A client that gives up in the middle ends the process otherwise.
  sink.on('error', () => undefined);
  await new Promise<void>((listening) => sink.listen(0, '127.0.0.1', listening));
  return {
    settings: {
      kind: 'mail',
      host: 'localhost',
      port: (sink.server.address() as AddressInfo).port,
      user: 'vigia',
      passwordFile: join(folder, 'password'),
      from: 'vigia@example.test',
      domains: ['example.test'],
      caFile: pki.caFile,
    },
    password,
    mails,
    refuse(address) {
      unknown = address;
    },
    async close() {
      await new Promise<void>((closed) => sink.close(() => closed()));
      rmSync(folder, { recursive: true });
    },
  };
}
