/** What `kafka` may say: every mistake with its place and what to write instead. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSettings } from './settings.ts';
import { connectionOf } from './topic-source.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vigia-kafka-settings-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const read = (kafka: string, collector = 'linux-syslog') => {
  const source = `{ id: a, collector: ${collector}, kafka: { topics: [audit], group: vigia, ${kafka} } }`;
  writeFileSync(join(folder, 'vigia.yml'), `sources: [${source}]\n`);
  return readSettings(join(folder, 'vigia.yml'), {}).sources[0]!;
};
const here = 'brokers: ["127.0.0.1:9092"]';
const sasl = (more: string) => `${here}, sasl: { mechanism: PLAIN, user: vigia, ${more} }`;

describe('kafka', () => {
  it('finds its files beside the settings, and asks for the password when it is needed', () => {
    const { kafka } = read(`${sasl('passwordFile: secret')}, tls: { caFile: ca.pem }`);
    expect(kafka?.tls).toEqual({ caFile: join(folder, 'ca.pem') });
    writeFileSync(join(folder, 'secret'), 'first\n');
    const { sasl: login } = connectionOf(kafka!);
    writeFileSync(join(folder, 'secret'), 'second\n');
    expect(login?.password()).toBe('second');
  });

  it.each([
    ['brokers: ["kafka1.example.test:9092"]', 'not loopback and there is no TLS; add tls'],
    ['brokers: [kafka1.example.test]', 'brokers'],
    [`${here}, tls: { certFile: a.pem }`, 'belong together; add certFile and keyFile'],
    [sasl(''), 'named twice, or nowhere; write one of'],
    [sasl('passwordFile: a, passwordEnv: B'), 'named twice, or nowhere; write one of'],
  ])('%s is refused: %s', (kafka, message) => {
    expect(() => read(kafka)).toThrow(message);
  });

  it.each(['windows-evtx', 'vigia-audit'])('is nothing for %s', (collector) => {
    expect(() => read(here, collector)).toThrow(`${collector} reads no single records`);
  });

  it.each([here, 'brokers: ["[::1]:9092"]', 'brokers: ["kafka1.example.test:9093"], tls: {}'])(
    '%s is accepted',
    (kafka) => {
      expect(() => read(kafka)).not.toThrow();
    },
  );
});
