/** PostgreSQL of the test bed: real queries over TLS, audit records, and a crash. */
import { existsSync, readFileSync } from 'node:fs';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { needInstalled } from './need.ts';
import { type Postgres, startPostgres } from './postgres.ts';
import { stillRunning } from './processes.ts';

const { describe } = await needInstalled('postgres');

const slow = 60_000;

describe('PostgreSQL of the test bed', () => {
  let server: Postgres;

  beforeAll(async () => {
    server = await startPostgres();
  }, slow);

  afterAll(() => server.stop(), slow);

  async function query(text: string): Promise<unknown[]> {
    const { host, port, database, superuser, ca } = server;
    const client = new Client({ host, port, database, ...superuser, ssl: { ca } });
    await client.connect();
    try {
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  }

  it('answers over TLS', async () => {
    const rows = await query('SELECT ssl, version() FROM pg_stat_ssl WHERE pid = pg_backend_pid()');
    expect(rows).toEqual([{ ssl: true, version: expect.stringMatching(/^PostgreSQL 15/) }]);
  });

  it('writes an audit record of a new role to the JSON log', async () => {
    await query('CREATE ROLE contractor NOLOGIN');
    // The server's log process writes a moment after the answer.
    const messages = (): string[] => {
      const lines = readFileSync(server.logFile, 'utf8').split('\n');
      return lines.slice(0, -1).map((line) => JSON.parse(line).message);
    };
    const created = /^AUDIT: SESSION,.*,ROLE,CREATE ROLE,.*contractor/;
    await expect.poll(messages, { timeout: 10_000 }).toContainEqual(expect.stringMatching(created));
  });

  it('refuses a wrong password', async () => {
    const { host, port, database } = server;
    const client = new Client({ host, port, database, user: 'postgres', password: 'wrong' });
    await expect(client.connect()).rejects.toMatchObject({ code: '28P01' });
  });

  it(
    'keeps what was committed when it is killed and started again',
    async () => {
      await query('CREATE TABLE paid (amount int); INSERT INTO paid VALUES (42)');
      const before = server.pids();
      await server.kill();
      expect(stillRunning(before)).toEqual([]);
      await expect(query('SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
      await server.start();
      expect(await query('SELECT amount FROM paid')).toEqual([{ amount: 42 }]);
    },
    slow,
  );

  it('leaves no process and no folder when it is stopped', async () => {
    const pids = server.pids();
    expect(pids.length).toBeGreaterThan(2);
    await server.stop();
    expect(stillRunning(pids)).toEqual([]);
    expect(existsSync(server.logFile)).toBe(false);
  });
});
