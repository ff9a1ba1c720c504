import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkSchema } from '../core/schema.ts';
import { readSecret } from './settings.ts';
import { targetSchemas } from './settings-schema.ts';

const directory = { kind: 'directory', url: 'ldaps://dc1', bindDn: 'vigia@x', passwordFile: '/p' };
const postgresql = { kind: 'postgresql', url: 'postgresql://vigia@db1/postgres', passwordEnv: 'P' };
const ssh = { kind: 'ssh', host: 'web1', user: 'vigia', hostKey: `SHA256:${'a'.repeat(43)}`, keyFile: '/k' };
const problems = (kind: keyof typeof targetSchemas, value: object) =>
  checkSchema(targetSchemas[kind], { path: 'vigia.yml', value, at: () => ({ line: 1, column: 1 }) }).map(
    ({ message }) => message,
  );

describe('the settings of a target', () => {
  it('are accepted with one place for the password', () => {
    expect([
      problems('directory', directory),
      problems('postgresql', postgresql),
      problems('ssh', ssh),
    ]).toEqual([[], [], []]);
  });

  it.each<[string, keyof typeof targetSchemas, object]>([
    ['plain LDAP', 'directory', { ...directory, url: 'ldap://dc1' }],
    ['no place for the password', 'directory', { kind: 'directory', url: 'ldaps://dc1', bindDn: 'x' }],
    ['two places for the password', 'postgresql', { ...postgresql, passwordFile: '/p' }],
    ['a password in the URL', 'postgresql', { ...postgresql, url: 'postgresql://vigia:secret@db1/postgres' }],
    ['a host without a pinned key', 'ssh', { ...ssh, hostKey: undefined }],
    ['a host key of another form', 'ssh', { ...ssh, hostKey: 'MD5:aa:bb' }],
    ['a key and a password', 'ssh', { ...ssh, passwordFile: '/p' }],
    ['a password in the file', 'directory', { ...directory, password: 'secret' }],
  ])('refuse %s', (_, kind, value) => {
    expect(problems(kind, value)).not.toEqual([]);
  });

  it('say where the password is missing', () => {
    const folder = mkdtempSync(join(tmpdir(), 'vigia-secret-'));
    const passwordFile = join(folder, 'password');
    writeFileSync(passwordFile, 'with blanks \n');
    expect(readSecret('db', { passwordFile })).toBe('with blanks ');
    writeFileSync(passwordFile, '\n');
    expect(() => readSecret('db', { passwordFile })).toThrow(`the password file ${passwordFile} is empty`);
    rmSync(folder, { recursive: true });
    expect(() => readSecret('db', { passwordFile })).toThrow(/reading the password file .* failed: ENOENT/);
  });
});
