/** Answers as Oracle Database 19c documents them, for one account that the test looks into. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Row } from '../../targets/postgresql.ts';
import type { TargetsSettings } from '../../targets/settings.ts';
import { type Answer, oracleError, type RecordedDatabase, recordedOracle } from './recorded-database.ts';

export interface OracleState {
  name: string;
  status: string;
  common: 'YES' | 'NO';
  inherited: 'YES' | 'NO';
  maintained: 'Y' | 'N';
  authentication: string;
  secretSince: string;
  secret: string;
  /** After a change of the secret the old one goes on working. */
  rollsOver: boolean;
  /** `sid,serial,@instance` → how `KILL` of it ends. */
  sessions: Map<string, 'ends' | 'is gone' | 'is marked'>;
  system: Row[];
  roles: Row[];
  objects: Row[];
  columns: Row[];
  proxies: Row[];
  powers: Row[];
  jobs: number;
  givenToOthers: number;
}

export interface OracleRecord extends RecordedDatabase {
  readonly account: OracleState;
  readonly targets: TargetsSettings;
  readonly handover: string;
  close(): void;
}

const READ = `SELECT username AS name, TO_CHAR(user_id) AS id, account_status AS status, common, inherited,
  oracle_maintained AS maintained, authentication_type AS authentication,
  TO_CHAR(password_change_date, 'YYYY-MM-DD HH24:MI:SS') AS secret_since FROM dba_users`;
const LIVE = `SELECT inst_id AS instance, sid, serial# AS serial, machine, program FROM gv$session
  WHERE type = 'USER' AND username = :1 AND status <> 'KILLED' ORDER BY inst_id, sid`;
const REMOTE = 'Va1-oracle-secret';

/** `changes` are the statements that the test expects to be sent, with their effect. */
export function oracleRecord(
  given: Partial<OracleState>,
  changes: (account: OracleState) => Readonly<Record<string, Answer>>,
): OracleRecord {
  process.env['VIGIA_TEST_ORACLE'] = REMOTE;
  const handover = mkdtempSync(join(tmpdir(), 'vigia-oracle-'));
  const account: OracleState = {
    name: 'PAYMENTS_ADMIN',
    status: 'OPEN',
    common: 'NO',
    inherited: 'NO',
    maintained: 'N',
    authentication: 'PASSWORD',
    secretSince: '2026-03-01 08:00:00',
    secret: 'known to others',
    rollsOver: false,
    sessions: new Map(),
    system: [],
    roles: [],
    objects: [],
    columns: [],
    proxies: [],
    powers: [],
    jobs: 0,
    givenToOthers: 0,
    ...given,
  };
  const shown = () => ({
    name: account.name,
    id: '117',
    status: account.status,
    common: account.common,
    inherited: account.inherited,
    maintained: account.maintained,
    authentication: account.authentication,
    secret_since: account.secretSince,
  });
  const kills = Object.fromEntries(
    [...account.sessions].map(([session, how]) => [
      `ALTER SYSTEM KILL SESSION '${session}' IMMEDIATE`,
      () => {
        account.sessions.delete(session);
        if (how === 'is gone') throw oracleError(30, 'User session ID does not exist.');
        if (how === 'is marked') throw oracleError(31, 'session marked for kill');
      },
    ]),
  );
  const database = recordedOracle({
    logon(user, secret) {
      if (user === 'VIGIA' && secret === REMOTE) return;
      if (user !== `"${account.name}"`) throw oracleError(1017, 'invalid username/password; logon denied');
      if (account.status.includes('LOCKED')) throw oracleError(28_000, 'The account is locked.');
      if (secret !== account.secret) throw oracleError(1017, 'invalid username/password; logon denied');
      if (account.status === 'EXPIRED') throw oracleError(28_001, 'the password has expired');
    },
    record: {
      'SELECT TO_CHAR(con_dbid) AS id FROM v$database': () => [{ id: '2839001122' }],
      [`${READ} WHERE username IN (:1, UPPER(:2))`]: ([written]) =>
        String(written).toUpperCase() === account.name ? [shown()] : [],
      [`${READ} WHERE username = :1 AND user_id = TO_NUMBER(:2)`]: ([name, id]) =>
        name === account.name && id === '117' ? [shown()] : [],
      [`SELECT COUNT(*) AS jobs FROM dba_scheduler_jobs WHERE owner = :1 AND enabled = 'TRUE'`]: () => [
        { jobs: account.jobs },
      ],
      [LIVE]: ([name]) =>
        name !== account.name
          ? []
          : [...account.sessions.keys()].map((session) => {
              const [sid, serial, instance] = session.split(/,@?/).map(Number);
              return { sid, serial, instance, machine: 'ws9', program: 'sqlplus@ws9' };
            }),
      'SELECT privilege, admin_option AS admin, common, inherited FROM dba_sys_privs WHERE grantee = :1 ORDER BY privilege':
        () => account.system,
      [`SELECT granted_role AS role, admin_option AS admin, delegate_option AS delegates, default_role AS is_default,
         common, inherited FROM dba_role_privs WHERE grantee = :1 ORDER BY granted_role`]: () =>
        account.roles,
      [`SELECT owner, table_name AS object, type, privilege, grantable, hierarchy, common, inherited
         FROM dba_tab_privs WHERE grantee = :1 ORDER BY owner, table_name, privilege`]: () => account.objects,
      [`SELECT owner, table_name AS object, column_name AS col, privilege, grantable, common, inherited
         FROM dba_col_privs WHERE grantee = :1 ORDER BY owner, table_name, column_name, privilege`]: () =>
        account.columns,
      'SELECT client, authentication, authorization_constraint AS how, role FROM dba_proxies WHERE proxy = :1 ORDER BY client, role':
        () => account.proxies,
      'SELECT sysdba, sysoper, sysbackup, sysdg, syskm, sysasm FROM v$pwfile_users WHERE username = :1': () =>
        account.powers,
      'SELECT COUNT(*) AS given FROM dba_tab_privs WHERE grantor = :1 AND owner <> :2': () => [
        { given: account.givenToOthers },
      ],
      ...kills,
      ...changes(account),
    },
  });
  return Object.assign(database, {
    account,
    handover,
    targets: {
      oracle: {
        kind: 'oracle' as const,
        connect: 'tcps://pay.example.test:2484/PAY',
        user: 'VIGIA',
        passwordEnv: 'VIGIA_TEST_ORACLE',
        handover,
      },
    },
    close() {
      delete process.env['VIGIA_TEST_ORACLE'];
      rmSync(handover, { recursive: true });
    },
  });
}
