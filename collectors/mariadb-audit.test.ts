/** The MariaDB collector against lines that a real server wrote, forged names, planted passwords and garbage. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { corpusPath, hasCorpus } from '../tests/corpus.ts';
import { ecsProblems, hasEcsReference } from '../tests/ecs.ts';
import type { NormaliseContext } from './collector.ts';
import { escapeStatement, unescapeStatement } from './mariadb/record.ts';
import { mariadbAudit } from './mariadb-audit.ts';
import { lineCutter } from './reading/lines.ts';

const context: NormaliseContext = { source: 'db9', anchor: '2026-03-04T12:00:00Z', zoneMinutes: 60 };
const bytes = (text: string) => new TextEncoder().encode(text);
const text = (raw: Uint8Array) => new TextDecoder().decode(raw);

function eventOf(line: string) {
  const result = mariadbAudit.normalise(bytes(line), context);
  if ('reject' in result) throw new Error(result.reject);
  return result.event;
}
const HEAD = '20260304 11:00:00,db9,ana,192.0.2.5,7,12';
const query = (sql: string, code = '0') => `${HEAD},QUERY,crm,'${escapeStatement(sql)}',${code}`;
const factsOf = (sql: string) => eventOf(query(sql)).vigia?.['mariadb'] as Record<string, unknown>;
const recordsOf = (file: string) => {
  const cutter = lineCutter(0, 1_048_576, mariadbAudit.framing);
  return [...cutter.push(bytes(file)), ...cutter.end()].map(({ raw }) => text(raw));
};

describe('mariadb-audit', () => {
  it('reads a statement as written down', () => {
    const line = query("GRANT ALL PRIVILEGES ON *.* TO svc@'%' WITH GRANT OPTION");
    expect(eventOf(line)).toEqual({
      '@timestamp': '2026-03-04T10:00:00.000Z',
      event: {
        kind: 'event',
        module: 'mariadb',
        dataset: 'mariadb.audit',
        provider: 'server_audit',
        category: ['database', 'iam'],
        type: ['change', 'admin'],
        action: 'grant',
        outcome: 'success',
        code: '0',
        original: line,
      },
      message: "QUERY crm GRANT ALL PRIVILEGES ON *.* TO svc@'%' WITH GRANT OPTION 0",
      service: { type: 'mariadb' },
      host: { name: 'db9', hostname: 'db9' },
      user: { name: 'ana', target: { name: 'svc' } },
      source: { address: '192.0.2.5', ip: '192.0.2.5' },
      related: { user: ['ana', 'svc'], ip: ['192.0.2.5'], hosts: ['db9'] },
      vigia: {
        logsource: { product: 'mariadb', category: 'database' },
        clock: ['assumed-zone'],
        mariadb: {
          record: 'statement',
          operation: 'QUERY',
          connection_id: '7',
          query_id: '12',
          database: 'crm',
          statement: "GRANT ALL PRIVILEGES ON *.* TO svc@'%' WITH GRANT OPTION",
          query: "GRANT ALL PRIVILEGES ON *.* TO svc@'%' WITH GRANT OPTION",
          privileges: ['all privileges'],
          scope: '*.*',
          target_hosts: ['%'],
          grant_option: true,
        },
      },
    });
  });

  it.each([
    [`${HEAD},CONNECT,crm,,0`, { action: 'database-login', outcome: 'success' }],
    [`${HEAD},FAILED_CONNECT,,,1045`, { action: 'database-login', outcome: 'failure', code: '1045' }],
    [`${HEAD},FAILED_CONNECT,,,4151`, { outcome: 'failure', reason: 'account locked' }],
    [`${HEAD},DISCONNECT,,,0`, { action: 'database-logout' }],
    [`${HEAD},READ,crm,people,`, { action: 'table-read', outcome: 'unknown' }],
    [query('SELECT 1', '1142'), { action: 'permission-denied', outcome: 'failure' }],
    [query('/* x */ dRoP\tTABLE t'), { action: 'drop-table' }],
    [query('SET GLOBAL a = 1'), { action: 'set-global', category: ['database', 'configuration'] }],
    [query(''), { action: 'statement' }],
  ])('understands %s', (line, expected) => {
    expect(eventOf(line).event).toMatchObject(expected);
  });

  it.each([
    ["CREATE USER IF NOT EXISTS 'a'@'h', `b c`", { target_hosts: ['h', '%'] }],
    ['GRANT SELECT (x, y), FILE ON crm.* TO a', { privileges: ['select', 'file'], scope: 'crm.*' }],
    [
      'SET GLOBAL general_log=OFF, server_audit_logging = 0',
      { settings: ['global.general_log=off', 'global.server_audit_logging=0'] },
    ],
    ['SET @@global.general_log := 0', { settings: ['global.general_log=0'] }],
    ["SELECT * FROM t INTO OUTFILE '/srv/x'", { writes_files: ['/srv/x'] }],
    ["LOAD DATA LOCAL INFILE 'c.csv' INTO TABLE t", { query: "LOAD DATA LOCAL INFILE 'c.csv' INTO TABLE t" }],
    ["LOAD DATA INFILE '/srv/y' INTO TABLE t", { reads_files: ['/srv/y'] }],
    ['SELECT LOAD_FILE(0x2f)', { reads_files: ['(computed)'] }],
    ['SELECT/**/1/*!50000 UNION*/ SELECT 2 # x', { query: 'SELECT 1 UNION SELECT 2' }],
  ])('finds the facts of %s', (sql, expected) => {
    expect(factsOf(sql)).toMatchObject(expected);
  });

  it('takes a file of the client for no file of the server', () => {
    expect(factsOf("LOAD DATA LOCAL INFILE 'c.csv' INTO TABLE t")).not.toHaveProperty('reads_files');
  });

  it.each([
    "ALTER USER a IDENTIFIED VIA mysql_native_password USING '@'",
    'CREATE USER a IDENTIFIED BY \'@\', b IDENTIFIED BY "@"',
    "SET PASSWORD = '@'",
    "SET PASSWORD FOR a = PASSWORD('@')",
    "GRANT SELECT ON *.* TO a IDENTIFIED BY 'it\\'s @'",
    "CHANGE MASTER TO MASTER_HOST='h', MASTER_PASSWORD='@'",
    "CREATE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (USER 'u', PASSWORD '@')",
    "INSERT INTO users (name, passwd) VALUES ('n', '@')",
    "UPDATE users SET password = '@' WHERE id = 1",
    "UPDATE mysql.global_priv SET Priv=json_set(Priv,'$.authentication_string','@')",
    "SELECT AES_ENCRYPT('x', '@')",
    "SELECT 1; /*!50000 ALTER */ USER a IDENTIFIED BY '@",
  ])('hides the password of %s in every field', (sql) => {
    const line = query(sql.replaceAll('@', 'Pl4nted'));
    expect(JSON.stringify(eventOf(line))).not.toContain('Pl4nted');
    expect(text(mariadbAudit.mask(bytes(line.slice(0, -1))))).not.toContain('Pl4nted');
  });

  it('gives a statement back as it was escaped', () => {
    const sql = 'a\'b"c\\d\ne\tf';
    expect(unescapeStatement(escapeStatement(sql))).toBe(sql);
    expect(escapeStatement('\n')).toBe('\\n');
  });

  it('makes one refused login of a name that forges lines', () => {
    // As a server wrote them when a client logged in with such names.
    const forged = [
      '20260304 11:00:00,db9,evil,localhost,5,0,CONNECT,,,0,localhost,5,0,FAILED_CONNECT,,,1045',
      '20260304 11:00:00,db9,nl',
      '20260304 11:00:01,db9,root,localhost,4,0,CONNECT,,,0',
      ',localhost,6,0,FAILED_CONNECT,,,1045',
      '20260304 11:00:02,db9,root,localhost,5,0,CONNECT,,,0',
      ',localhost,7,0,FAILED_CONNECT,,,1045',
      '20260304 11:00:00,db9,nl,5',
      '20260304 11:00:03,db9,root,localhost,8,0,FAILED_CONNECT,,,1045',
      `${HEAD},CONNECT,,,0`,
    ];
    const events = recordsOf(`${forged.join('\n')}\n`).map(eventOf);
    expect(events.map(({ event }) => event.outcome)).toEqual([
      'failure',
      'failure',
      'failure',
      'failure',
      'success',
    ]);
    expect(events.map((event) => JSON.stringify(event.vigia).includes('"forged_name":true'))).toEqual([
      true,
      true,
      true,
      true,
      false,
    ]);
  });

  it('gives a statement out at once, and a login with the next line', () => {
    const cutter = lineCutter(0, 1_048_576, mariadbAudit.framing);
    expect(cutter.push(bytes(`${query('SELECT 1')}\n`))).toHaveLength(1);
    expect(cutter.push(bytes(`${HEAD},CONNECT,,,0\n`))).toHaveLength(0);
    expect(cutter.push(bytes(`${query('SELECT 2')}\n`))).toHaveLength(2);
  });

  it.each([
    ['x', 'not the file of the server_audit'],
    ['20260304 11:00:00,db9,ana', 'cut off'],
    [`${HEAD},SING,a,b,`, 'cut off, or of an operation that is not known'],
    [`20261350${HEAD.slice(8)},CONNECT,,,0`, 'no such time'],
  ])('refuses %j and says why', (line, reason) => {
    const result = mariadbAudit.normalise(bytes(line), context);
    expect('reject' in result && result.reject).toContain(reason);
  });

  it('throws at nothing', () => {
    const pieces = [
      "'",
      '"',
      '`',
      '\\',
      '/*',
      '/*!',
      '*/',
      '--',
      '#',
      '(',
      ')',
      '@',
      'GRANT',
      'TO',
      'CREATE USER',
      'SET',
      ';',
      ',',
      '\u0000',
    ];
    for (const first of pieces) {
      for (const second of pieces) {
        expect(() => mariadbAudit.normalise(bytes(query(`${first} ${second}`)), context)).not.toThrow();
        expect(() => mariadbAudit.normalise(bytes(`${HEAD},${first}${second}`), context)).not.toThrow();
      }
    }
    for (const line of [
      query('('.repeat(100_000)),
      `${HEAD},1,1,CONNECT,x${',1,1,CONNECT,x'.repeat(50_000)}`,
      `${HEAD}${',1,1,QUERY,x'.repeat(50_000)}',0`,
    ])
      expect(() => mariadbAudit.normalise(bytes(line), context)).not.toThrow();
  });

  describe.skipIf(!hasCorpus('samples', 'mariadb') || !hasEcsReference())('on the recorded file', () => {
    it('makes an ECS event of every line', () => {
      const problemsOf = ecsProblems();
      const events = recordsOf(
        readFileSync(corpusPath('samples', 'mariadb', 'server_audit.log'), 'utf8'),
      ).map(eventOf);
      expect(events).toHaveLength(134);
      for (const event of events) expect(problemsOf(event)).toEqual([]);
      const failed = events.filter(
        ({ event }) => event.action === 'database-login' && event.outcome === 'failure',
      );
      expect(failed).toHaveLength(10);
    });
  });
});
