/** Polling a log table of a real PostgreSQL: equal events for one recording, and nothing lost or doubled under every cut. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Store } from '../core/store.ts';
import { openEmbedded } from '../store/embedded/open.ts';
import { openSql } from '../targets/sql.ts';
import { corpusPath } from '../tests/corpus.ts';
import { needInstalled } from '../tests/testbed/need.ts';
import { type Postgres, startPostgres } from '../tests/testbed/postgres.ts';
import { csvFields } from './postgresql/audit.ts';
import { postgresql } from './postgresql.ts';
import { postgresqlCsvlog } from './postgresql-csvlog.ts';
import { postgresqlTable } from './postgresql-table.ts';
import { lineCutter } from './reading/lines.ts';
import { sqlReader } from './reading/sql.ts';
import { type Delivery, run, type WriteStage } from './run.ts';

const { describe } = await needInstalled('postgres');
const slow = 60_000;
const context = { source: 'db7', anchor: '2026-03-04T12:00:00Z', zoneMinutes: 0 };

/** As the PostgreSQL documentation creates it. */
const TABLE = `CREATE TABLE postgres_log (log_time timestamptz(3), user_name text, database_name text, process_id int,
  connection_from text, session_id text, session_line_num bigint, command_tag text, session_start_time timestamptz,
  virtual_transaction_id text, transaction_id bigint, error_severity text, sql_state_code text, message text, detail text,
  hint text, internal_query text, internal_query_pos int, context text, query text, query_pos int, location text,
  application_name text, backend_type text, leader_pid int, query_id bigint, PRIMARY KEY (session_id, session_line_num))`;

describe('a log table of PostgreSQL', () => {
  let server: Postgres;
  let store: Store;
  let folder: string;
  let sequence = 0;

  beforeAll(async () => {
    server = await startPostgres();
    folder = mkdtempSync(join(tmpdir(), 'vigia-table-'));
    writeFileSync(join(folder, 'password'), server.superuser.password);
    store = await openEmbedded({ file: join(folder, 'vigia.db') });
    await store.migrate();
    await sql(TABLE);
  }, slow);
  afterAll(async () => {
    await store.close();
    await server.stop();
    rmSync(folder, { recursive: true });
  }, slow);

  async function sql(text: string, values: unknown[] = []): Promise<unknown[]> {
    const { host, port, database, superuser } = server;
    const client = new Client({ host, port, database, ...superuser });
    await client.connect();
    try {
      return (await client.query(text, values)).rows;
    } finally {
      await client.end();
    }
  }
  const open = () =>
    openSql('db', {
      kind: 'postgresql',
      url: `postgresql://postgres@${server.host}:${server.port}/postgres`,
      passwordFile: join(folder, 'password'),
    });
  /** A row as a slow writer commits it: so many seconds after its own time. */
  const write = (secondsAgo: number, message = `row ${sequence + 1}`) =>
    sql(
      `INSERT INTO postgres_log (log_time, session_id, session_line_num, error_severity, sql_state_code, message)
       VALUES (clock_timestamp() - $1 * interval '1 second', 's', $2, 'LOG', '00000', $3)`,
      [secondsAgo, (sequence += 1), message],
    );
  const { framing } = postgresqlTable;
  const reader = (id: string) => ({
    id,
    collector: postgresqlTable,
    reader: sqlReader(framing.trail(), open, { everyMs: 5, overlapMs: 60_000, pageRows: 3 }),
  });
  const readToEnd = (id: string, extra: Partial<Delivery> = {}) =>
    run(
      reader(id),
      {
        store,
        evaluate: async () => ({ matches: [], alerts: [] }),
        now: Date.now,
        retentionDays: 3_650,
        ...extra,
      },
      { signal: new AbortController().signal, until: 'end' },
    );
  async function stored(id: string): Promise<string[]> {
    const { events } = await store.events.read({ size: 10_000 });
    return events
      .filter((event) => event.vigia?.source?.id === id)
      .map((event) => event.message ?? '')
      .sort();
  }
  async function ledger(id: string) {
    const lines = (await store.batches.ledger()).filter((one) => one.source === id);
    const sum = (name: 'stored' | 'duplicate') => lines.reduce((total, one) => total + one[name], 0);
    return { stored: sum('stored'), duplicate: sum('duplicate') };
  }
  const messages = async () =>
    ((await sql('SELECT message FROM postgres_log')) as { message: string }[])
      .map((row) => row.message)
      .sort();

  it(
    'gives the events of jsonlog for one recording',
    async () => {
      const read = (name: string) => readFileSync(corpusPath('samples', 'postgresql', name));
      const cutter = lineCutter(0, 1_048_576, postgresqlCsvlog.framing);
      for (const { raw } of [...cutter.push(read('postgresql.csv')), ...cutter.end()]) {
        const values = csvFields(new TextDecoder().decode(raw)).map((value) => (value === '' ? null : value));
        await sql(`INSERT INTO postgres_log VALUES (${values.map((_, n) => `$${n + 1}`).join(',')})`, values);
      }
      const session = await open();
      const rows = await session.read('reading', framing.trail().page, [
        '0001-01-01T00:00:00.000000',
        '',
        1_000,
      ]);
      await session.close();
      expect(rows).toHaveLength(244);
      const bare = (raw: Uint8Array, collector: typeof postgresql | typeof postgresqlTable) => {
        const made = collector.normalise(raw, context);
        if ('reject' in made) throw new Error(made.reject);
        const { original, ...event } = made.event.event;
        expect(original).not.toMatch(/Pass!|Rot4ted/);
        return { ...made.event, event };
      };
      const order = (event: ReturnType<typeof bare>) =>
        `${event['@timestamp']} ${JSON.stringify(event.vigia)} ${event.event.sequence}`;
      const sorted = (events: ReturnType<typeof bare>[]) =>
        events.sort((a, b) => (order(a) < order(b) ? -1 : 1));
      const lines = new TextDecoder().decode(read('postgresql.json.jsonl')).split('\n').filter(Boolean);
      const bytes = (value: unknown) => new TextEncoder().encode(String(value));
      expect(sorted(rows.map((row) => bare(bytes(JSON.stringify(row)), postgresqlTable)))).toEqual(
        sorted(lines.map((line) => bare(bytes(line), postgresql))),
      );
      await sql('TRUNCATE postgres_log');
    },
    slow,
  );

  it('reads late rows once, whatever was written first', async () => {
    for (let row = 0; row < 7; row++) await write(10 - row);
    await readToEnd('late');
    await write(40);
    await write(0);
    await readToEnd('late');
    await readToEnd('late');
    expect(await stored('late')).toEqual(await messages());
    expect(await ledger('late')).toEqual({ stored: 9, duplicate: 0 });
  });

  it('loses and doubles nothing when it dies between any two writes', async () => {
    await readToEnd('killed');
    const stages: WriteStage[] = ['events', 'matches', 'alerts', 'dead-letters', 'batch', 'checkpoint'];
    for (const stage of stages) {
      await write(5);
      await write(30);
      const died = new Error(`died after ${stage}`);
      const dying = readToEnd('killed', {
        onWrite: (at) => {
          if (at === stage) throw died;
        },
      });
      await expect(dying).rejects.toBe(died);
    }
    await readToEnd('killed');
    const expected = await messages();
    expect(await stored('killed')).toEqual(expected);
    expect(await ledger('killed')).toEqual({ stored: expected.length, duplicate: 0 });
  });

  it(
    'goes on after its connection was cut and after the server was killed',
    async () => {
      const cutOff = () =>
        sql('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1', ['vigia']);
      const faults = [
        { fault: cutOff, repair: async () => undefined },
        { fault: () => server.kill(), repair: () => server.start() },
      ];
      for (const { fault, repair } of faults) {
        for (let row = 0; row < 7; row++) await write(1);
        let isCut = false;
        const cut = readToEnd('cut', {
          onWrite: async (stage) => {
            if (stage !== 'events' || isCut) return;
            isCut = true;
            await fault();
          },
        });
        await expect(cut).rejects.toMatchObject({ exitCode: 3 });
        await repair();
      }
      await readToEnd('cut');
      expect(await stored('cut')).toEqual(await messages());
      expect((await ledger('cut')).duplicate).toBe(0);
    },
    slow,
  );

  it('begins a new generation when the table was emptied', async () => {
    await sql('TRUNCATE postgres_log');
    sequence = 0;
    await write(0, 'after');
    await readToEnd('late');
    const checkpoint = await store.documents.get('checkpoint', 'late');
    expect(checkpoint?.body.generation).toBe(2);
    expect(await stored('late')).toContain('after');
  });
});
