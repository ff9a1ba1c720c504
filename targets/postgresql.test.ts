import { rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { need } from '../tests/testbed/need.ts';
import { type ChangeCalls, readsOnly } from './calls.ts';
import { quoted, withPostgresql } from './postgresql.ts';
import type { PostgresqlSettings } from './settings.ts';

const postgres = await need('postgres');
const anything: ChangeCalls = { before: () => undefined, after: () => undefined };

postgres.describe('the PostgreSQL client', () => {
  let settings: PostgresqlSettings;
  const caFile = join(tmpdir(), `vigia-ca-${process.pid}.pem`);
  beforeAll(() => {
    const { host, port, database, superuser, ca } = postgres.component;
    process.env['VIGIA_TEST_PG'] = superuser.password;
    writeFileSync(caFile, ca);
    settings = {
      kind: 'postgresql',
      url: `postgresql://${superuser.user}@${host}:${port}/${database}`,
      passwordEnv: 'VIGIA_TEST_PG',
    };
  });
  afterAll(() => {
    delete process.env['VIGIA_TEST_PG'];
    delete process.env['VIGIA_TEST_WRONG'];
    rmSync(caFile, { force: true });
  });

  it('encrypts and checks the certificate when it is told the authority', async () => {
    const rows = await withPostgresql('db', { ...settings, caFile }, readsOnly, (database) =>
      database.read('reading', 'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()'),
    );
    expect(rows).toEqual([{ ssl: true }]);
  });

  it('does all statements of a change or none', async () => {
    const changed = withPostgresql('db', settings, anything, (database) =>
      database.change('two roles', [
        { sql: `CREATE ROLE ${quoted('tx "one"')}` },
        { sql: 'CREATE ROLE "postgres"' },
      ]),
    );
    await expect(changed).rejects.toThrow(/two roles failed: role "postgres" already exists/);
    const left = await withPostgresql('db', settings, readsOnly, (database) =>
      database.read('reading', 'SELECT FROM pg_roles WHERE rolname = $1', ['tx "one"']),
    );
    expect(left).toEqual([]);
  });

  it('sends no change where only reads are allowed', async () => {
    const changed = withPostgresql('db', settings, readsOnly, (database) =>
      database.change('a role', [{ sql: 'CREATE ROLE nobody_made_me' }]),
    );
    await expect(changed).rejects.toThrow(/only reads are allowed/);
  });

  it('survives that the server hangs up in the middle', async () => {
    const ended = withPostgresql('db', settings, anything, (database) =>
      database.read('suicide', 'SELECT pg_terminate_backend(pg_backend_pid())'),
    );
    await expect(ended).rejects.toMatchObject({
      exitCode: 3,
      message: expect.stringContaining('suicide failed'),
    });
  });

  it('answers what is asked at once in turn, and goes on behind a question that fails', async () => {
    const warnings: Error[] = [];
    const hear = (warning: Error) => void warnings.push(warning);
    process.on('warning', hear);
    const answers = await withPostgresql('db', settings, readsOnly, (database) =>
      Promise.allSettled(
        ['SELECT 1 AS n', 'SELECT wrong', 'SELECT 3 AS n'].map((sql) => database.read('x', sql)),
      ),
    );
    await new Promise((turn) => setImmediate(turn));
    process.off('warning', hear);
    expect(answers).toMatchObject([{ value: [{ n: 1 }] }, { status: 'rejected' }, { value: [{ n: 3 }] }]);
    expect(warnings).toEqual([]);
  });

  it('gives up on a server that accepts and never answers', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await new Promise((listening) => silent.once('listening', listening));
    const { port } = silent.address() as { port: number };
    const url = `postgresql://vigia@127.0.0.1:${port}/postgres`;
    await expect(
      withPostgresql('db', { ...settings, url, timeoutMs: 200 }, readsOnly, async () => 'answered'),
    ).rejects.toMatchObject({ exitCode: 3 });
    silent.close();
  });

  it('refuses a password in the URL, and an account whose password is not there', async () => {
    const inUrl = { ...settings, url: settings.url.replace('@', ':hunter2@') };
    const refused = withPostgresql('db', inUrl, readsOnly, async () => undefined);
    await expect(refused).rejects.toMatchObject({
      exitCode: 2,
      message: 'target db: the URL holds a password',
    });
    const unset: PostgresqlSettings = {
      kind: 'postgresql',
      url: settings.url,
      passwordEnv: 'VIGIA_TEST_NOT_SET',
    };
    await expect(withPostgresql('db', unset, readsOnly, async () => undefined)).rejects.toThrow(
      /VIGIA_TEST_NOT_SET is empty or not set/,
    );
  });

  it('says which account could not log on, and never with which password', async () => {
    process.env['VIGIA_TEST_WRONG'] = 'wrong-planted-secret';
    const wrong: PostgresqlSettings = {
      kind: 'postgresql',
      url: settings.url,
      passwordEnv: 'VIGIA_TEST_WRONG',
    };
    const error: unknown = await withPostgresql('db', wrong, readsOnly, async () => undefined).catch(
      (cause: unknown) => cause,
    );
    expect(error).toMatchObject({ exitCode: 3, hint: expect.stringContaining('check the account of Vigia') });
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('planted');
  });
});
