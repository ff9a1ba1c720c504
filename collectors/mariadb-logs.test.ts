/** The error log and the general log of MariaDB: recorded files, lines by kind, times handed on, planted passwords. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { corpusPath, hasCorpus } from '../tests/corpus.ts';
import { ecsProblems, hasEcsReference } from '../tests/ecs.ts';
import type { Collector } from './collector.ts';
import { mariadbError } from './mariadb-error.ts';
import { mariadbGeneral } from './mariadb-general.ts';
import { lineCutter } from './reading/lines.ts';

const context = { source: 'db9', anchor: '2026-03-04T12:00:00Z', zoneMinutes: 60, host: 'db9' };
const bytes = (text: string) => new TextEncoder().encode(text);

function recordsOf({ framing }: Collector, file: string): Uint8Array[] {
  if (framing.kind !== 'lines') throw new Error('no lines');
  const cutter = lineCutter(0, 1_048_576, framing);
  return [...cutter.push(bytes(file)), ...cutter.end()].map(({ raw }) => raw);
}
function eventOf(collector: Collector, raw: Uint8Array) {
  const made = collector.normalise(raw, context);
  if ('reject' in made) throw new Error(`${made.reject}: ${new TextDecoder().decode(raw)}`);
  return made.event;
}
const eventsOf = (collector: Collector, file: string) =>
  recordsOf(collector, file).map((raw) => eventOf(collector, raw));

describe('mariadb-error', () => {
  const error = (text: string) => eventOf(mariadbError, bytes(text));

  it('reads a refused login as written down', () => {
    const line =
      "2026-03-04 11:00:00 7 [Warning] Access denied for user 'ana'@'192.0.2.66' (using password: YES)";
    const reason = "Access denied for user 'ana'@'192.0.2.66' (using password: YES)";
    expect(error(line)).toEqual({
      '@timestamp': '2026-03-04T10:00:00.000Z',
      event: {
        kind: 'event',
        module: 'mariadb',
        dataset: 'mariadb.error',
        provider: 'mariadbd',
        category: ['authentication'],
        type: ['start'],
        action: 'database-login',
        outcome: 'failure',
        reason,
        original: line,
      },
      message: reason,
      log: { level: 'warning' },
      service: { type: 'mariadb' },
      host: { name: 'db9', hostname: 'db9' },
      user: { name: 'ana' },
      source: { address: '192.0.2.66', ip: '192.0.2.66' },
      error: { message: reason },
      related: { user: ['ana'], ip: ['192.0.2.66'], hosts: ['db9'] },
      vigia: {
        logsource: { product: 'mariadb', category: 'database' },
        clock: ['assumed-zone'],
        mariadb: { record: 'login', connection_id: '7' },
      },
    });
  });

  it.each([
    ["Access denied for user 'a'@'b'@'192.0.2.66' to database 'x'", { action: 'database-login' }],
    [
      "Aborted connection 3 to db: 'crm' user: 'ana' host: '192.0.2.66' (Got timeout)",
      { action: 'connection-aborted', outcome: 'failure' },
    ],
    ["Host '192.0.2.66' is blocked because of many connection errors", { action: 'host-blocked' }],
    ['mariadbd: ready for connections.', { action: 'server-started' }],
    ['mariadbd: Shutdown complete', { action: 'server-stopped' }],
    ['mysqld got signal 11 ;', { action: 'server-crashed' }],
    ['server_audit: logging was stopped.', { action: 'audit-stopped', provider: 'server_audit' }],
    ['server_audit: logging started to the file x.', { action: 'audit-started' }],
    ['server_audit: Could not create file x', { action: 'audit-failed' }],
    ['InnoDB: Using io_uring', { action: 'server-message', outcome: 'unknown' }],
  ])('understands %s', (text, expected) => {
    expect(error(`2026-03-04 11:00:00 7 [Warning] ${text}`).event).toMatchObject(expected);
    expect(error(`260304 11:00:00 ${text}`).event).toMatchObject(expected);
  });

  it('takes the last @ of a refused name for the host', () => {
    const event = error("260304 11:00:00 Access denied for user 'a'@'b'@'192.0.2.66' (using password: NO)");
    expect(event.user?.name).toBe("a'@'b");
    expect(event.source?.ip).toBe('192.0.2.66');
  });

  it('reads lines of MySQL 8 with their code and zone', () => {
    const event = error(
      '2026-03-04T10:00:00.5Z 0 [System] [MY-010931] [Server] /usr/sbin/mysqld: ready for connections.',
    );
    expect(event).toMatchObject({
      '@timestamp': '2026-03-04T10:00:00.500Z',
      event: { action: 'server-started', code: 'MY-010931' },
      log: { level: 'note' },
    });
    expect(event.vigia).not.toHaveProperty('clock');
  });

  it('refuses what has no time and says what a line looks like', () => {
    expect(mariadbError.normalise(bytes('Killed'), context)).toEqual({
      reject: expect.stringContaining('[Warning]'),
    });
  });
});

describe('mariadb-general', () => {
  const LOG =
    "260304 11:00:00\t     4 Connect\tana@192.0.2.5 on crm using SSL/TLS\n\t\t     4 Query\tDROP TABLE a\n\t\t     4 Query\tSELECT\n  1\n260304 11:00:01\t     5 Connect\tAccess denied for user 'x'@'192.0.2.66' (using password: YES)\n\t\t     4 Quit\t\n";

  it('hands the time of a second on to the lines behind it', () => {
    expect(eventsOf(mariadbGeneral, LOG).map((event) => [event['@timestamp'], event.event.action])).toEqual([
      ['2026-03-04T10:00:00.000Z', 'database-connect'],
      ['2026-03-04T10:00:00.000Z', 'drop-table'],
      ['2026-03-04T10:00:00.000Z', 'select'],
      ['2026-03-04T10:00:01.000Z', 'database-login'],
      ['2026-03-04T10:00:01.000Z', 'database-logout'],
    ]);
  });

  it('knows who connected from where to what, and keeps the lines of a statement together', () => {
    const [connect, , select, refused] = eventsOf(mariadbGeneral, LOG);
    expect(connect).toMatchObject({ user: { name: 'ana' }, source: { ip: '192.0.2.5' } });
    expect(connect!.vigia?.['mariadb']).toMatchObject({ database: 'crm', connection_id: '4' });
    expect(select!.message).toBe('Query SELECT\n  1');
    expect(refused).toMatchObject({ user: { name: 'x' }, event: { outcome: 'failure' } });
  });

  it('marks a line before any time', () => {
    expect(eventOf(mariadbGeneral, bytes('\t\t     4 Quit\t'))).not.toHaveProperty('@timestamp');
  });

  it('refuses what is no line of it', () => {
    expect(mariadbGeneral.normalise(bytes('x'), context)).toEqual({
      reject: expect.stringContaining('general log'),
    });
  });
});

describe('a password', () => {
  const planted = 'Pl4nted-Secret';
  it.each([
    [mariadbGeneral, `260304 11:00:00\t     4 Query\tCREATE USER a IDENTIFIED BY '${planted}'`],
    [mariadbGeneral, `260304 11:00:00\t     4 Query\tSET PASSWORD FOR a = PASSWORD('${planted}')`],
    [mariadbError, `2026-03-04 11:00:00 7 [ERROR] Error in: ALTER USER a IDENTIFIED BY '${planted}'`],
  ])('is hidden by $id, in events and in dead letters', (collector, line) => {
    expect(JSON.stringify(eventOf(collector, bytes(line)))).not.toContain(planted);
    const refused = collector.mask!(bytes(line.slice(7)));
    expect(new TextDecoder().decode(refused)).not.toContain(planted);
  });
});

describe.skipIf(!hasCorpus('samples', 'mariadb') || !hasEcsReference())('on the recorded files', () => {
  it.each([
    [mariadbError, 'error.log', 39],
    [mariadbGeneral, 'general.log', 62],
  ])('$0.id makes ECS events without passwords of $1', (collector, name, count) => {
    const problemsOf = ecsProblems();
    const events = eventsOf(collector, readFileSync(corpusPath('samples', 'mariadb', name), 'utf8'));
    expect(events).toHaveLength(count);
    for (const event of events) {
      expect(problemsOf(event)).toEqual([]);
      expect(JSON.stringify(event)).not.toMatch(/Pass!/);
    }
    expect(
      events.filter((one) => one.event.outcome === 'failure' && one.event.action === 'database-login'),
    ).toHaveLength(8);
  });
});
