/**
 * SQL Server's audit, asked for with sys.fn_get_audit_file, becomes ECS events. The account of Vigia needs CONTROL SERVER (VIEW
 * SERVER SECURITY AUDIT from 2022 on). A statement over 4,000 characters is several records of one sequence group: each stays one
 * event, and vigia.sqlserver.sequence says which.
 */
import { collector, type Trail } from './collector.ts';
import { auditEvent, maskFields } from './sqlserver/event.ts';
import { trailRows } from './statement/trail-row.ts';

const AT = 'CONVERT(varchar(26), CAST(event_time AS datetime2(6)), 126)';
/** `126` leaves the fraction out when it is nothing. */
const WIDE = `CASE WHEN LEN(${AT}) = 19 THEN ${AT} + '.000000' ELSE ${AT} END`;
/** The offset restarts in every file; its name holds when it was begun. */
const KEY = `RIGHT(file_name, 60) + '/' + RIGHT(REPLICATE('0', 20) + CAST(audit_file_offset AS varchar(20)), 20) + '/' +
  RIGHT('000' + CAST(sequence_number AS varchar(10)), 10)`;
/** Times of audit records have 100 ns, ours have microseconds: both sides are rounded the same way. */
const ROWS = `SELECT ${WIDE} AS at, (${KEY}) COLLATE Latin1_General_BIN2 AS [key], RTRIM(action_id) AS action_id,
  RTRIM(class_type) AS class_type, CAST(succeeded AS int) AS succeeded, session_id, sequence_number AS sequence, database_name,
  schema_name, object_name, server_principal_name, database_principal_name, session_server_principal_name,
  target_server_principal_name, target_database_principal_name, server_instance_name, client_ip, application_name, host_name,
  affected_rows, additional_information, statement
  FROM sys.fn_get_audit_file(a.log_file_path + a.log_file_name_pattern, DEFAULT, DEFAULT) f`;

/** `poll.table` names a view with these columns instead, for audits written elsewhere. */
export const auditTrail = (table?: string): Trail => {
  const rows =
    table === undefined
      ? `SELECT r.* FROM (SELECT log_file_path, LEFT(log_file_name, LEN(log_file_name) - CHARINDEX('_', REVERSE(log_file_name)) - 1)
    + '*.sqlaudit' AS log_file_name_pattern FROM sys.server_file_audits) a CROSS APPLY (${ROWS}) r`
      : `SELECT * FROM ${table}`;
  return {
    state: `SELECT CONVERT(varchar(23), SYSUTCDATETIME(), 126) + '000' AS now, @@SERVERNAME AS [identity]`,
    page: `SELECT TOP (CAST(@p3 AS int)) * FROM (${rows}) t WHERE t.at > @p1 OR (t.at = @p1 AND t.[key] > @p2)
    ORDER BY t.at, t.[key]`,
  };
};

export const sqlserverAudit = collector({
  id: 'sqlserver-audit',
  title: 'SQL Server audit',
  summary:
    'Asks sys.fn_get_audit_file of SQL Server 2017 or later for the records of every file audit (poll.table names a view instead): logins, ' +
    'statements, roles, the audit itself. Not exercised against a live server: tested with a stand-in for the driver that knows only ' +
    'these statements.',
  guarantee:
    'A record is read once, also when it appears late: up to poll.overlapSeconds after its time. Files rolled over and deleted before they ' +
    'were read are lost. The server reads its audit files whole at each look: keep few and small files (MAXSIZE, MAX_ROLLOVER_FILES).',
  datasets: ['sqlserver.audit'],
  framing: { kind: 'rows', target: 'sqlserver', trail: auditTrail },
  ...trailRows((column) => column, maskFields, auditEvent),
});
