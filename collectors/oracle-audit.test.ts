/** Oracle's audit trail: rows and files against the documented columns, a stand-in for the driver, planted passwords. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type OracleDriver, openOracle } from '../targets/oracle.ts';
import type { Row } from '../targets/postgresql.ts';
import { ecsProblems, hasEcsReference } from '../tests/ecs.ts';
import type { Collector } from './collector.ts';
import { oracleAudit, unifiedTrail } from './oracle-audit.ts';
import { oracleAuditFile } from './oracle-audit-file.ts';
import { lineCutter } from './reading/lines.ts';
import { sqlReader } from './reading/sql.ts';

const context = { source: 'pay', anchor: '2026-03-04T12:00:00Z', zoneMinutes: 0, host: 'pay1' };
const bytes = (text: string) => new TextEncoder().encode(text);
const shown = (raw: Uint8Array) => new TextDecoder().decode(raw);
const rows = readFileSync(join(import.meta.dirname, 'testdata/oracle-audit/rows.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Record<string, unknown>);

function eventOf(one: Collector, text: string) {
  const made = one.normalise(bytes(text), context);
  if ('reject' in made) throw new Error(made.reject);
  return made.event;
}
const rowEvent = (change: object) => eventOf(oracleAudit, JSON.stringify({ ...rows[1], ...change }));
const factsOf = (change: object) => rowEvent(change).vigia?.['oracle'] as Record<string, unknown>;

describe('a row of the unified audit trail', () => {
  it('that refuses a logon reads as written down', () => {
    expect(eventOf(oracleAudit, JSON.stringify(rows[0]))).toMatchObject({
      '@timestamp': '2026-03-04T10:00:00.123Z',
      event: {
        dataset: 'oracle.audit',
        category: ['authentication'],
        type: ['start'],
        action: 'database-login',
        outcome: 'failure',
        code: '1017',
        reason: 'wrong password or unknown account',
      },
      user: { name: 'MCOSTA' },
      source: { address: '192.0.2.21', ip: '192.0.2.21', port: 40_021 },
      host: { name: 'pay1' },
      related: { user: ['MCOSTA'], ip: ['192.0.2.21'], hosts: ['pay1'] },
      vigia: {
        logsource: { product: 'oracle', category: 'database' },
        oracle: {
          record: 'login',
          os_user: 'mcosta',
          client_host: 'ws9',
          program: 'sqlplus@ws9',
          authentication: 'DATABASE',
          policies: ['ORA_LOGON_FAILURES'],
        },
      },
    });
  });

  it('tells who got which role by which privilege, whatever the spelling', () => {
    const event = rowEvent({});
    expect(event).toMatchObject({
      event: { action: 'grant', outcome: 'success' },
      user: { target: { name: 'SVC_NEW' } },
    });
    expect(event.vigia?.['oracle']).toMatchObject({
      roles: ['DBA'],
      privileges_used: ['GRANT ANY ROLE', 'SYSDBA'],
    });
    expect(factsOf({ sql_text: 'GRANT/* x */DBA\n  TO -- y\n svc', sql_length: 27 })).toMatchObject({
      query: 'GRANT DBA TO svc',
    });
  });

  it.each([
    [
      'ALTER USER',
      { object_name: 'SYS', target_user: null },
      { action: 'alter-user', category: ['database', 'iam'] },
      'SYS',
    ],
    ['NOAUDIT', {}, { action: 'noaudit', category: ['database', 'configuration'] }, 'SVC_NEW'],
    ['SELECT', { return_code: 1031 }, { action: 'permission-denied', outcome: 'failure' }, 'SVC_NEW'],
    ['SELECT', { return_code: 942 }, { action: 'select', outcome: 'failure', type: ['access'] }, 'SVC_NEW'],
    ['LOGOFF BY CLEANUP', {}, { action: 'database-logout', category: ['session'] }, 'SVC_NEW'],
    ['EXPORT', { return_code: null }, { action: 'export', outcome: 'unknown' }, 'SVC_NEW'],
  ])('of %s is understood', (action_name, change, expected, target) => {
    const event = rowEvent({ action_name, ...change });
    expect(event.event).toMatchObject(expected);
    expect(event.user?.target?.name).toBe(target);
  });

  it('says when its statement was cut', () => {
    expect(factsOf({ sql_text: 'SELECT 1', sql_length: 200_000 })).toMatchObject({
      statement_truncated: true,
      statement_length: 200_000,
    });
    expect(factsOf({ sql_text: 'SELECT 1', sql_length: 8 })).not.toHaveProperty('statement_truncated');
  });

  it.each([
    ['x', 'no JSON'],
    ['[1]', 'no JSON object'],
    ['{"action_name":"GRANT"}', 'has no time'],
    ['{"at":"2026-03-04T10:00:00.000000"}', 'names no action'],
  ])('%s is refused with the reason', (text, reason) => {
    expect(oracleAudit.normalise(bytes(text), context)).toEqual({ reject: expect.stringContaining(reason) });
  });

  it.skipIf(!hasEcsReference())('conforms to ECS', () => {
    const problemsOf = ecsProblems();
    for (const row of rows) expect(problemsOf(eventOf(oracleAudit, JSON.stringify(row)))).toEqual([]);
  });
});

const planted = 'Pl4nted-Secret';
const SECRETS = [
  'CREATE USER a IDENTIFIED BY "@"',
  'CREATE USER a IDENTIFIED BY @',
  "ALTER USER a IDENTIFIED/**/BY VALUES 'S:@'",
  'ALTER USER a IDENTIFIED BY "new" REPLACE "@"',
  'BEGIN EXECUTE IMMEDIATE \'ALTER USER a IDENTIFIED BY "@"\'; END;',
  "BEGIN EXECUTE IMMEDIATE 'ALTER USER a IDENTIFIED BY VALUES ''@'''; END;",
  "CREATE DATABASE LINK l CONNECT TO u IDENTIFIED BY @ USING 'db'",
  "BEGIN pkg.login(p_password => '@'); END;",
  "DECLARE v_pwd varchar2(9) := '@'; BEGIN NULL; END;",
  "UPDATE users SET password = '@' WHERE id = 1",
  "UPDATE users SET password = q'[@]'",
  "INSERT INTO users (name, passwd) VALUES ('n', '@')",
  "SELECT DBMS_CRYPTO.HASH(UTL_RAW.CAST_TO_RAW('@'), 4) FROM dual",
  "BEGIN utl_http.set_wallet('file:/w', password => '@'); END;",
  'ADMINISTER KEY MANAGEMENT SET KEYSTORE OPEN IDENTIFIED BY "@"',
];
describe.each(SECRETS)('the secret of %s', (template) => {
  const sql = template.replaceAll('@', planted);
  it('is hidden in events and dead letters', () => {
    const row = JSON.stringify({ ...rows[1], sql_text: sql, sql_binds: ` #1(5):${planted}` });
    const withoutBinds = JSON.stringify({ ...rows[1], sql_text: sql });
    expect(JSON.stringify(eventOf(oracleAudit, withoutBinds))).not.toContain(planted);
    expect(shown(oracleAudit.mask(bytes(withoutBinds)))).not.toContain(planted);
    expect(shown(oracleAudit.mask(bytes(row.slice(5))))).not.toContain(planted);
    const xml = `<AuditRecord><Extended_Timestamp>2026-03-04T10:00:00Z</Extended_Timestamp><Action>43</Action><Sql_Text>${sql.replaceAll('"', '&quot;').replaceAll("'", '&apos;')}</Sql_Text></AuditRecord>`;
    expect(JSON.stringify(eventOf(oracleAuditFile, xml))).not.toContain(planted);
    expect(shown(oracleAuditFile.mask(bytes(xml.slice(20))))).not.toContain(planted);
  });
});

it('hides bound values of a statement about secrets', () => {
  const facts = factsOf({ sql_text: 'UPDATE users SET password = :1', sql_binds: ` #1(9):${planted}` });
  expect(JSON.stringify(facts)).not.toContain(planted);
  expect(factsOf({ sql_text: 'SELECT :1 FROM dual', sql_binds: ' #1(1):7' })).toMatchObject({
    binds: ' #1(1):7',
  });
});

describe('audit files', () => {
  const XML = `<?xml version="1.0" encoding="UTF-8"?>
<Audit xmlns="http://xmlns.oracle.com/oracleas/schema/dbserver_audittrail-11_2.xsd">
   <Version>11.2</Version>
<AuditRecord><Audit_Type>1</Audit_Type><Session_Id>700</Session_Id><Extended_Timestamp>2026-03-04T10:00:00.187000Z</Extended_Timestamp><DB_User>MCOSTA</DB_User><OS_User>mcosta</OS_User><Userhost>ws9</Userhost><Action>100</Action><Returncode>1017</Returncode></AuditRecord>
<AuditRecord><Audit_Type>1</Audit_Type><Extended_Timestamp>2026-03-04T10:00:01.000000Z</Extended_Timestamp><DB_User>MCOSTA</DB_User><Action>3</Action><Returncode>0</Returncode><Sql_Text>SELECT 1
FROM t WHERE a &lt; 2</Sql_Text></AuditRecord>
</Audit>
`;
  const recordsOf = (text: string) => {
    const cutter = lineCutter(0, 1_048_576, oracleAuditFile.framing);
    return [...cutter.push(bytes(text)), ...cutter.end()].map(({ raw }) => shown(raw));
  };

  it('in XML give their records, the head of the file with the first', () => {
    const events = recordsOf(XML).map((record) => eventOf(oracleAuditFile, record));
    expect(events.map(({ event }) => [event.action, event.outcome])).toEqual([
      ['database-login', 'failure'],
      ['select', 'success'],
    ]);
    expect(events[0]).toMatchObject({
      '@timestamp': '2026-03-04T10:00:00.187Z',
      user: { name: 'MCOSTA' },
      source: { domain: 'ws9' },
    });
    expect(events[1]!.vigia?.['oracle']).toMatchObject({ query: 'SELECT 1 FROM t WHERE a < 2' });
  });

  it('of syslog give their key fields', () => {
    const line =
      'Mar  4 10:00:00 pay1 journal: Oracle Unified Audit[5101]: LENGTH: \'180\' TYPE:"4" DBID:"27421" SESID:"700" CLIENTID:"" ENTRYID:"1" STMTID:"1" DBUSER:"MCOSTA" CURUSER:"MCOSTA" ACTION:"51" RETCODE:"0" SCHEMA:"" OBJNAME:"SVC_NEW" PDB_GUID:"86B2"';
    expect(eventOf(oracleAuditFile, line)).toMatchObject({
      '@timestamp': '2026-03-04T10:00:00.000Z',
      event: { action: 'create-user', outcome: 'success' },
      user: { name: 'MCOSTA', target: { name: 'SVC_NEW' } },
    });
  });

  it('refuse what is neither', () => {
    expect(oracleAuditFile.normalise(bytes('<AuditRecord><x>'), context)).toHaveProperty('reject');
  });
});

/** A stand-in for the driver: it knows our two statements and refuses all others, as a server would refuse what is no SQL. */
function stubDriver(
  found: Row[],
  fault?: string,
): { driver: () => Promise<OracleDriver>; asked: unknown[][] } {
  const asked: unknown[][] = [];
  const trail = unifiedTrail();
  const upper = (row: Row) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [name.toUpperCase(), value]));
  const driver: OracleDriver = {
    async getConnection(options) {
      if (options['password'] !== 'right')
        throw new Error('ORA-01017: invalid username/password; logon denied');
      return {
        callTimeout: 0,
        async execute(sql, binds) {
          asked.push([sql === trail.state ? 'state' : 'page', ...binds]);
          if (fault !== undefined) throw new Error(fault);
          if (sql === trail.state)
            return { rows: [{ NOW: '2026-03-04T12:00:00.000000', IDENTITY: 'PAY/PDB1' }] };
          if (sql !== trail.page) throw new Error('ORA-00900: invalid SQL statement');
          const [at, key, limit] = binds;
          const after = found.filter((row) => `${row['at']} ${row['key']}` > `${at} ${key}`);
          return { rows: after.slice(0, Number(limit)).map(upper) };
        },
        close: async () => undefined,
      };
    },
  };
  return { driver: async () => driver, asked };
}

describe('asking Oracle', () => {
  const settings = {
    kind: 'oracle',
    connect: 'tcps://pay.example.test:2484/PAY',
    user: 'VIGIA',
    passwordEnv: 'VIGIA_TEST_ORACLE',
  } as const;
  const read = async (password: string, fault?: string) => {
    process.env['VIGIA_TEST_ORACLE'] = password;
    const { driver, asked } = stubDriver(rows, fault);
    const reader = sqlReader(unifiedTrail(), () => openOracle('pay', settings, driver), {
      everyMs: 1,
      overlapMs: 60_000,
      pageRows: 1,
    });
    const actions: string[] = [];
    const options = {
      signal: new AbortController().signal,
      until: 'end' as const,
      batchBytes: 1,
      maxRecordBytes: 1e6,
    };
    for await (const { records } of reader(undefined, { ...options, warn: () => undefined }))
      for (const { raw } of records) actions.push(eventOf(oracleAudit, shown(raw)).event.action!);
    return { actions, asked };
  };

  it('gives the rows page by page', async () => {
    const { actions, asked } = await read('right');
    expect(actions).toEqual(['database-login', 'grant']);
    expect(asked.map(([what]) => what)).toEqual(['state', 'page', 'page', 'page']);
  });

  it.each([
    ['ORA-00942: table or view does not exist', 'AUDIT_VIEWER'],
    ['ORA-01031: insufficient privileges', 'AUDIT_VIEWER'],
    ['ORA-03113: end-of-file on communication channel', undefined],
    ['ORA-01555: snapshot too old: rollback segment number with name "" too small', undefined],
    ['NJS-500: connection to host pay.example.test port 2484 terminated unexpectedly', undefined],
  ])('says what failed on %s', async (fault, hint) => {
    const failure = await read('right', fault).catch((cause: unknown) => cause);
    expect(failure).toMatchObject({ exitCode: 3, message: expect.stringContaining(fault.slice(0, 9)) });
    if (hint !== undefined) expect(failure).toMatchObject({ hint: expect.stringContaining(hint) });
  });

  it('names the account that could not log on, never the password', async () => {
    const failure: unknown = await read('wrong-planted').catch((cause: unknown) => cause);
    expect(failure).toMatchObject({ exitCode: 3, hint: expect.stringContaining('check the account') });
    expect(JSON.stringify(failure, Object.getOwnPropertyNames(failure))).not.toContain('planted');
  });

  it('refuses plain connections to other machines', async () => {
    const plain = { ...settings, connect: 'tcp://pay.example.test:1521/PAY' };
    await expect(openOracle('pay', plain, stubDriver([]).driver)).rejects.toThrow('not encrypted');
  });

  it('finds the real driver, which cannot reach a closed port', async () => {
    process.env['VIGIA_TEST_ORACLE'] = 'right';
    const closed = { ...settings, connect: 'tcp://127.0.0.1:9/PAYMENTS', timeoutMs: 2_000 };
    await expect(openOracle('pay', closed)).rejects.toMatchObject({
      exitCode: 3,
      message: expect.stringContaining('NJS-'),
    });
  });
});
