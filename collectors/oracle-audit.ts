/**
 * Oracle's unified audit trail, asked for row by row, becomes ECS events. The account of Vigia needs CREATE SESSION and the role
 * AUDIT_VIEWER. Its own questions may be audited: then each look writes a row that the next look reads.
 */
import { collector, type Trail } from './collector.ts';
import { auditEvent, maskFields } from './oracle/event.ts';
import { trailRows } from './statement/trail-row.ts';

const WIDTH = `'YYYY-MM-DD"T"HH24:MI:SS.FF6'`;
/** Longer statements are cut, and say so. */
const MOST_TEXT = 100_000;
const KEY = `t.instance_id || '/' || t.sessionid || '/' || LPAD(t.statement_id, 20, '0') || '/' || LPAD(t.entry_id, 20, '0')`;

/** EVENT_TIMESTAMP_UTC is the column that the trail is partitioned by. An empty text is NULL in Oracle. */
export const unifiedTrail = (table = 'unified_audit_trail'): Trail => ({
  state: `SELECT TO_CHAR(SYS_EXTRACT_UTC(SYSTIMESTAMP), ${WIDTH}) AS now,
    SYS_CONTEXT('USERENV', 'DB_UNIQUE_NAME') || '/' || SYS_CONTEXT('USERENV', 'CON_NAME') AS identity FROM dual`,
  page: `WITH place AS (SELECT TO_TIMESTAMP(:1, ${WIDTH}) AS at, NVL(:2, ' ') AS key FROM dual)
    SELECT TO_CHAR(t.event_timestamp_utc, ${WIDTH}) AS at, ${KEY} AS key, t.audit_type, t.sessionid, t.os_username,
      t.userhost, t.terminal, t.authentication_type, t.dbusername, t.dbproxy_username, t.client_program_name,
      t.client_identifier, t.current_user, t.action_name, t.return_code, t.object_schema, t.object_name, t.target_user,
      t.role, t.system_privilege, t.system_privilege_used, t.object_privileges, t.audit_option, t.unified_audit_policies,
      t.fga_policy_name, t.dp_text_parameters1, t.rman_operation, SUBSTR(t.sql_text, 1, ${MOST_TEXT}) AS sql_text,
      LENGTH(t.sql_text) AS sql_length, SUBSTR(t.sql_binds, 1, ${MOST_TEXT}) AS sql_binds
    FROM ${table} t, place p
    WHERE t.event_timestamp_utc >= p.at AND (t.event_timestamp_utc > p.at OR ${KEY} > p.key)
    ORDER BY t.event_timestamp_utc, key FETCH FIRST :3 ROWS ONLY`,
});

export const oracleAudit = collector({
  id: 'oracle-audit',
  title: 'Oracle unified audit trail',
  summary:
    'Asks UNIFIED_AUDIT_TRAIL (poll.table names another view) of Oracle 19c or later for new rows: logons, statements with their text, ' +
    'privileges used. Not exercised against a live server: tested with a stand-in for the driver that knows only these statements.',
  guarantee:
    'A row is read once, also when it appears late: up to poll.overlapSeconds after its time. Rows purged before they were read are ' +
    'lost. Statements over 100,000 characters are cut and flagged vigia.oracle.statement_truncated.',
  datasets: ['oracle.audit'],
  framing: { kind: 'rows', target: 'oracle', trail: unifiedTrail },
  ...trailRows((column) => column.toLowerCase(), maskFields, auditEvent),
});
