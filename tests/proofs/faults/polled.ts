/** A log table of a real PostgreSQL that is asked for while rows come late: Vigia is killed, and the server too. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { type Postgres, postgresPrograms, startPostgres } from '../../testbed/postgres.ts';
import { openBed } from '../bed.ts';
import { startVictim } from '../victim.ts';
import { type Telling, takeLines } from '../workload.ts';
import { type Fault, finish, untilQuiet } from './fault.ts';

const ROWS = 500;
const KILLS = 20;
const SHORT_KILLS = 3;
/** Rows are this late at most; the overlap of the source covers it, and what the service needs to come back. */
const LATEST_SECONDS = 2;
const OVERLAP_SECONDS = 4;
/** Slow enough for the rows that lie within the overlap to be remembered. */
const PAUSE_MS = 150;

const TABLE = `CREATE TABLE postgres_log (log_time timestamptz(3), user_name text, database_name text, process_id int,
  connection_from text, session_id text, session_line_num bigint, command_tag text, error_severity text, sql_state_code text,
  message text, detail text, hint text, internal_query text, context text, query text, application_name text,
  backend_type text, query_id bigint, PRIMARY KEY (session_id, session_line_num));
  CREATE INDEX ON postgres_log (log_time)`;
const INSERT = `INSERT INTO postgres_log (log_time, session_id, session_line_num, process_id, error_severity, sql_state_code, message)
  SELECT clock_timestamp() - random() * ${LATEST_SECONDS} * interval '1 second', 's', n, pid, 'LOG', '00000', line
  FROM unnest($1::bigint[], $2::int[], $3::text[]) AS t (n, pid, line)`;

const TELLING: Telling = {
  product: 'postgresql',
  field: 'message',
  group: 'process.pid',
  textOf: ({ message = '' }) => message,
};

export const tableKilled: Fault = {
  name: 'a log table polled, kill -9 of Vigia and of PostgreSQL by turns',
  sources: 'SQL',
  stores: ['embedded'],
  cannot: async () => (existsSync(postgresPrograms) ? undefined : 'PostgreSQL 15 is not installed'),
  async run({ store, events, isShort }) {
    const server = await startPostgres();
    try {
      const bed = await openBed(store, events, {
        written: 'later',
        source: () => ({
          collector: 'postgresql-table',
          target: 'db',
          poll: { everySeconds: 1, overlapSeconds: OVERLAP_SECONDS },
        }),
        targets: {
          db: {
            kind: 'postgresql',
            url: `postgresql://postgres@${server.host}:${server.port}/postgres`,
            passwordFile: 'password',
          },
        },
        telling: TELLING,
      });
      try {
        writeFileSync(join(bed.folder, 'password'), server.superuser.password);
        await ask(server, TABLE);
        let victim = await startVictim(bed.settingsFile);
        const wanted = isShort ? SHORT_KILLS : KILLS;
        let kills = 0;
        while (bed.work.written < events) {
          const before = bed.work.written;
          const lines = takeLines(bed.work, ROWS);
          const numbers = lines.map((_, n) => before + n);
          const pids = lines.map((line) => Number(/^\S+ \S+ \S+ \S+ (\d+)/.exec(line)?.[1]));
          await ask(server, INSERT, [numbers, pids, lines]);
          await sleep(PAUSE_MS);
          if (bed.work.written < ((kills + 1) / (wanted + 1)) * events) continue;
          kills += 1;
          if (kills % 2 === 0) {
            await server.kill();
            await server.start();
            continue;
          }
          await victim.kill();
          victim = await startVictim(bed.settingsFile);
        }
        return await finish(bed, victim, kills, (_, one) => untilQuiet(one));
      } finally {
        await bed.close();
      }
    } finally {
      await server.stop();
    }
  },
};

async function ask(server: Postgres, statement: string, values?: unknown[]): Promise<void> {
  const { host, port, database, superuser } = server;
  const client = new Client({ host, port, database, ...superuser });
  await client.connect();
  try {
    await client.query(statement, values);
  } finally {
    await client.end();
  }
}
