/** What `listen` and `objects` may say: every mistake with its place and what to write instead. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSettings } from './settings.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vigia-listen-settings-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const read = (source: string) => {
  writeFileSync(join(folder, 'vigia.yml'), `sources: [{ id: a, ${source} }]\n`);
  return readSettings(join(folder, 'vigia.yml'), {}).sources[0]!;
};
const bulk = (more: string) => `collector: shipped-documents, listen: { bulk: { ${more} } }`;
const tls = 'tls: { certFile: a.pem, keyFile: a.key }';

describe('listen', () => {
  it('finds its files beside the settings', () => {
    expect(read(bulk(`address: 10.0.0.5:9200, credentialsFile: senders, ${tls}`)).listen).toEqual({
      bulk: {
        address: '10.0.0.5:9200',
        credentialsFile: join(folder, 'senders'),
        tls: { certFile: join(folder, 'a.pem'), keyFile: join(folder, 'a.key') },
      },
    });
  });

  it.each([
    [bulk('address: 10.0.0.5:9200, credentialsEnv: A'), 'not loopback and there is no TLS; add tls'],
    [bulk(`address: 10.0.0.5:9200, ${tls}`), 'not loopback and everybody may send; add credentialsFile'],
    [bulk('address: 127.0.0.1:9200, credentialsFile: a, credentialsEnv: A'), 'keep one of credentialsFile'],
    [bulk('address: here'), '"here" is no address with a port'],
    ['collector: linux-syslog, listen: { otlp: { address: 127.0.0.1:4318 } }', 'write collector: otlp-logs'],
    ['collector: windows-evtx, listen: { tcp: 127.0.0.1:1 }', 'windows-evtx reads files and cannot listen'],
    ['collector: linux-syslog, listen: { spoolMegabytes: 300 }', 'names no address'],
    [
      'collector: linux-syslog, prometheus: { url: http://127.0.0.1:9090, queries: [{ name: a, expr: up }, { name: a, expr: up }] }',
      /does not ask Prometheus; write collector: prometheus-query\n.*the question "a" stands here twice/,
    ],
    [
      'collector: prometheus-query, prometheus: { url: http://10.0.0.5:9090, queries: [{ name: a, expr: up }] }',
      '"url"',
    ],
    ['collector: windows-evtx, objects: bucket', 'reads whole files, which may still grow'],
  ])('%s is refused: %s', (source, message) => {
    expect(() => read(source)).toThrow(message);
  });

  it.each([
    bulk('address: 127.0.0.1:9200'),
    bulk('address: "[::1]:9200"'),
    'collector: linux-syslog, objects: bucket',
  ])('%s is accepted', (source) => {
    expect(() => read(source)).not.toThrow();
  });
});
