/** The settings file: every mistake at once with its line, and where things lie. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { VigiaError } from '../core/errors.ts';
import { readSettings } from './settings.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vigia-settings-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const file = () => join(folder, 'vigia.yml');
const read = (text: string, env: NodeJS.ProcessEnv = {}) => {
  writeFileSync(file(), text);
  return readSettings(file(), env);
};
/** `line:column message; hint`, in order of place. */
function mistakes(text: string): string[] {
  try {
    read(text);
  } catch (cause) {
    if (cause instanceof VigiaError && cause.exitCode === 2)
      return cause.message
        .split('\n')
        .slice(1)
        .map((line) => line.replace(`${file()}:`, ''));
    throw cause;
  }
  return [];
}

describe('mistakes', () => {
  it('are all named at once, with their places and what to write instead', () => {
    const text = `stor: { kind: embedded }
sources:
  - { id: dc1, collector: samba-audi, files: [x] }
  - { id: dc1, collector: samba-kdc, files: x }
api: { host: 0.0.0.0, port: 99999 }
state: a
state: b
`;
    expect(mistakes(text)).toEqual([
      '1:1 unknown key "stor"; did you mean "store"?',
      '3:16 no collector "samba-audi"; did you mean "samba-audit"?',
      '4:7 source id "dc1" is used twice; ids of sources are unique',
      '4:38 "files" must be a list',
      '5:8 0.0.0.0 is not loopback and there is no TLS; add api.tls with certFile and keyFile',
      '5:23 "port" must be <= 65535',
      '7:1 this key stands here twice; keep one',
    ]);
  });

  it.each([
    [
      'a source that reads nothing',
      'sources: [{ id: a, collector: samba-kdc }]',
      '1:11 a source needs "files", "objects", "listen", "target", "activityApi", "prometheus" or "kafka"',
    ],
    [
      'a polled API whose collector does not read it',
      'sources: [{ id: a, collector: samba-kdc, activityApi: { tenant: t, clientId: c, passwordEnv: E } }]',
      '1:42 samba-kdc does not read this API; write collector: office-audit',
    ],
    [
      'a polled API without its secret',
      'sources: [{ id: a, collector: office-audit, activityApi: { tenant: t, clientId: c } }]',
      '1:45 the client secret is missing; add passwordFile or passwordEnv',
    ],
    [
      'an address without port',
      'sources: [{ id: a, collector: linux-syslog, listen: { tcp: localhost } }]',
      '1:55 "localhost" is no address with a port; write 127.0.0.1:5514 or [::1]:5514',
    ],
    [
      'a port that cannot be',
      'sources: [{ id: a, collector: linux-syslog, listen: { udp: "127.0.0.1:70000" } }]',
      '1:55 "127.0.0.1:70000" is no address with a port; write 127.0.0.1:5514 or [::1]:5514',
    ],
    [
      'listening where files are read',
      'sources: [{ id: a, collector: windows-evtx, listen: { tcp: "127.0.0.1:1" } }]',
      '1:45 windows-evtx reads files and cannot listen; write "files"',
    ],
    [
      'a target that nobody named',
      'targets: { pay: { kind: oracle, connect: tcps://x/Y, user: v, passwordEnv: E } }\nsources: [{ id: a, collector: postgresql-table, target: pay }]',
      'no target "pay" of kind postgresql',
    ],
    [
      'a target for a collector of files',
      'sources: [{ id: a, collector: samba-kdc, target: pay }]',
      'samba-kdc asks no target',
    ],
    [
      'a table that is no name',
      'sources: [{ id: a, collector: postgresql-table, target: pay, poll: { table: "a; DROP" } }]',
      '"table" must match pattern',
    ],
    [
      'a password in the file',
      'targets: { ad: { kind: directory, url: ldaps://x, bindDn: v, password: s3cret } }',
      'unknown key "password"',
    ],
    [
      'a second document',
      'state: a\n---\nstate: b',
      '3:1 a second document; settings are one; remove the line "---"',
    ],
    ['broken YAML', 'sources: [', 'not valid YAML'],
    [
      'a bomb',
      `a: &a [x]\nb: &b [${'*a,'.repeat(99)}*a]\nc: [${'*b,'.repeat(999)}*b]`,
      'aliases repeat more than',
    ],
    ['a number for a map', '5', 'must be a map'],
  ])('name %s', (_, text, message) => {
    expect(mistakes(text).join('\n')).toContain(message);
  });

  it('never repeat the value of a secret', () => {
    const text = 'targets: { ad: { kind: directory, url: ldaps://x, bindDn: v, password: s3cret } }';
    expect(mistakes(text).join('\n')).not.toContain('s3cret');
  });

  it('say how to name a file that cannot be read', () => {
    expect(() => readSettings(join(folder, 'none.yml'), {})).toThrow(/none\.yml cannot be read: ENOENT/);
  });
});

describe('places', () => {
  it('count from the settings file, those of the store from the state folder', () => {
    const settings = read(
      'state: here\nstore: { kind: embedded }\nsources: [{ id: a, collector: samba-kdc, files: [k.log] }]',
    );
    expect(settings).toMatchObject({
      state: join(folder, 'here'),
      store: { kind: 'embedded', file: join(folder, 'here', 'vigia.db') },
      sources: [{ files: [join(folder, 'k.log')] }],
      api: { host: '127.0.0.1', port: 7788 },
    });
  });

  it('move with VIGIA_STATE', () => {
    const state = join(folder, 'elsewhere');
    expect(read('state: here', { VIGIA_STATE: state }).store).toEqual({
      kind: 'embedded',
      file: join(state, 'vigia.db'),
    });
  });

  it('hold for an empty file and for none', () => {
    expect(read('').sources).toEqual([]);
    expect(readSettings(undefined, { VIGIA_CONFIG: file() }).state).toBe(join(folder, '.vigia'));
  });
});
