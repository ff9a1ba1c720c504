/** Syslog over TLS: a real rsyslog with a client certificate is heard, and nobody without one. */
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectPlain } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Certificate, issueCertificate } from '../../tests/testbed/certificates.ts';
import { needInstalled } from '../../tests/testbed/need.ts';
import { startRsyslog } from '../../tests/testbed/shippers.ts';
import { type Listener, listenTcp } from './listen.ts';
import { openSpool, type Spool } from './spool.ts';
import { spoolReader } from './spool-reader.ts';

const shippers = await needInstalled('shippers');

let folder: string;
let spool: Spool;
let listener: Listener;
let own: Certificate;
let warnings: string[];
const warn = (message: string) => warnings.push(message);

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vigia-tls-'));
  warnings = [];
  own = await issueCertificate(join(folder, 'own'), 'vigia.example.test', ['DNS:vigia.example.test']);
  spool = await openSpool(join(folder, 'spool'), { warn });
  const tls = { certFile: own.certFile, keyFile: own.keyFile, clientCaFile: own.caFile };
  listener = await listenTcp('127.0.0.1:0', { spool, maxRecordBytes: 10_000, now: Date.now, warn, tls });
});
afterEach(async () => {
  await listener.close().catch(() => undefined);
  await spool.close();
  rmSync(folder, { recursive: true });
});

/** The first `count` records, however long they take. */
async function received(count: number): Promise<string[]> {
  const found: string[] = [];
  const stop = new AbortController();
  const options = {
    signal: stop.signal,
    until: 'forever',
    batchBytes: 1e6,
    maxRecordBytes: 1e6,
    warn,
  } as const;
  for await (const { records } of spoolReader(join(folder, 'spool'))(undefined, options)) {
    found.push(...records.map(({ raw }) => Buffer.from(raw).toString()));
    if (found.length >= count) stop.abort();
  }
  return found;
}
/** Ends as the receiver ends it. */
const tried = async (options: object, text: string): Promise<string | undefined> => {
  const socket = connect({
    port: listener.address.port,
    host: '127.0.0.1',
    ca: own.ca,
    servername: 'vigia.example.test',
    ...options,
  });
  let failure: string | undefined;
  socket.on('error', (cause) => {
    failure = cause.message;
  });
  socket.end(text);
  socket.resume();
  await new Promise((resolve) => socket.on('close', resolve));
  return failure;
};

shippers.describe('syslog over TLS', () => {
  it('takes what rsyslog sends with a client certificate', { timeout: 120_000 }, async () => {
    const input = join(folder, 'input.log');
    const place = join(folder, 'shipper');
    mkdirSync(place);
    writeFileSync(input, Array.from({ length: 300 }, (_, n) => `message ${n}\n`).join(''));
    const rsyslog = await startRsyslog(
      place,
      `global(DefaultNetstreamDriver="gtls" DefaultNetstreamDriverCAFile="${own.caFile}"
  DefaultNetstreamDriverCertFile="${own.certFile}" DefaultNetstreamDriverKeyFile="${own.keyFile}")
module(load="imfile")
input(type="imfile" File="${input}" Tag="benefits:" ruleset="out")
ruleset(name="out") {
  action(type="omfwd" target="127.0.0.1" port="${listener.address.port}" protocol="tcp" TCP_Framing="octet-counted"
    template="RSYSLOG_SyslogProtocol23Format" StreamDriver="gtls" StreamDriverMode="1" StreamDriverAuthMode="x509/name"
    StreamDriverPermittedPeers="vigia.example.test")
}
`,
    );
    try {
      const found = await received(300);
      expect(found.map((text) => /message \d+$/.exec(text.trim())?.[0])).toEqual(
        Array.from({ length: 300 }, (_, n) => `message ${n}`),
      );
    } finally {
      await rsyslog.stop('SIGTERM', 1_000);
    }
  });
});

it('hears nobody without a certificate of the authority, and says who tried', async () => {
  const other = await issueCertificate(join(folder, 'other'), 'other.example.test', [
    'DNS:other.example.test',
  ]);
  const shown = (one: Certificate) => ({ cert: readFileSync(one.certFile), key: readFileSync(one.keyFile) });
  await tried({}, '<13>no certificate\n');
  await tried(shown(other), '<13>of another authority\n');
  await tried(
    { ...shown(own), maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'ALL@SECLEVEL=0' },
    '<13>old\n',
  );
  expect(await tried(shown(own), '<13>with a certificate\n')).toBeUndefined();
  expect(await received(1)).toEqual(['<13>with a certificate']);
  expect(warnings).toHaveLength(3);
  for (const one of warnings) expect(one).toMatch(/^syslog connection from [\d.]*: TLS: E/);
});

it('is closed although somebody does not finish the handshake', async () => {
  const socket = connectPlain(listener.address.port, '127.0.0.1');
  await once(socket, 'connect');
  socket.resume();
  await Promise.all([once(socket, 'close'), listener.close()]);
});
