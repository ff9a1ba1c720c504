/** SQL Server's audit and ERRORLOG: rows by kind, a stand-in for the driver, UTF-16 however it is cut, planted passwords. */
import { describe, expect, it } from 'vitest';
import type { Row } from '../targets/postgresql.ts';
import { openSqlServer, type SqlServerDriver } from '../targets/sqlserver.ts';
import { ecsProblems, hasEcsReference } from '../tests/ecs.ts';
import { lineCutter } from './reading/lines.ts';
import { sqlReader } from './reading/sql.ts';
import { auditTrail, sqlserverAudit } from './sqlserver-audit.ts';
import { sqlserverErrorlog } from './sqlserver-errorlog.ts';

const context = { source: 'db2', anchor: '2026-03-04T12:00:00Z', zoneMinutes: 0, host: 'db2' };
const bytes = (text: string) => new TextEncoder().encode(text);
const row = {
  at: '2026-03-04T10:00:00.123456',
  key: 'audit_1.sqlaudit/00000000000000001024/0000000001',
  action_id: 'APRL',
  class_type: 'SG',
  succeeded: 1,
  session_id: 61,
  sequence: 1,
  database_name: 'master',
  object_name: 'sysadmin',
  server_principal_name: 'EXAMPLE\\mcosta',
  session_server_principal_name: 'EXAMPLE\\mcosta',
  target_server_principal_name: 'svc_new',
  server_instance_name: 'DB2\\PAY',
  client_ip: '192.0.2.21',
  application_name: 'SQLCMD',
  statement: 'ALTER SERVER ROLE/**/[sysadmin] ADD MEMBER [svc_new]',
};
function eventOf(change: object) {
  const made = sqlserverAudit.normalise(bytes(JSON.stringify({ ...row, ...change })), context);
  if ('reject' in made) throw new Error(made.reject);
  return made.event;
}

describe('a record of the audit', () => {
  it('that adds a member to a role reads as written down', () => {
    expect(eventOf({})).toMatchObject({
      '@timestamp': '2026-03-04T10:00:00.123Z',
      event: {
        dataset: 'sqlserver.audit',
        action: 'add-role-member',
        outcome: 'success',
        code: 'APRL',
        category: ['database', 'iam'],
      },
      user: { name: 'EXAMPLE\\mcosta', target: { name: 'svc_new' } },
      source: { address: '192.0.2.21', ip: '192.0.2.21' },
      host: { name: 'DB2' },
      vigia: {
        logsource: { product: 'mssql', category: 'database' },
        sqlserver: {
          object: 'sysadmin',
          program: 'SQLCMD',
          database: 'master',
          query: 'ALTER SERVER ROLE [sysadmin] ADD MEMBER [svc_new]',
        },
      },
    });
  });

  it.each([
    [
      { action_id: 'LGIF', class_type: 'LX', succeeded: 0 },
      { action: 'database-login', outcome: 'failure' },
    ],
    [
      { action_id: 'LGIS', class_type: 'LX' },
      { action: 'database-login', outcome: 'success' },
    ],
    [
      { action_id: 'CR', class_type: 'SL' },
      { action: 'create-login', category: ['database', 'iam'] },
    ],
    [
      { action_id: 'DR', class_type: 'A ' },
      { action: 'drop-audit', category: ['database', 'configuration'] },
    ],
    [{ action_id: 'AUSC' }, { action: 'audit-session-changed' }],
    [
      { action_id: 'SL', class_type: 'U', succeeded: 0 },
      { action: 'permission-denied', type: ['error'] },
    ],
    [
      { action_id: 'SL', class_type: 'U' },
      { action: 'select', type: ['access'] },
    ],
    [{ action_id: 'PWRS' }, { action: 'alter-login-password' }],
    [{ action_id: 'ZZZ' }, { action: 'audit-zzz', type: ['info'] }],
    [{ action_id: 'constructor', class_type: 'toString' }, { action: 'audit-constructor' }],
  ])('%j is understood', (change, expected) => {
    expect(eventOf(change).event).toMatchObject(expected);
  });

  it('says when it holds only a part of its statement', () => {
    const facts = (change: object) => eventOf(change).vigia?.['sqlserver'];
    expect(facts({ statement: 'x'.repeat(4_000) })).toMatchObject({ statement_truncated: true, sequence: 1 });
    expect(facts({ sequence: 2 })).toMatchObject({ statement_truncated: true, sequence: 2 });
    expect(facts({})).not.toHaveProperty('statement_truncated');
  });

  it('takes an address only for an address', () => {
    expect(eventOf({ client_ip: 'local machine' }).source).toEqual({ address: 'local machine' });
  });

  it.each([
    ['x', 'no JSON'],
    ['{"action_id":"SL"}', 'has no time'],
    ['{"at":"2026-03-04T10:00:00.000000"}', 'names no action_id'],
  ])('%s is refused with the reason', (text, reason) => {
    expect(sqlserverAudit.normalise(bytes(text), context)).toEqual({
      reject: expect.stringContaining(reason),
    });
  });
});

const planted = 'Pl4nted-Secret';
it.each([
  "CREATE LOGIN a WITH PASSWORD = '@'",
  "ALTER LOGIN a WITH PASSWORD = N'@' OLD_PASSWORD = N'@'",
  'CREATE LOGIN a WITH PASSWORD = 0x0200AB@ HASHED',
  "ALTER LOGIN a WITH PASSWORD/**/=/**/'it''s @'",
  "CREATE CREDENTIAL c WITH IDENTITY = 'u', SECRET = '@'",
  "EXEC('ALTER LOGIN a WITH PASSWORD = ''@''')",
  "EXEC sp_addlogin 'a', '@'",
  "EXEC sp_password '@', '@', 'a'",
  "EXEC sp_addlinkedsrvlogin @rmtsrvname='s', @rmtuser='u', @rmtpassword='@'",
  "SELECT * FROM OPENROWSET('SQLNCLI', 'Server=s;Uid=u;Pwd=@;', 'SELECT 1')",
  "OPEN SYMMETRIC KEY k DECRYPTION BY PASSWORD = '@'",
  "SELECT HASHBYTES('SHA2_256', '@')",
  "INSERT INTO users (name, [password]) VALUES ('n', '@')",
])('hides the secret of %s', (template) => {
  const statement = template.replaceAll('@', planted).replaceAll(/Pl4nted-Secret(?=rmt)/g, '@');
  const raw = bytes(JSON.stringify({ ...row, statement }));
  expect(JSON.stringify(eventOf({ statement }))).not.toContain(planted);
  expect(new TextDecoder().decode(sqlserverAudit.mask(raw))).not.toContain(planted);
  expect(new TextDecoder().decode(sqlserverAudit.mask(raw.subarray(3)))).not.toContain(planted);
});

describe('asking SQL Server', () => {
  const settings = {
    kind: 'sqlserver',
    url: 'sqlserver://vigia@db2.example.test:1433/master',
    passwordEnv: 'VIGIA_TEST_MSSQL',
  } as const;
  const fails = (number: number, message: string) => Object.assign(new Error(message), { number });
  const rows: Row[] = [row, { ...row, at: '2026-03-04T10:00:01.000000', action_id: 'LGIS' }];

  /** A stand-in for the driver that knows our two statements and refuses all others. */
  const stub = (fault?: Error): SqlServerDriver => ({
    async connect(options) {
      if (options['password'] !== 'right') throw fails(18_456, "Login failed for user 'vigia'.");
      expect(options).toMatchObject({ options: { encrypt: true, trustServerCertificate: false } });
      return {
        async query(sql, [at, key, limit]) {
          if (fault) throw fault;
          if (sql === auditTrail().state)
            return [{ now: '2026-03-04T12:00:00.000000', identity: 'DB2\\PAY' }];
          if (sql !== auditTrail().page) throw fails(102, 'Incorrect syntax');
          return rows.filter((one) => `${one['at']} ${one['key']}` > `${at} ${key}`).slice(0, Number(limit));
        },
        close: async () => undefined,
      };
    },
  });
  async function read(password: string, fault?: Error): Promise<string[]> {
    process.env['VIGIA_TEST_MSSQL'] = password;
    const open = () => openSqlServer('db2', settings, async () => stub(fault));
    const reader = sqlReader(auditTrail(), open, { everyMs: 1, overlapMs: 60_000, pageRows: 1 });
    const options = {
      signal: new AbortController().signal,
      until: 'end' as const,
      batchBytes: 1,
      maxRecordBytes: 1e6,
    };
    const seen: string[] = [];
    for await (const { records } of reader(undefined, { ...options, warn: () => undefined }))
      for (const { raw } of records)
        seen.push(eventOf(JSON.parse(new TextDecoder().decode(raw))).event.action!);
    return seen;
  }

  it('gives the records page by page', async () => {
    expect(await read('right')).toEqual(['add-role-member', 'database-login']);
  });

  it.each([
    [fails(300, 'VIEW SERVER SECURITY AUDIT permission was denied'), 'CONTROL SERVER'],
    [fails(229, 'The SELECT permission was denied'), 'grant'],
    [fails(1205, 'Transaction was deadlocked'), undefined],
  ])('says what failed on %s', async (fault, hint) => {
    const failure = await read('right', fault).catch((cause: unknown) => cause);
    expect(failure).toMatchObject({
      exitCode: 3,
      message: expect.stringContaining(fault.message.slice(0, 20)),
    });
    if (hint !== undefined) expect(failure).toMatchObject({ hint: expect.stringContaining(hint) });
  });

  it('names the account that could not log on, never the password', async () => {
    const failure: unknown = await read('wrong-planted').catch((cause: unknown) => cause);
    expect(failure).toMatchObject({ exitCode: 3, hint: expect.stringContaining('check the account') });
    expect(JSON.stringify(failure, Object.getOwnPropertyNames(failure))).not.toContain('planted');
  });

  it('finds the real driver, which cannot reach a closed port', async () => {
    process.env['VIGIA_TEST_MSSQL'] = 'right';
    const closed = { ...settings, url: 'sqlserver://vigia@127.0.0.1:9/master', timeoutMs: 2_000 };
    await expect(openSqlServer('db2', closed)).rejects.toMatchObject({
      exitCode: 3,
      message: expect.stringContaining('logon as vigia'),
    });
  });
});

describe('ERRORLOG', () => {
  const LOG = `2026-03-04 10:00:00.12 Logon       Error: 18456, Severity: 14, State: 8.\r
2026-03-04 10:00:00.12 Logon       Login failed for user 'josé'. Reason: Password did not match that for the login provided. [CLIENT: 192.0.2.66]\r
2026-03-04 10:00:01.00 spid61      Configuration option 'xp_cmdshell' changed from 0 to 1. Run the RECONFIGURE statement to install.\r
2026-03-04 10:00:02.00 Server      Microsoft SQL Server 2019 \u0a41\u010a\r
\tCopyright\r
2026-03-04 10:00:03.00 spid7s      SQL Server is now ready for client connections.\r
`;
  const wide = (text: string) => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]);

  function events(file: Uint8Array, pieceBytes: number) {
    const cutter = lineCutter(0, 1_048_576, sqlserverErrorlog.framing);
    const records = [];
    for (let at = 0; at < file.length; at += pieceBytes)
      records.push(...cutter.push(file.subarray(at, at + pieceBytes)));
    return [...records, ...cutter.end()].map(({ raw }) => {
      const made = sqlserverErrorlog.normalise(raw, context);
      if ('reject' in made) throw new Error(made.reject);
      return made.event;
    });
  }

  it.each([1, 7, 100_000])('in UTF-16 gives its records, read in pieces of %d bytes', (pieceBytes) => {
    const found = events(wide(LOG), pieceBytes);
    expect(found.map(({ event }) => event.action)).toEqual([
      'server-message',
      'database-login',
      'option-changed',
      'server-message',
      'server-started',
    ]);
    expect(found[0]!.event.code).toBe('18456');
    expect(found[1]).toMatchObject({
      user: { name: 'josé' },
      source: { ip: '192.0.2.66' },
      event: { outcome: 'failure', reason: 'Password did not match that for the login provided.' },
    });
    expect(found[2]!.vigia).toMatchObject({
      clock: ['assumed-zone'],
      sqlserver: { settings: ['xp_cmdshell=1'] },
    });
    expect(found[3]!.message).toBe('Microsoft SQL Server 2019 \u0a41\u010a\r\n\tCopyright');
  });

  it('in UTF-8 gives the same', () => {
    const same = (file: Uint8Array) =>
      events(file, 100_000).map(({ event: { original: _, ...event }, ...rest }) => ({
        ...rest,
        event,
        message: rest.message!.replaceAll('\r', ''),
      }));
    expect(same(bytes(LOG))).toEqual(same(wide(LOG)));
  });

  it('refuses what has no time', () => {
    expect(sqlserverErrorlog.normalise(bytes('x'), context)).toHaveProperty('reject');
  });

  it.skipIf(!hasEcsReference())('conforms to ECS, as the audit does', () => {
    const problemsOf = ecsProblems();
    for (const event of [
      ...events(wide(LOG), 1_000),
      eventOf({}),
      eventOf({ action_id: 'LGIF', succeeded: 0 }),
    ])
      expect(problemsOf(event)).toEqual([]);
  });
});
