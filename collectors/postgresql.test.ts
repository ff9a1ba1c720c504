/** The PostgreSQL collector against records of each kind, the whole recorded file, planted passwords and garbage. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { corpusPath, hasCorpus } from '../tests/corpus.ts';
import { ecsProblems, hasEcsReference } from '../tests/ecs.ts';
import type { NormaliseContext } from './collector.ts';
import { postgresql } from './postgresql.ts';

const context: NormaliseContext = { source: 'db7', anchor: '2026-03-04T12:00:00Z', zoneMinutes: 60 };
const bytes = (text: string) => new TextEncoder().encode(text);
const record = (fields: object) =>
  JSON.stringify({
    timestamp: '2026-03-04 10:00:00.123 UTC',
    pid: 7,
    error_severity: 'LOG',
    message: '',
    query_id: 0,
    ...fields,
  });

function eventOf(line: string) {
  const result = postgresql.normalise(bytes(line), context);
  if ('reject' in result) throw new Error(result.reject);
  return result.event;
}
const factsOf = (fields: object) => eventOf(record(fields)).vigia?.['postgresql'] as Record<string, unknown>;
const audit = (text: string) =>
  eventOf(record({ user: 'ana', dbname: 'benefits', message: `AUDIT: ${text}` }));

describe('postgresql', () => {
  it('reads a pgAudit record as written down, with the query id as text', () => {
    const line =
      '{"timestamp":"2026-03-04 10:00:00.123 UTC","user":"ana","dbname":"benefits","pid":7,"remote_host":"192.0.2.5","remote_port":40,"session_id":"a.b","line_num":3,"ps":"COPY","error_severity":"LOG","message":"AUDIT: SESSION,2,1,READ,COPY,TABLE,public.claims,\\"COPY claims TO PROGRAM \'gzip > \\"\\"/srv/x\\"\\"\'\\",<none>,12","application_name":"psql","backend_type":"client backend","query_id":-8097611740882956750}';
    expect(eventOf(line)).toEqual({
      '@timestamp': '2026-03-04T10:00:00.123Z',
      event: {
        kind: 'event',
        module: 'postgresql',
        dataset: 'postgresql.log',
        provider: 'pgaudit',
        category: ['database'],
        type: ['access'],
        action: 'copy',
        outcome: 'unknown',
        sequence: 3,
        original: line,
      },
      message:
        'AUDIT: SESSION,2,1,READ,COPY,TABLE,public.claims,"COPY claims TO PROGRAM \'gzip > ""/srv/x""\'",<none>,12',
      log: { level: 'LOG' },
      service: { type: 'postgresql' },
      process: { name: 'postgres', pid: 7, title: 'COPY' },
      user: { name: 'ana' },
      source: { address: '192.0.2.5', ip: '192.0.2.5', port: 40 },
      related: { user: ['ana'], ip: ['192.0.2.5'] },
      vigia: {
        logsource: { product: 'postgresql', category: 'database' },
        postgresql: {
          record: 'audit',
          database: 'benefits',
          application: 'psql',
          backend_type: 'client backend',
          session_id: 'a.b',
          query_id: '-8097611740882956750',
          audit_kind: 'session',
          class: 'READ',
          command: 'COPY',
          object_type: 'TABLE',
          object: 'public.claims',
          rows: 12,
          statement: 'COPY claims TO PROGRAM \'gzip > "/srv/x"\'',
          query: 'COPY claims TO PROGRAM \'gzip > "/srv/x"\'',
          copy: 'to-program',
          copy_target: 'gzip > "/srv/x"',
        },
      },
    });
  });

  it.each([
    [
      { message: 'connection received: host=192.0.2.5 port=40', remote_host: '192.0.2.5' },
      { action: 'connection-received' },
    ],
    [
      {
        message:
          'connection authorized: user=a database=b application_name=c d SSL enabled (protocol=TLSv1.3, cipher=TLS_X, bits=256)',
        user: 'a',
      },
      { action: 'database-login', outcome: 'success' },
    ],
    [
      {
        message: 'password authentication failed for user "a"',
        error_severity: 'FATAL',
        state_code: '28P01',
        detail: 'Role "a" does not exist.\nConnection matched pg_hba.conf line 2: "x"',
      },
      { action: 'database-login', outcome: 'failure', code: '28P01', reason: 'Role "a" does not exist.' },
    ],
    [
      { message: 'no pg_hba.conf entry for host "192.0.2.5"', error_severity: 'FATAL', state_code: '28000' },
      { action: 'database-login', outcome: 'failure', code: '28000' },
    ],
    [
      { message: 'database "x" does not exist', error_severity: 'FATAL', state_code: '3D000', ps: 'startup' },
      { action: 'database-login', outcome: 'failure' },
    ],
    [
      { message: 'disconnection: session time: 1:02:03.004 user=a' },
      { action: 'database-logout', duration: 3_723_004_000_000 },
    ],
    [
      {
        message: 'permission denied for table t',
        error_severity: 'ERROR',
        state_code: '42501',
        statement: 'SELECT 1 FROM t',
      },
      { action: 'permission-denied', outcome: 'failure' },
    ],
    [
      { message: 'parameter "pgaudit.log" changed to "none"' },
      { action: 'parameter-changed', category: ['database', 'configuration'] },
    ],
    [{ message: 'received SIGHUP, reloading configuration files' }, { action: 'configuration-reloaded' }],
    [
      { message: 'statement: ALTER/* x */ROLE a\nSUPERUSER' },
      { action: 'alter-role', category: ['database', 'iam'] },
    ],
    [{ message: 'database system is ready to accept connections' }, { action: 'server-message' }],
  ])('understands %j', (fields, expected) => {
    expect(eventOf(record(fields)).event).toMatchObject(expected);
  });

  it.each([
    [
      'CREATE USER "X y" WITH SUPERUSER NOLOGIN IN ROLE a, "B"',
      { role_attributes: ['superuser', 'nologin'], granted_roles: ['a', 'B'] },
    ],
    [
      'GRANT pg_read_server_files, app TO x, y WITH ADMIN OPTION',
      { granted_roles: ['pg_read_server_files', 'app'], admin_option: true },
    ],
    ['ALTER GROUP admins ADD USER x', { granted_roles: ['admins'] }],
    [
      "ALTER ROLE x IN DATABASE d SET pgaudit.log TO 'none'",
      { settings: ['pgaudit.log=none'], setting_scopes: ['role'] },
    ],
    [
      'SELECT 1; SET LOCAL pgaudit.log = none',
      { settings: ['pgaudit.log=none'], setting_scopes: ['session'] },
    ],
    ["SELECT pg_catalog.set_config('pgaudit.log','none',false)", { settings: ['pgaudit.log=none'] }],
    [
      "ALTER SYSTEM SET archive_command = 'sh x'",
      { settings: ['archive_command=sh x'], setting_scopes: ['system'] },
    ],
    ["COPY (SELECT a FROM b TO_X) TO '/srv/x'", { copy: 'to-file', copy_target: '/srv/x' }],
    ['COPY t FROM PROGRAM $$curl x$$', { copy: 'from-program', copy_target: 'curl x' }],
    ['COPY t TO STDOUT', { copy: 'to-client' }],
    [
      'ALTER/**/ROLE -- c\n x /* ; */ SUPERUSER',
      { query: 'ALTER ROLE x SUPERUSER', role_attributes: ['superuser'] },
    ],
  ])('finds the facts of %s', (sql, expected) => {
    expect(factsOf({ message: `statement: ${sql}` })).toMatchObject(expected);
  });

  it('takes a privilege on a table for no membership', () => {
    expect(factsOf({ message: 'statement: GRANT SELECT ON TABLE a TO x' })).not.toHaveProperty(
      'granted_roles',
    );
  });

  it('names whom a statement is about', () => {
    expect(audit('SESSION,1,1,ROLE,GRANT ROLE,,,"GRANT a TO x, y",<none>,0').user).toEqual({
      name: 'ana',
      target: { name: 'x' },
    });
    expect(audit('SESSION,1,1,ROLE,GRANT ROLE,,,"GRANT a TO x, y",<none>,0').related?.user).toEqual([
      'ana',
      'x',
      'y',
    ]);
  });

  const planted = 'Pl4nted-Secret';
  const dropIn = (sql: string) => sql.replaceAll('@', planted).replaceAll('~', '@');
  it.each([
    "CREATE ROLE a LOGIN PASSWORD '@' SUPERUSER",
    "ALTER USER a WITH ENCRYPTED PASSWORD\n  '@'",
    "ALTER ROLE a PASSWORD E'x\\'@'",
    'ALTER ROLE a PASSWORD $$@$$',
    "ALTER ROLE a PASSWORD $q$@$q$ VALID UNTIL '2027-01-01'",
    'ALTER ROLE a PASSWORD "@"',
    'ALTER ROLE a PASSWORD @',
    "ALTER ROLE a PASSWROD '@'",
    "ALTER ROLE a PASSWORD 'it''s @",
    "ALTER/**/ROLE a PASSWORD/**/'@'",
    "ALTER ROLE a PASSWORD 'x'\n'@'",
    "DO $$ BEGIN EXECUTE 'ALTER ROLE a PASSWORD ''@'''; END $$",
    "CREATE USER MAPPING FOR a SERVER s OPTIONS (user 'u', password '@')",
    "CREATE SUBSCRIPTION s CONNECTION 'host=h password=@ dbname=d' PUBLICATION p",
    "SELECT * FROM dblink('host=h password=''@ x'' user=u', 'SELECT 1') AS t(a int)",
    "SELECT dblink_connect('postgresql://u:@~h/d')",
    "UPDATE users SET password = '@' WHERE id = 1",
    "INSERT INTO users (name, passwd) VALUES ('n', '@')",
    "SELECT crypt('@', gen_salt('bf'))",
    "SELECT 1; ALTER ROLE a PASSWORD '@'; SELECT 2",
  ])('hides the password of %s in every field', (sql) => {
    const text = dropIn(sql);
    const quoted = `"${text.replaceAll('"', '""')}"`;
    for (const fields of [
      { message: `statement: ${text}` },
      { message: `duration: 1.5 ms  statement: ${text}` },
      { message: `execute <unnamed>: ${text}` },
      { message: `AUDIT: SESSION,1,1,ROLE,ALTER ROLE,,,${quoted},<none>,0` },
      {
        message: `syntax error at or near "${planted}"`,
        error_severity: 'ERROR',
        state_code: '42601',
        statement: text,
      },
      {
        message: 'x',
        error_severity: 'ERROR',
        state_code: 'XX000',
        internal_query: text,
        context: `SQL statement "${planted}"`,
      },
    ]) {
      expect(JSON.stringify(eventOf(record(fields)))).not.toContain(planted);
    }
    expect(new TextDecoder().decode(postgresql.mask(bytes(`{"message":"statement: ${text}`)))).not.toContain(
      planted,
    );
  });

  it('hides bound values of a statement about passwords', () => {
    const sql = 'UPDATE users SET password = $1 WHERE id = $2';
    const bound = eventOf(
      record({ message: `execute s1: ${sql}`, detail: `parameters: $1 = '${planted}', $2 = '7'` }),
    );
    expect(JSON.stringify(bound)).not.toContain(planted);
    expect(JSON.stringify(audit(`SESSION,1,1,WRITE,UPDATE,TABLE,u,${sql},"${planted},7",1`))).not.toContain(
      planted,
    );
  });

  it('leaves values that are no secrets, and names that equal a password', () => {
    const event = eventOf(
      record({ user: 'postgres', message: "statement: ALTER ROLE postgres PASSWORD 'postgres'" }),
    );
    expect(event.user).toEqual({ name: 'postgres', target: { name: 'postgres' } });
    expect(event.message).toBe('statement: ALTER ROLE postgres PASSWORD <masked>');
    const plain = "statement: ALTER ROLE a VALID UNTIL '2027-01-01'; SET work_mem = '1GB'; SELECT 'x'";
    expect(eventOf(record({ message: plain })).message).toBe(plain);
  });

  it.each([
    ['2026-03-04 10:00:00 +0530', '2026-03-04T04:30:00.000Z', undefined],
    ['2026-03-04 10:00:00.5 WAT', '2026-03-04T09:00:00.500Z', undefined],
    ['2026-03-04 10:00:00 XYZ', '2026-03-04T09:00:00.000Z', ['assumed-zone']],
  ])('reads the time %s', (timestamp, expected, clock) => {
    const event = eventOf(record({ timestamp }));
    expect(event['@timestamp']).toBe(expected);
    expect(event.vigia?.clock).toEqual(clock);
  });

  it.each([
    ['not json', 'no JSON'],
    ['[1]', 'no object'],
    ['{"a":1}', 'lacks "timestamp"'],
    [record({ timestamp: 'yesterday' }), 'is no time'],
  ])('refuses %j and says why', (line, reason) => {
    const result = postgresql.normalise(bytes(line), context);
    expect('reject' in result && result.reject).toContain(reason);
  });

  it('throws at nothing', () => {
    const texts = [
      "'",
      '"',
      '$$',
      '$a$',
      '/*',
      '--',
      "E'\\",
      '(',
      ')',
      'GRANT',
      'COPY TO',
      'SET',
      'ALTER ROLE',
      ';',
      'PASSWORD',
      '\u0000',
    ];
    for (const first of texts) {
      for (const second of texts) {
        for (const start of ['statement: ', 'AUDIT: ', 'AUDIT: SESSION,1,1,A,B,,,']) {
          expect(() =>
            postgresql.normalise(bytes(record({ message: `${start}${first} ${second}` })), context),
          ).not.toThrow();
        }
      }
    }
    expect(() =>
      postgresql.normalise(bytes(record({ message: `statement: ${'('.repeat(50_000)}` })), context),
    ).not.toThrow();
  });

  describe.skipIf(!hasCorpus('samples', 'postgresql') || !hasEcsReference())('on the recorded file', () => {
    it('makes an ECS event without passwords of every line', () => {
      const problemsOf = ecsProblems();
      const file = readFileSync(corpusPath('samples', 'postgresql', 'postgresql.json.jsonl'), 'utf8');
      const lines = file.split('\n').filter(Boolean);
      expect(lines).toHaveLength(244);
      expect(file).toContain('Pass!');
      for (const line of lines) {
        const event = eventOf(line);
        expect(problemsOf(event)).toEqual([]);
        expect(JSON.stringify(event)).not.toMatch(/Pass!|Rot4ted/);
      }
    });
  });
});
